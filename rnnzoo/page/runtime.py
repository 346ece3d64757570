"""The files of ONNX Runtime for the web: from a folder, the cache or npm."""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.core.files import atomic_write, cache_folder

NAME, VERSION = "onnxruntime-web", "1.30.0"
SHA512 = (
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8p"
    "ZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
REGISTRY = "NPM_CONFIG_REGISTRY"  # environment variable
TIMEOUT = 60.0  # seconds without a byte


def find_runtime(folder: str | Path | None = None, download: bool = False) -> Path:
    """Returns the folder with the files of `onnxruntime-web` that the page needs.

    Args:
        folder: Folder of the unpacked package, or its `dist`. Default: the cache.
        download: Whether to download the package from npm if the cache lacks it.
            Default `False`.

    Raises:
        FileNotFoundError: If the files are missing.
        OSError: If they cannot be downloaded.
        ValueError: If the downloaded package has another SHA-512.
    """
    cache = cache_folder() / f"{NAME}-{VERSION}"
    places = [cache] if folder is None else [Path(folder), Path(folder) / "dist"]
    for place in places:
        if all((place / file).is_file() for file in FILES):
            return place
    if folder is not None:
        raise FileNotFoundError(
            f"The folder of {NAME} must contain {', '.join(FILES)}, itself or in dist. "
            f"Received: {folder}"
        )
    if not download:
        raise FileNotFoundError(
            f"The page needs {NAME} {VERSION}, which is missing. --download fetches it "
            "from npm and checks it; --onnxruntime FOLDER takes an unpacked package, "
            f"such as `npm pack {NAME}@{VERSION}` writes; or put its files into the "
            f"cache, {cache}"
        )
    return fetch_package(NAME, VERSION, SHA512, [f"dist/{file}" for file in FILES])


def fetch_package(name: str, version: str, sha512: str, files: Sequence[str]) -> Path:
    """Downloads a package of npm and puts some of its files into the cache.

    Args:
        name: Name of the package.
        version: Version of the package.
        sha512: SHA-512 of its archive in base64, as in npm's `dist.integrity`.
        files: Paths of the files in the package.

    Returns:
        The folder with the files.

    Raises:
        OSError: If the package cannot be downloaded.
        ValueError: If it has another SHA-512.
    """
    import requests

    folder = cache_folder() / f"{name}-{version}"
    if all((folder / Path(file).name).is_file() for file in files):
        return folder
    url = f"{_registry().rstrip('/')}/{name}/-/{name}-{version}.tgz"
    response = requests.get(url, timeout=TIMEOUT)
    response.raise_for_status()
    received = base64.b64encode(hashlib.sha512(response.content).digest()).decode()
    if received != sha512:
        raise ValueError(
            f"The SHA-512 of {url} must be {sha512}. Received: {received}, of "
            f"{len(response.content):,} bytes"
        )
    with (
        tarfile.open(fileobj=io.BytesIO(response.content)) as archive,
        atomic_write(folder) as aside,
    ):
        aside.mkdir()
        for file in files:
            member = archive.extractfile(f"package/{file}")
            assert member is not None, file
            (aside / Path(file).name).write_bytes(member.read())
    return folder


def _registry() -> str:
    """Returns the address of the registry, from the environment or from npm."""
    if address := os.environ.get(REGISTRY):
        return address
    npm = shutil.which("npm")
    if npm is None:
        raise OSError(
            f"The download needs npm, or the registry's address in {REGISTRY}. "
            "Received: neither"
        )
    command = [npm, "config", "get", "registry"]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=TIMEOUT
    ).stdout.strip()
