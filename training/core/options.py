"""The options of a training script, in groups: what matters first stands first."""

import ast
import inspect
import textwrap
from collections.abc import Sequence
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

import tyro

# Title of each group, what it is about, and the settings in it. A setting that no
# group names, such as those that a script adds, is part of the recipe.
RECIPE = "recipe"
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "main": (
        "What most runs need.",
        (
            "dataset",
            "data_dir",
            "workdir",
            "resume",
            "smoke",
            "limit_train",
            "epochs",
            "batch_size",
            "learning_rate",
            "seed",
        ),
    ),
    "data": (
        "Where examples come from, and which feature is what.",
        (
            "download",
            "manual_dir",
            "text",
            "image",
            "label",
            "captions",
            "source",
            "target",
            "train_split",
            "validation_split",
            "test_split",
            "validation_fraction",
            "validation_texts",
            "test_texts",
        ),
    ),
    RECIPE: ("Sizes of the network, what it forgets, what it is to learn.", ()),
    "course": (
        "The course of the learning rate, averages, the end.",
        (
            "min_steps",
            "warmup_steps",
            "beta_2",
            "clip_norm",
            "ema_momentum",
        ),
    ),
    "machine": (
        "How it is computed and watched.",
        (
            "precision",
            "deterministic",
            "checkpoint_every",
            "tensorboard",
            "gradient_flow",
            "overfit_batch",
        ),
    ),
}

T = TypeVar("T")


def parse_options(
    config_class: type[T], prog: str, description: str, args: Sequence[str]
) -> T:
    """Reads a command line into a dataclass of settings.

    Args:
        config_class: The dataclass; the string below a field is its help.
        prog: The command, for `--help`.
        description: What `--help` says on top.
        args: Words of the command line.

    Raises:
        SystemExit: For settings that are not there or of another type.
    """
    parsed = tyro.cli(
        _group(config_class),
        prog=prog,
        description=description,
        args=args,
        config=(tyro.conf.OmitArgPrefixes,),  # options are named as the settings are
    )
    groups = [getattr(parsed, part.name) for part in fields(parsed)]
    return config_class(
        **{part.name: getattr(g, part.name) for g in groups for part in fields(g)}
    )


def _group(config_class: Any) -> Any:
    """A dataclass that has a dataclass for each group of settings."""
    known = {part.name: part for part in fields(config_class)}
    named = {name for _, names in GROUPS.values() for name in names}
    others = tuple(name for name in known if name not in named)
    types, texts = get_type_hints(config_class), _texts(config_class)
    groups = []
    for title, (about, names) in GROUPS.items():
        members = [
            (
                name,
                Annotated[types[name], tyro.conf.arg(help=texts.get(name))],
                _default(known[name]),
            )
            for name in (others if title == RECIPE else names)
            if name in known
        ]
        if members:
            group = make_dataclass(title.capitalize(), members)
            group.__doc__ = about
            groups.append((title, group, field(default_factory=group)))
    return make_dataclass(config_class.__name__, groups)


def _default(part: Field[Any]) -> Any:
    if part.default_factory is not MISSING:
        return field(default_factory=part.default_factory)
    return field(default=part.default)


def _texts(config_class: type) -> dict[str, str]:
    """The strings below the fields of a dataclass and of those that it derives from."""
    texts: dict[str, str] = {}
    for part in reversed(config_class.__mro__[:-1]):
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
        assert isinstance(node, ast.ClassDef)
        for one, below in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(one, ast.AnnAssign)
                and isinstance(one.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                texts[one.target.id] = " ".join(str(below.value.value).split())
    return texts
