"""TensorFlow without its start-up chatter."""

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_SILENT = 3  # of TensorFlow's levels, from 0: nothing but what ends the process


def hush_absl() -> None:
    """Keeps the warnings of TensorFlow Datasets and its like to themselves."""
    logging.getLogger("absl").setLevel(logging.ERROR)


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow for a program, which has its own way of telling things."""
    hush_absl()
    hush_tensorflow()


def hush_tensorflow() -> None:
    """Imports TensorFlow and keeps what it writes to the error stream to itself.

    A user who set `TF_CPP_MIN_LOG_LEVEL` below 3 sees what is asked for. The messages
    come from C++ before TensorFlow reads that level, so only the file descriptor can
    hold them back. If the import fails they are shown. Nothing happens if TensorFlow
    is imported already.
    """
    if "tensorflow" in sys.modules:
        return
    with _without_collecting():
        _import_hushed()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keeps Python from looking for garbage: among the hundreds of thousands of objects
    of an import there is next to none, and to look takes a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _import_hushed() -> None:
    if _is_level_set():
        import tensorflow

        return
    os.environ[_LEVEL] = str(_SILENT)
    try:
        sys.stderr.flush()
        error_stream = os.dup(2)
    except (AttributeError, OSError, ValueError):  # there is none to keep clean
        import tensorflow

        return
    with tempfile.TemporaryFile() as chatter:
        os.dup2(chatter.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            chatter.seek(0)
            os.write(error_stream, chatter.read())
            raise
        finally:
            os.dup2(error_stream, 2)
            os.close(error_stream)


def _is_level_set() -> bool:
    """Whether a user wants to see messages. JAX sets the level to 1, unasked."""
    level = os.environ.get(_LEVEL, "")
    if not level or (level == "1" and "jax" in sys.modules):
        return False
    return not (level.isdecimal() and int(level) >= _SILENT)
