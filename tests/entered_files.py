"""Lists the project files whose code runs during a call.

As a program it shows the files of the first and second answers of two presets:

    python -m tests.entered_files
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("rnnzoo", "zoo_models", "training")


def entered_files(call: Callable[[], Any]) -> list[str]:
    """Returns the project files whose functions a call enters, sorted."""
    found: set[str] = set()

    def record(frame: FrameType, event: str, argument: Any) -> None:
        found.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(record)
    try:
        call()
    finally:
        sys.setprofile(before)
    paths = [Path(name) for name in found if name.startswith(f"{ROOT}/")]
    files = [path.relative_to(ROOT) for path in paths]
    return sorted(str(file) for file in files if file.parts[0] in PACKAGES)


def main() -> None:
    """Prints the files of two answers of two presets."""
    import rnnzoo

    classifier = rnnzoo.SentimentClassifier.from_preset("sentiment_en")
    translator = rnnzoo.Translator.from_preset("translator_en_de")
    for name, call in (
        ("classify", lambda: classifier.classify("What a film!")),
        ("generate", lambda: translator.generate("A dog runs.")),
    ):
        for number in ("first", "second"):
            files = entered_files(call)
            print(f"{name}, {number}: {len(files)} files", *files, sep="\n  ")


if __name__ == "__main__":
    main()
