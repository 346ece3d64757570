"""The models below a folder, and their served versions."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rnnzoo.serving.byte_budget import ByteBudget
from rnnzoo.serving.errors import ServingError, from_run, shorten
from rnnzoo.serving.log import log
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.servable import Servable
from rnnzoo.serving.settings import ServerSettings

_SAVED_MODEL = "saved_model.pb"


class Files(NamedTuple):
    """A version on disk: its folder and each file's name, size and time."""

    folder: Path
    states: tuple[tuple[str, int, int], ...]

    @property
    def has_model(self) -> bool:
        """Whether there is a SavedModel, whole or not."""
        return any(name == str(self.folder / _SAVED_MODEL) for name, *_ in self.states)


@dataclass
class Version:
    """State of one version.

    Args:
        state: As in TensorFlow Serving: `LOADING`, `AVAILABLE` or `END`.
        files: Files on disk when it was loaded.
        servable: The loaded version, while it is served.
        error: Error of loading.
    """

    state: str
    files: Files
    servable: Servable | None = None
    error: ServingError | None = None

    def must_load(self, files: Files) -> bool:
        """Whether to load it: it is not loaded, and has no error or new files."""
        return self.servable is None and (self.error is None or self.files != files)


class ModelRepository:
    """Finds `<base>/<model>/<version>/saved_model.pb` and serves the newest versions.

    A loaded version replaces the previous one. If a version cannot be loaded, the
    previous one stays, and the repository tries again when its files change. A version
    without a folder is no longer served.

    Args:
        base: Folder of all models.
        settings: `poll_seconds`, `num_versions` and `max_decoded`.
        metrics: Counts failed loads.
    """

    def __init__(self, base: str | Path, settings: ServerSettings, metrics: Metrics):
        self._base = Path(base)
        self._settings = settings
        self._metrics = metrics
        self._budget = ByteBudget(settings.max_decoded)
        self._models: dict[str, dict[int, Version]] = {}

    def get(self, name: str, version: int | None = None) -> Servable:
        """Returns a served version.

        Args:
            name: Name of the model.
            version: Its version. Default: the newest one.

        Raises:
            ServingError: `NOT_FOUND` if it is not served.
        """
        served = self._served(name)
        if version is None and served:
            return served[max(served)]
        if version in served:
            return served[version]
        wanted = f"Latest({shorten(name)})"
        if version is not None:
            wanted = f"Specific({shorten(name)}, {version})"
        raise ServingError("NOT_FOUND", f"Servable not found for request: {wanted}")

    def status(self, name: str, version: int | None = None) -> dict[int, Version]:
        """Returns the state of a model's versions, the newest first.

        Raises:
            ServingError: `NOT_FOUND` if there is none.
        """
        versions = self._models.get(name, {})
        if version is not None:
            if version not in versions:
                raise ServingError(
                    "NOT_FOUND",
                    f"Could not find version {version} of model {shorten(name)}",
                )
            return {version: versions[version]}
        if not versions:
            raise ServingError(
                "NOT_FOUND", f"Could not find any versions of model {shorten(name)}"
            )
        return dict(sorted(versions.items(), reverse=True))

    def served(self) -> Iterator[Servable]:
        """Yields all served versions."""
        for name in sorted(self._models):
            yield from self._served(name).values()

    def is_served(self, name: str) -> bool:
        """Whether a version of this model is served."""
        return bool(self._served(name))

    def _served(self, name: str) -> dict[int, Servable]:
        return {
            version: entry.servable
            for version, entry in self._models.get(name, {}).items()
            if entry.servable is not None
        }

    async def watch(self) -> None:
        """Refreshes in intervals until it is cancelled."""
        while True:
            await asyncio.sleep(self._settings.poll_seconds)
            try:
                await self.refresh()
            except Exception as error:
                log("poll_failed", logging.ERROR, reason=str(error))

    async def refresh(self) -> None:
        """Loads new versions and drops old ones."""
        found = await asyncio.to_thread(find_versions, self._base)
        for name in sorted(found.keys() | self._models.keys()):
            await self._refresh_model(name, found.get(name, {}))

    async def _refresh_model(self, name: str, found: dict[int, Files]) -> None:
        versions = self._models.setdefault(name, {})
        wanted: list[int] = []
        for version in sorted(found, reverse=True):
            if len(wanted) == self._settings.num_versions:
                break
            known = versions.get(version)
            if known is None or known.must_load(found[version]):
                if not found[version].has_model:
                    continue
                await self._load(name, version, found[version])
            if versions[version].servable is not None:
                wanted.append(version)
        for version in sorted(versions.keys() - wanted):
            entry = versions[version]
            if entry.servable is not None:
                reason = "newer is served" if version in found else "folder is gone"
                entry.servable, entry.state = None, "END"
                log("unloaded", model=name, version=version, reason=reason)
            if version not in found:
                del versions[version]
        if not versions:
            del self._models[name]

    async def _load(self, name: str, version: int, files: Files) -> None:
        versions = self._models[name]
        versions[version] = entry = Version("LOADING", files)
        start = time.monotonic()
        try:
            entry.servable = await asyncio.to_thread(
                Servable,
                files.folder,
                name,
                version,
                self._settings,
                self._metrics,
                self._budget,
            )
        except Exception as error:
            entry.state, entry.error = "END", from_run(error)
            self._metrics.load_failed(name)
            still_served = [v for v, e in versions.items() if e.servable is not None]
            log(
                "load_failed",
                logging.ERROR,
                model=name,
                version=version,
                folder=str(files.folder),
                reason=entry.error.message,
                still_served=still_served,
            )
            return
        entry.state = "AVAILABLE"
        log(
            "loaded",
            model=name,
            version=version,
            seconds=round(time.monotonic() - start, 3),
        )


def find_versions(base: Path) -> dict[str, dict[int, Files]]:
    """Returns the files of each version of each model below a folder."""
    found: dict[str, dict[int, Files]] = {}
    for model in base.iterdir():
        if model.name.startswith(".") or not model.is_dir():
            continue
        for folder in model.iterdir():
            is_version = re.fullmatch(r"\d{1,18}", folder.name, re.ASCII)
            if is_version and folder.is_dir():
                found.setdefault(model.name, {})[int(folder.name)] = _files(folder)
    return found


def _files(folder: Path) -> Files:
    paths = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    stats = ((str(path), path.stat()) for path in sorted(paths))
    states = tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
    return Files(folder, states)
