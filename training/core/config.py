"""The settings that all training scripts share."""

import json
import shlex
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

from rnnzoo.core.checks import check_positive
from training.core.options import convert, to_words

CONFIG_FILE = "config.json"  # in the folder of a run
SMOKE_FOLDER = Path("build/smoke")

FOLDERS = ("workdir", "data_dir", "manual_dir", "feature_dir")
# Settings that change no result: places, and how a run is watched.
HANDLING = (
    *FOLDERS,
    "recipe",
    "resume",
    "download",
    "checkpoint_every",
    "tensorboard",
)

# Settings that make a run partial.
PARTIAL = ("smoke", "overfit_batch", "limit_train")


@dataclass
class TrainingConfig:
    """Settings of every run; scripts add their own and change defaults.

    Attributes:
        script: Module of the script, run with `python -m`.
        smoke_settings: Settings of `--smoke`; numbers only lower a setting.
    """

    script: ClassVar[str]
    smoke_settings: ClassVar[dict[str, Any]] = {}

    recipe: str = ""
    """Preset to train again: runs all stages of its recipe, each in a folder of its own
    below --workdir, and continues stages that were stopped. Options beside it apply to
    every stage."""
    workdir: Path = Path("runs/run")
    """Folder of the run: configuration, history, metrics, the preset."""
    resume: bool = False
    """Continue the run in --workdir from its last checkpoint, with its settings."""
    dataset: str = ""
    """TFDS data set: name, or name/config:1.0.0."""
    data_dir: tuple[Path, ...] = ()
    """Folders of prepared TFDS sets. Default: $TFDS_DATA_DIR and the usual ones."""
    manual_dir: Path | None = None
    """Folder of files downloaded by hand, for sets that need them."""
    download: bool = False
    """Fetch and prepare a data set that is missing."""
    limit_train: int | None = None
    """Largest number of training examples, drawn at random; validation uses at most a
    third as many."""
    smoke: bool = False
    """Run everything once with tiny sizes on made-up examples: under a minute,
    offline."""
    overfit_batch: bool = False
    """Train on one batch repeatedly: a correct model learns it by heart."""
    seed: int = 1
    """Seed of initial parameters, order and dropout."""
    deterministic: bool = False
    """Use deterministic kernels only: the same run gives the same parameters."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type that layers compute in; parameters stay in float32."""
    cell: Literal["elman", "gru", "lstm"] = "elman"
    """Recurrent cell; gru and lstm are for comparison and write no preset."""
    epochs: int = 10
    """Passes over the training examples."""
    batch_size: int = 64
    """Examples in a batch."""
    learning_rate: float = 1e-3
    """Highest learning rate, reached after the warm-up; it falls along a cosine to
    zero."""
    min_steps: int = 1000
    """Smallest number of steps: with few examples, batches become smaller, down to 8,
    and an epoch may pass over the examples several times."""
    warmup_steps: int = 0
    """Steps in which the rate rises from zero; at most an eighth of the run."""
    beta_2: float = 0.999
    """Decay of the second moment in Adam."""
    clip_norm: float | None = 1.0
    """Global norm that gradients are clipped to."""
    ema_momentum: float | None = None
    """Momentum of the moving average of the parameters, which is evaluated and kept.
    Its half-life is at most a fifth of the run."""
    checkpoint_every: int = 200
    """Steps between checkpoints; each epoch also ends with one."""
    tensorboard: bool = False
    """Write curves for TensorBoard."""

    def check(self) -> None:
        """Raises `ValueError` for values out of range."""
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
        """Returns the configuration that `--smoke` runs."""
        settings: dict[str, Any] = {
            "epochs": 1,
            "batch_size": 8,
            "min_steps": 1,
            "warmup_steps": 0,
            **self.smoke_settings,
        }
        for name, value in settings.items():
            if isinstance(value, int) and isinstance(getattr(self, name), int):
                settings[name] = min(value, getattr(self, name))
        if self.workdir == type(self)().workdir:
            settings["workdir"] = SMOKE_FOLDER / self.script.rsplit(".", 1)[-1]
        return replace(self, **settings)

    def to_json(self) -> dict[str, Any]:
        """Returns the settings as JSON values."""
        return {key: _to_json(value) for key, value in asdict(self).items()}

    def command(self) -> str:
        """Returns the command that repeats the run, without the folders of this
        machine: the recipe, or the settings that differ from the defaults."""
        words = ["python", "-m", self.script]
        if self.recipe:
            return shlex.join([*words, "--recipe", self.recipe])
        defaults = type(self)().to_json()
        settings = {
            key: value
            for key, value in recipe_of(self.to_json()).items()
            if value != defaults[key]
        }
        return shlex.join([*words, *to_words(settings)])

    def resume_command(self) -> str:
        """Returns the command that continues the run."""
        words = ["--workdir", str(self.workdir), "--resume"]
        return f"{program(self.script)} {shlex.join(words)}"


def program(script: str) -> str:
    """Returns how a script is run: `python -m` in a checkout, else `rnnzoo train`.

    Args:
        script: Name of the module, such as `training.train_sentiment`.
    """
    if Path.cwd() == Path(__file__).resolve().parents[2]:
        return f"python -m {script}"
    return f"rnnzoo train {script.rpartition('.')[2].removeprefix('train_')}"


def recipe_of(settings: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings that decide the result of a run: all but `HANDLING`.

    Args:
        settings: Content of `config.json`.
    """
    return {key: value for key, value in settings.items() if key not in HANDLING}


def partial_options(settings: dict[str, Any]) -> list[str]:
    """Returns the options that make a run partial: it has not seen all its data.

    Args:
        settings: Content of `config.json`.
    """
    found = {name: settings.get(name) for name in PARTIAL if settings.get(name)}
    words = [to_words({name: value}) for name, value in found.items()]
    return [" ".join(option) for option in words]


Config = TypeVar("Config", bound=TrainingConfig)


def make_config(config_class: type[Config], given: dict[str, Any]) -> Config:
    """Returns the configuration of a run.

    With `resume`, the `config.json` in the folder of the run takes the place of the
    defaults.

    Args:
        config_class: The dataclass.
        given: Settings of the command line, by name.
    """
    saved = {}
    path = given.get("workdir", config_class().workdir) / CONFIG_FILE
    if given.get("resume") and path.is_file():
        # Releases before may have saved settings that no longer exist.
        known = {part.name for part in fields(config_class)}
        content = json.loads(path.read_text(encoding="utf-8"))
        kept = {name: value for name, value in content.items() if name in known}
        saved = convert(config_class, kept)
    return config_class(**{**saved, **given})


def _to_json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return str(value) if isinstance(value, Path) else value
