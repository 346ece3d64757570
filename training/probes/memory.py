"""How many steps back an input changes the output and the states."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXAMPLES = 32


def measure(
    preset: str | Path, data_dirs: Sequence[str | Path] = (), limit: int = EXAMPLES
) -> dict[str, Any]:
    """Measures a preset on the first examples of its first test split.

    Args:
        preset: Name or folder of a preset.
        data_dirs: Folders of prepared TFDS sets.
        limit: Number of examples, two or more. Default 32.

    Returns:
        `inputs`, the data set and its split, and the entries of
        `zoo_models.core.explaining.measure_memory`.
    """
    from rnnzoo import ZooModel
    from zoo_models.core.evaluation import read_splits
    from zoo_models.core.explaining import measure_memory

    model = ZooModel.from_preset(preset)
    name, split, examples = next(read_splits(model, preset, data_dirs, limit))
    inputs = [e[0] if isinstance(e, tuple) else e for e in examples]
    return {"inputs": f"{name}, split {split}", **measure_memory(model, inputs)}
