"""Settings that all training scripts share, on the command line and in a file."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

from rnnzoo.checks import check_positive
from training.core.options import parse_options

CONFIG_FILE = "config.json"  # in the folder of a run
SMOKE_FOLDER = Path("build/smoke")

FOLDERS = ("workdir", "data_dir", "manual_dir", "feature_dir", "encoder_weights")
# Settings that say where things lie and how a run is watched, not what is done.
HANDLING = (
    *FOLDERS,
    "resume",
    "download",
    "checkpoint_every",
    "tensorboard",
    "gradient_flow",
)

# Settings that make a run one for trial.
PARTIAL = ("smoke", "overfit_batch", "limit_train")


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
    """Train on that many examples at most, drawn at random; validate on no more than
    a third as many."""
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
    batch_size: int = 64
    """Examples in a batch."""
    learning_rate: float = 1e-3
    """Highest rate, reached after the warm-up."""
    min_steps: int = 1000
    """Least number of steps: batches of few examples are smaller, down to 8, and an
    epoch may pass over them several times."""
    warmup_steps: int = 0
    """Steps in which the rate rises from zero; an eighth of the run at most."""
    beta_2: float = 0.999
    """Of Adam."""
    clip_norm: float | None = 1.0
    """Norm that gradients are clipped to, against explosion."""
    ema_momentum: float | None = None
    """Of the moving average of the weights, which is what is measured and kept. Its
    half-life is a fifth of the run at most."""
    checkpoint_every: int = 200
    """Steps between checkpoints; each epoch ends with one anyway."""
    tensorboard: bool = False
    """Write curves for TensorBoard too."""
    gradient_flow: bool = False
    """Watch how the gradient fares through time: norms at the first and last steps of
    each recurrent layer, in history, curves and the progress line, and warnings."""

    def check(self) -> None:
        """Raises `ValueError` for settings that make no sense."""
        counts = (
            "epochs",
            "batch_size",
            "min_steps",
            "checkpoint_every",
            "limit_train",
        )
        for name in counts:
            value = getattr(self, name)
            if value is not None:
                check_positive(name, value)
        if self.gradient_flow and self.cell != "elman":
            raise ValueError(
                "`gradient_flow` follows plain states, not those of gates. Received: "
                f"gradient_flow=True and cell={self.cell!r}"
            )
        if not self.learning_rate > 0:
            raise ValueError(
                "`learning_rate` must be positive. Received: "
                f"learning_rate={self.learning_rate}"
            )
        momentum = self.ema_momentum
        if momentum is not None and not 0 < momentum < 1:
            raise ValueError(
                "`ema_momentum` must be over 0 and under 1. Received: "
                f"ema_momentum={momentum}"
            )

    def shrink(self) -> Self:
        """The configuration that `--smoke` runs."""
        settings: dict[str, Any] = {
            "epochs": 1,
            "batch_size": 8,
            "min_steps": 1,
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
        words = ["--config", str(self.workdir / CONFIG_FILE), "--resume"]
        return f"{program(self.script)} {shlex.join(words)}"


def program(script: str) -> str:
    """How a script is run: with `python -m` in a checkout, with `rnnzoo train` where
    that would not find it.

    Args:
        script: Name of the module, such as `training.train_sentiment`.
    """
    if Path.cwd() == Path(__file__).resolve().parents[2]:
        return f"python -m {script}"
    return f"rnnzoo train {script.rpartition('.')[2].removeprefix('train_')}"


def recipe_of(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide what comes out of a run, all but `HANDLING`.

    Args:
        settings: What `TrainingConfig.to_json` returned, or a file of it holds.
    """
    return {key: value for key, value in settings.items() if key not in HANDLING}


def partial_options(settings: dict[str, Any]) -> list[str]:
    """The options because of which a run is one for trial: it has not seen its data.

    Args:
        settings: What `TrainingConfig.to_json` returned, or a file of it holds.
    """
    found = {name: settings.get(name) for name in PARTIAL if settings.get(name)}
    words = [_to_options({name: value}) for name, value in found.items()]
    return [" ".join(option) for option in words]


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
    prog = program(config_class.script)
    return parse_options(config_class, prog, description, given + args)


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
