"""TensorFlow without its start-up chatter, for programs."""

import logging
import os
import sys
import tempfile


def hush_absl() -> None:
    """Keeps the warnings of TensorFlow Datasets and its like to themselves."""
    logging.getLogger("absl").setLevel(logging.ERROR)


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow and keeps what it writes to the error stream to itself.

    The messages come from C++ before TensorFlow reads its log level, so only the
    file descriptor can hold them back. If the import fails they are shown.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    hush_absl()
    sys.stderr.flush()
    error_stream = os.dup(2)
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
