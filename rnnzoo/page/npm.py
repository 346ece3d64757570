"""Packages of npm, fetched once and checked."""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rnnzoo.core.files import atomic_write, cache_folder

REGISTRY = "NPM_CONFIG_REGISTRY"  # environment variable, as npm knows it
TIMEOUT = 60.0  # seconds without a byte


@dataclass(frozen=True)
class Package:
    """A package of npm.

    Attributes:
        name: Its name.
        version: Its version.
        sha512: Of its tarball, in base 64, as npm's `dist.integrity` has it.
        files: What is wanted of it: paths below its root.
    """

    name: str
    version: str
    sha512: str
    files: tuple[str, ...]


def cached(package: Package) -> Path | None:
    """The folder in the cache with the files of a package, if it is there."""
    folder = cache_folder() / f"{package.name}-{package.version}"
    is_whole = all((folder / Path(file).name).is_file() for file in package.files)
    return folder if is_whole else None


def download(package: Package) -> Path:
    """Fetches a package, checks it, and keeps its files in the cache.

    Args:
        package: The package.

    Returns:
        The folder with its files.

    Raises:
        OSError: If it cannot be fetched.
        ValueError: If it is not the one whose SHA-512 is known.
    """
    found = cached(package)
    if found is not None:
        return found
    data = _fetch(package)
    received = base64.b64encode(hashlib.sha512(data).digest()).decode()
    if received != package.sha512:
        raise ValueError(
            f"The SHA-512 of {package.name} {package.version} must be "
            f"{package.sha512}. Received: {received}, of {len(data):,} bytes"
        )
    folder = cache_folder() / f"{package.name}-{package.version}"
    with atomic_write(folder) as aside:
        aside.mkdir()
        for name, content in _unpack(data, package.files):
            (aside / name).write_bytes(content)
    return folder


def _fetch(package: Package) -> bytes:
    import requests

    name = f"{package.name}-{package.version}.tgz"
    url = f"{_registry().rstrip('/')}/{package.name}/-/{name}"
    try:
        response = requests.get(url, timeout=TIMEOUT)
        response.raise_for_status()
    except requests.RequestException as error:
        raise OSError(f"{url} cannot be fetched. Received: {error}") from error
    return response.content


def _registry() -> str:
    """The address of npm's registry, as the environment or npm itself knows it."""
    if address := os.environ.get(REGISTRY):
        return address
    npm = shutil.which("npm")
    if npm is None:
        raise OSError(
            f"Fetching from npm needs npm, or the address of its registry in {REGISTRY}"
            ". Received neither"
        )
    command = [npm, "config", "get", "registry"]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=TIMEOUT
    ).stdout.strip()


def _unpack(data: bytes, files: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for file in files:
            member = archive.extractfile(f"package/{file}")
            if member is None:
                raise ValueError(f"A package must hold {file}. Received: a folder")
            yield Path(file).name, member.read()
