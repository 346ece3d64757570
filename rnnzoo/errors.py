"""What commands do with errors."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click


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
