"""TensorFlow without its start-up messages."""

import gc
import logging
import os
import sys
import tempfile

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_SILENT = 3  # of TensorFlow's levels, from 0: fatal errors only


def hush_absl() -> None:
    """Hides the warnings of TensorFlow Datasets and other users of Abseil's log."""
    logging.getLogger("absl").setLevel(logging.ERROR)


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow for a program that prints its own messages."""
    hush_absl()
    hush_tensorflow()


def hush_tensorflow() -> None:
    """Imports TensorFlow and hides what it writes to the error stream.

    Its C++ code writes before it reads `TF_CPP_MIN_LOG_LEVEL`, so only the file
    descriptor can be held back. If the import fails, the messages are shown. Nothing
    happens if TensorFlow is already imported, or if the user set a level below 3.
    """
    if "tensorflow" in sys.modules or _is_level_set():
        return
    os.environ[_LEVEL] = str(_SILENT)
    try:
        sys.stderr.flush()
        error_stream = os.dup(2)
    except (AttributeError, OSError, ValueError):  # there is no error stream
        return
    # Garbage collection takes a sixth of the time of the import and finds nothing.
    was_enabled = gc.isenabled()
    gc.disable()
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            messages.seek(0)
            os.write(error_stream, messages.read())
            raise
        finally:
            os.dup2(error_stream, 2)
            os.close(error_stream)
            if was_enabled:
                gc.enable()


def _is_level_set() -> bool:
    # JAX sets the level to 1, unasked.
    level = os.environ.get(_LEVEL, "")
    if not level or (level == "1" and "jax" in sys.modules):
        return False
    return not (level.isdecimal() and int(level) >= _SILENT)
