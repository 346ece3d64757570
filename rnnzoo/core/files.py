"""Files and folders written in one step; the cache folder."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yields a new path beside `path`, and moves what is written there to `path`.

    A file is replaced in one step. A folder that was there is moved away first and
    deleted last. If the block raises, `path` stays as it was.

    Args:
        path: File or folder to write. Folders above it are created.
    """
    path = Path(os.path.abspath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{path.name}-", dir=path.parent, ignore_cleanup_errors=True
    ) as temporary:
        new, old = Path(temporary) / path.name, Path(temporary) / "old"
        yield new
        if not path.is_dir():
            os.replace(new, path)
            return
        os.replace(path, old)
        try:
            os.replace(new, path)
        except OSError:
            os.replace(old, path)
            raise
        shutil.rmtree(old, ignore_errors=True)


def cache_folder() -> Path:
    """Where what was fetched or made is kept: the user's cache, as the platform has
    it."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "rnnzoo"
