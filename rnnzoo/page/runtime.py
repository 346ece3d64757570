"""Where the page's ONNX Runtime comes from."""

from pathlib import Path

from rnnzoo.page import npm

ONNXRUNTIME = npm.Package(
    "onnxruntime-web",
    "1.30.0",
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==",
    (
        "dist/ort.wasm.min.mjs",
        "dist/ort-wasm-simd-threaded.mjs",
        "dist/ort-wasm-simd-threaded.wasm",
    ),
)


def find_runtime(folder: str | Path | None = None, download: bool = False) -> Path:
    """The folder with the files of `onnxruntime-web` that the page needs.

    Args:
        folder: Folder of the unpacked package, or its `dist`. Default: the cache.
        download: Whether to fetch npm's tarball if the cache lacks it. It is checked
            against its SHA-512. Default `False`.

    Raises:
        FileNotFoundError: If the files are not there.
        OSError: If they cannot be fetched.
        ValueError: If what was fetched is something else.
    """
    if folder is not None:
        for place in (Path(folder), Path(folder) / "dist"):
            missing = [
                Path(file).name
                for file in ONNXRUNTIME.files
                if not (place / Path(file).name).is_file()
            ]
            if not missing:
                return place
        names = ", ".join(Path(file).name for file in ONNXRUNTIME.files)
        raise FileNotFoundError(
            f"The folder of onnxruntime-web must hold {names}, itself or in dist. "
            f"Received: {folder}, without {', '.join(missing)}"
        )
    found = npm.download(ONNXRUNTIME) if download else npm.cached(ONNXRUNTIME)
    if found is not None:
        return found
    package = f"{ONNXRUNTIME.name} {ONNXRUNTIME.version}"
    raise FileNotFoundError(
        f"The page runs on {package}, which is not here. There are three ways: "
        "--download fetches npm's tarball, from the registry that npm is set to, and "
        "checks it; "
        f"--onnxruntime FOLDER takes an unpacked package, such as `npm pack "
        f"{ONNXRUNTIME.name}@{ONNXRUNTIME.version}` brings; or put its files into the "
        f"cache, {npm.cache_folder() / f'{ONNXRUNTIME.name}-{ONNXRUNTIME.version}'}"
    )
