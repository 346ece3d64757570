"""What all commands share: one line for an error, and help on PRESET."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

PRESET_HELP = "PRESET is a name that `rnnzoo list` shows, or a folder of your own."


def reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turns errors that the library explains into one line and exit code 1."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads on
        except (ImportError, OSError, TypeError, ValueError) as error:
            raise click.ClickException(str(error)) from error

    return wrapper
