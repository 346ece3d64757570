"""All models below a folder, and the versions of each that are served."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.serving.byte_budget import ByteBudget
from rnnzoo.serving.errors import ServingError, from_run, invalid, shorten
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
    """What became of one version.

    Args:
        state: TensorFlow Serving's word: `LOADING`, `AVAILABLE` or `END`.
        files: What was on disk when it was loaded.
        servable: The loaded version, while it is served.
        error: Why it is not, if it could not be loaded.
    """

    state: str
    files: Files
    servable: Servable | None = None
    error: ServingError | None = None

    def must_load(self, files: Files) -> bool:
        """Whether it is worth a try, given what is on disk now."""
        return self.servable is None and (self.error is None or self.files != files)


class ModelRepository:
    """Finds `<base>/<model>/<version>/saved_model.pb` and serves the newest versions.

    A version is replaced once the next one is loaded and warm. If the next one is
    damaged the one before it stays, and the damaged one is tried again when its files
    change. A version whose folder is gone is no longer served.

    Args:
        base: Folder of all models.
        settings: `poll_seconds`, `num_versions` and `max_decoded` count here.
        metrics: Counts what cannot be loaded.
    """

    def __init__(self, base: str | Path, settings: ServerSettings, metrics: Metrics):
        self._base = Path(base)
        self._settings = settings
        self._metrics = metrics
        self._byte_budget = ByteBudget(settings.max_decoded)
        self._models: dict[str, dict[int, Version]] = {}

    def get(self, name: str, version: int | None = None, label: str = "") -> Servable:
        """The version that answers.

        Args:
            name: Name of the model.
            version: Its version. Default: the newest one that is served.
            label: Not supported: labels are given by TensorFlow Serving's
                configuration file, and there is none here.

        Raises:
            ServingError: `NOT_FOUND` if it is not served.
        """
        if label:
            raise invalid(f"Unrecognized servable version label: {shorten(label)}")
        served = self._served(name)
        if version is None and served:
            return served[max(served)]
        if version in served:
            return served[version]
        wanted = f"Latest({shorten(name)})"
        if version is not None:
            wanted = f"Specific({shorten(name)}, {version})"
        raise ServingError("NOT_FOUND", f"Servable not found for request: {wanted}")

    def status(
        self, name: str, version: int | None = None, label: str = ""
    ) -> dict[int, Version]:
        """What became of the versions of a model, the newest first.

        Raises:
            ServingError: `NOT_FOUND` if there is none.
        """
        if label:
            raise invalid(f"Unrecognized servable version label: {shorten(label)}")
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
        """All versions that are served."""
        for name in sorted(self._models):
            yield from self._served(name).values()

    def describe(self) -> list[dict[str, Any]]:
        """What is served: a dictionary for each model, by name."""
        by_name: dict[str, list[Servable]] = {}
        for servable in self.served():
            by_name.setdefault(servable.name, []).append(servable)
        return [
            {
                "name": name,
                "versions": sorted(x.version for x in servables),
                **max(servables, key=lambda x: x.version).describe(),
            }
            for name, servables in by_name.items()
        ]

    def is_served(self, name: str) -> bool:
        """Whether there is a version of a model of this name."""
        return bool(self._served(name))

    def _served(self, name: str) -> dict[int, Servable]:
        return {
            version: entry.servable
            for version, entry in self._models.get(name, {}).items()
            if entry.servable is not None
        }

    async def watch(self) -> None:
        """Looks for new versions until it is cancelled."""
        while True:
            await asyncio.sleep(self._settings.poll_seconds)
            try:
                await self.refresh()
            except Exception as error:
                log("poll_failed", logging.ERROR, reason=str(error))

    async def refresh(self) -> None:
        """Loads what is new and lets go of what is old."""
        found = await asyncio.to_thread(_find, self._base)
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
                self._byte_budget,
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
            warmups=entry.servable.num_warmups,
        )


def _find(base: Path) -> dict[str, dict[int, Files]]:
    """Each model's versions."""
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
