"""Settings that all training scripts share, on the command line and in a file."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

import tyro

from rnnzoo.checks import check_positive

CONFIG_FILE = "config.json"  # in the folder of a run
SMOKE_FOLDER = Path("build/smoke")

# Settings that say where things lie and how a run is watched, not what is done.
FOLDERS = ("workdir", "data_dir", "manual_dir", "feature_dir", "encoder_weights")
HANDLING = (*FOLDERS, "resume", "download", "checkpoint_every", "tensorboard")


@dataclass
class TrainingConfig:
    """Settings of every run; scripts add their own and change defaults.

    Attributes:
        script: Module that the configuration belongs to, run with `python -m`.
        smoke_settings: Settings that `--smoke` puts in place, tiny sizes.
    """

    script: ClassVar[str]
    smoke_settings: ClassVar[dict[str, Any]] = {}

    workdir: Path = Path("runs/run")
    """Folder that the run writes: configuration, history, metrics, the preset."""
    resume: bool = False
    """Go on from the last checkpoint in the folder of the run."""
    dataset: str = ""
    """TFDS data set, with its config and version if need be: name/config:1.0.0."""
    data_dir: tuple[Path, ...] = ()
    """Folders of prepared TFDS sets. Default: $TFDS_DATA_DIR and the usual ones."""
    manual_dir: Path | None = None
    """Folder of files downloaded by hand, for sets that need them."""
    download: bool = False
    """Fetch and prepare a set that is missing."""
    limit_train: int | None = None
    """Train on that many examples at most, drawn at random."""
    smoke: bool = False
    """Run through once, tiny, on made-up examples: under a minute, offline."""
    overfit_batch: bool = False
    """Train on one batch again and again: a sound model learns it by heart."""
    seed: int = 1
    """Seed of weights, order and dropout."""
    deterministic: bool = False
    """Use deterministic kernels alone: the same run gives the same weights."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type that layers compute in; weights stay in float32."""
    cell: Literal["elman", "gru", "lstm"] = "elman"
    """Recurrent cell; others than Elman's are for comparison, not for presets."""
    epochs: int = 10
    """Passes over the training examples."""
    patience: int | None = None
    """Epochs without a better validation metric before training stops."""
    batch_size: int = 64
    """Examples in a batch."""
    learning_rate: float = 1e-3
    """Highest rate, reached after the warm-up."""
    schedule: Literal["cosine", "plateau"] = "cosine"
    """Cosine down to zero, or steps down when the validation metric rests."""
    warmup_steps: int = 0
    """Steps in which the rate rises from zero."""
    plateau_factor: float = 0.5
    """What the rate is multiplied with at a plateau."""
    plateau_patience: int = 1
    """Epochs without a better metric that make a plateau."""
    beta_2: float = 0.999
    """Of Adam."""
    clip_norm: float | None = 1.0
    """Norm that gradients are clipped to, against explosion."""
    ema_momentum: float | None = None
    """Of the moving average of the weights, which is what is measured and kept."""
    checkpoint_every: int = 200
    """Steps between checkpoints; each epoch ends with one anyway."""
    tensorboard: bool = False
    """Write curves for TensorBoard too."""

    def check(self) -> None:
        """Raises `ValueError` for settings that make no sense."""
        for name in ("epochs", "batch_size", "checkpoint_every", "limit_train"):
            value = getattr(self, name)
            if value is not None:
                check_positive(name, value)
        if not self.learning_rate > 0:
            raise ValueError(
                "`learning_rate` must be positive. Received: "
                f"learning_rate={self.learning_rate}"
            )
        for name in ("ema_momentum", "plateau_factor"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise ValueError(
                    f"`{name}` must be over 0 and under 1. Received: {name}={value}"
                )

    def shrink(self) -> Self:
        """The configuration that `--smoke` runs."""
        settings: dict[str, Any] = {
            "epochs": 1,
            "batch_size": 8,
            "warmup_steps": 0,
            **self.smoke_settings,
        }
        if self.workdir == type(self)().workdir:
            settings["workdir"] = SMOKE_FOLDER / self.script.rsplit(".", 1)[-1]
        return replace(self, **settings)

    def to_json(self) -> dict[str, Any]:
        """The settings as values that JSON has."""
        return {key: _to_json(value) for key, value in asdict(self).items()}

    def command(self) -> str:
        """The command that runs this again: what differs from the defaults.

        Folders are left out, for they are those of one machine.
        """
        defaults = type(self)().to_json()
        settings = {
            key: value
            for key, value in recipe_of(self.to_json()).items()
            if value != defaults[key]
        }
        return shlex.join(["python", "-m", self.script, *_to_options(settings)])

    def resume_command(self) -> str:
        """The command that goes on with a run that was interrupted."""
        path = str(self.workdir / CONFIG_FILE)
        return shlex.join(["python", "-m", self.script, "--config", path, "--resume"])


def recipe_of(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide what comes out of a run, all but `HANDLING`.

    Args:
        settings: What `TrainingConfig.to_json` returned, or a file of it holds.
    """
    return {key: value for key, value in settings.items() if key not in HANDLING}


Config = TypeVar("Config", bound=TrainingConfig)


def read_config(
    config_class: type[Config], description: str | None, args: Sequence[str]
) -> Config:
    """Reads the command line, and the file that `--config` names before it.

    Options on the command line win over those in the file, which is a `config.json`
    as each run saves it.

    Args:
        config_class: The dataclass.
        description: What `--help` says on top.
        args: Words of the command line.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it does not hold a JSON object.
        SystemExit: For settings that are not there or of another type.
    """
    args = list(args)
    given: list[str] = []
    if "--config" in args:
        place = args.index("--config")
        if place + 1 == len(args):
            raise SystemExit("Error: --config must be followed by a file.")
        given = _to_options(_read_settings(Path(args[place + 1])))
        del args[place : place + 2]
    description = f"{description}\n\n--config FILE reads settings from a config.json."
    prog = f"python -m {config_class.script}"
    return tyro.cli(config_class, prog=prog, description=description, args=given + args)


def _to_json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _to_options(settings: dict[str, Any]) -> list[str]:
    """Settings as JSON has them, as words of a command line."""
    words = []
    for key, value in settings.items():
        option = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        elif isinstance(value, list):
            words += [f"--{option}", *map(str, value)] if value else []
        else:
            words += [f"--{option}", str(value)]
    return words


def _read_settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path} to read settings from.")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(settings, dict):
        raise ValueError(
            f"{path} must hold a JSON object of settings. Received: "
            f"{type(settings).__name__}"
        )
    return settings
