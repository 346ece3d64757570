"""The command line of a training script.

`--help` shows the options in `MAIN`. Every other setting is given as
`--set name=value`; `--help-all` prints them with their documentation.
"""

import ast
import contextlib
import inspect
import io
import textwrap
from collections.abc import Sequence
from dataclasses import fields, make_dataclass
from difflib import get_close_matches
from typing import Annotated, Any, get_type_hints

import tyro

MAIN = (
    "recipe",
    "dataset",
    "data_dir",
    "manual_dir",
    "download",
    "workdir",
    "resume",
    "epochs",
    "batch_size",
    "learning_rate",
    "seed",
    "limit_train",
    "smoke",
)


def parse_options(
    config_class: type, prog: str, description: str, args: Sequence[str]
) -> dict[str, Any]:
    """Returns the settings that a command line gives, by name.

    Args:
        config_class: The dataclass of settings; the string below a field documents it.
        prog: The command, for `--help`.
        description: The text at the top of `--help`.
        args: Words of the command line.

    Raises:
        ValueError: If a setting is unknown or has another type.
        SystemExit: After `--help`, and for options that do not exist.
    """
    known = {part.name: part for part in fields(config_class)}
    types, texts = get_type_hints(config_class), _texts(config_class)
    shown = [name for name in MAIN if name in known]
    words = [word.split("=")[0] for word in args if word.startswith("--")]
    given = {w.removeprefix("--").removeprefix("no-").replace("-", "_") for w in words}
    for name in sorted(given & set(known) - set(shown)):
        raise ValueError(
            f"`{name}` is not an option of its own: write --set {name}=VALUE"
        )
    members: list[Any] = [
        (
            name,
            Annotated[types[name], tyro.conf.arg(help=texts[name])],
            known[name].default,
        )
        for name in shown
    ]
    setter = tyro.conf.arg(
        metavar="NAME=VALUE", help="Any other setting; repeatable. See --help-all."
    )
    stop = tyro.conf.arg(help="Print the settings for --set, and exit.")
    members += [
        (
            "set",
            Annotated[tuple[str, ...], tyro.conf.UseAppendAction, setter],
            (),
        ),
        ("help_all", Annotated[tyro.conf.FlagCreatePairsOff[bool], stop], False),
    ]
    parsed: Any = tyro.cli(
        make_dataclass("Main", members),
        prog=prog,
        description=description,
        args=args,
        config=(tyro.conf.OmitArgPrefixes,),
    )
    if parsed.help_all:
        print(describe_settings(config_class))
        raise SystemExit(0)
    pairs = [word.partition("=") for word in parsed.set]
    for name, sign, _ in pairs:
        if not sign:
            raise ValueError(f"--set must be followed by NAME=VALUE. Received: {name}")
    return {
        **{name: getattr(parsed, name) for name in shown if name in given},
        **convert(config_class, {name: value for name, _, value in pairs}),
    }


def convert(config_class: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Returns settings with the types of their fields.

    Args:
        config_class: The dataclass of settings.
        settings: Values by name, as TOML and JSON hold them or as text; the text of
            several values is separated by commas.

    Raises:
        ValueError: If a setting is unknown or has another type.
    """
    types = get_type_hints(config_class)
    known = [part.name for part in fields(config_class)]
    converted = {}
    for name, value in settings.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            raise ValueError(
                f"{config_class.script} has no setting `{name}`.{hint} --help-all "
                "prints all settings."
            )
        values = value if isinstance(value, list | tuple) else [value]
        if isinstance(value, str) and "tuple" in str(types[name]):
            values = value.split(",")
        words = [str(one) for one in values]
        if bool in (types[name], type(value)):
            words = [word.capitalize() for word in words]
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                converted[name] = tyro.cli(types[name], args=["--", *words])
        except SystemExit:
            kind = getattr(types[name], "__name__", str(types[name]))
            if "[" in str(types[name]):
                kind = str(types[name])
            raise ValueError(
                f"`{name}` must be of type {kind}. Received: {value!r}"
            ) from None
    return converted


def to_words(settings: dict[str, Any]) -> list[str]:
    """Returns settings, as JSON holds them, as words of a command line."""
    words = []
    for name, value in settings.items():
        option = name.replace("_", "-")
        if name not in MAIN:
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += ["--set", f"{name}={text}"]
        elif isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            values = value if isinstance(value, list) else [value]
            words += [f"--{option}", *map(str, values)]
    return words


def describe_settings(config_class: type) -> str:
    """Returns the settings for `--set`, each with its default and documentation."""
    texts, lines = _texts(config_class), []
    for part in fields(config_class):
        if part.name not in MAIN:
            default = part.default
            if isinstance(default, tuple):
                default = ",".join(map(str, default))
            lines.append(f"{part.name}={default}")
            text = texts.get(part.name, "")
            lines += textwrap.wrap(
                text, initial_indent=" " * 4, subsequent_indent=" " * 4
            )
    return "\n".join(lines)


def _texts(config_class: type) -> dict[str, str]:
    """Returns the strings below the fields of a dataclass and of its bases."""
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
