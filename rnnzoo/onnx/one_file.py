"""The runner as one file, which needs nothing of this package."""

import ast
from pathlib import Path

# In the order in which they build on each other.
PARTS = (
    "texts.py",
    "confidence.py",
    "search.py",
    "encoder_decoder.py",
    "words.py",
    "images.py",
    "paper.py",
    "ink.py",
    "runner.py",
)
HEADER = '''"""Runs the model in this folder, without rnnzoo, Keras and TensorFlow.

Needs NumPy and ONNX Runtime alone, and Pillow for image files.

    python runner.py "An input" "Another"

Made of rnnzoo's folder `onnx` by `rnnzoo export --format onnx`. Licence: Apache-2.0.
"""
'''


def one_file() -> str:
    """The source of a module with `Runner`, put together of those in this folder."""
    imports: set[str] = set()
    bodies = []
    for name in PARTS:
        source = (Path(__file__).parent / name).read_text(encoding="utf-8")
        docstring, *statements = ast.parse(source).body
        lines = source.splitlines(keepends=True)
        taken = [docstring]
        for node in statements:
            if isinstance(node, ast.Import | ast.ImportFrom):
                taken.append(node)
                text = ast.unparse(node)
                if not text.startswith("from rnnzoo"):
                    imports.add(text)
        for node in taken:
            for i in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[i] = ""
        bodies.append("".join(lines).strip())
    head = "\n".join(sorted(imports))
    return "\n\n\n".join([f"{HEADER}\n{head}", *bodies]) + "\n"
