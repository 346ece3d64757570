"""Plants single-line faults in covered lines, and counts how many the tests catch.

Draw twenty faults, then plant one after another in a clone of the last commit:

    make coverage
    python -m tests.mutants draw > mutants.json
    python -m tests.mutants run mutants.json

A fault is a sign (`+` for `-`), a bound (`<` for `<=`) or an integer that is one too
large. For each fault only the test files of the default ring run that execute its line.
`--coverage` names the data file, which must hold the tests as contexts. A fault whose
source line is gone counts as an error: draw again.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("rnnzoo", "zoo_models")
SIGNS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+")}
BOUNDS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
}
KINDS = ("sign", "bound", "off-by-one")
LIMIT = 1800  # seconds: a fault that makes the tests hang is caught


def faults_of(path):
    """Yields (kind, line number, source line, faulty line) for a source file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    # Positions inside f-strings are not exact before Python 3.12.
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        kind, left, right, swap = None, None, None, None
        if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
            kind, left, right = "sign", node.left, node.right
            swap = SIGNS[type(node.op)]
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in BOUNDS:
            kind, left, right = "bound", node.left, node.comparators[0]
            swap = BOUNDS[type(node.ops[0])]
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            kind, start, end = "off-by-one", node.col_offset, node.end_col_offset
            swap = (lines[node.lineno - 1][start:end], str(node.value + 1))
        else:
            continue
        if left is not None:
            start, end = left.end_col_offset, right.col_offset
            if left.end_lineno != right.lineno:
                continue
        # Offsets count bytes.
        line = lines[node.lineno - 1]
        if not line.isascii() or node.lineno != node.end_lineno:
            continue
        between = line[start:end]
        if between.count(swap[0]) == 1:
            faulty = line[:start] + between.replace(*swap) + line[end:]
            yield kind, node.lineno, line, faulty


def test_files(data, path, number):
    """Returns the test files that execute a line, the nearest in the tree first."""
    contexts = data.contexts_by_lineno(str(path)).get(number, [])
    tests = {context.split("|")[0] for context in contexts if context}
    place = path.relative_to(ROOT)
    parts = {*place.with_suffix("").parts, f"test_{place.stem}"} - {"rnnzoo"}

    def distance(file):
        return -len(parts & {*Path(file).with_suffix("").parts}), file

    return sorted({test.split("::")[0] for test in tests}, key=distance)


def draw(data, number, seed):
    """Returns faults in lines that a test executes, their kinds in turn."""
    drawn = {kind: [] for kind in KINDS}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for kind, line, before, after in faults_of(path):
                place = str(path.relative_to(ROOT))
                if test_files(data, path, line):
                    drawn[kind].append(
                        {
                            "kind": kind,
                            "file": place,
                            "line": line,
                            "before": before,
                            "after": after,
                        }
                    )
    rng = random.Random(seed)
    for kind in KINDS:
        rng.shuffle(drawn[kind])
    return [drawn[KINDS[i % len(KINDS)]].pop() for i in range(number)]


def plant(clone, fault):
    """Writes a fault into the clone; returns its path, line number and old source."""
    path = clone / fault["file"]
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    places = [i for i, line in enumerate(lines) if line == fault["before"]]
    if not places:
        raise ValueError(f"{fault['file']} has no line {fault['before'].strip()!r}")
    place = min(places, key=lambda i: abs(i + 1 - fault["line"]))
    lines[place] = fault["after"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, place + 1, source


def run(data, faults):
    """Plants each fault, runs the tests that execute it and prints the result."""
    folder = Path(tempfile.mkdtemp())
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    caught = 0
    for number, fault in enumerate(faults, 1):
        try:
            path, line, source = plant(clone, fault)
        except (OSError, ValueError) as error:
            print(f"{number:2} error: {error}")
            continue
        files = test_files(data, ROOT / fault["file"], line)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", *files]
        try:
            done = subprocess.run(
                command,
                cwd=clone,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=LIMIT,
            )
            code, said = done.returncode, done.stdout.strip().splitlines()[-1:]
        except subprocess.TimeoutExpired:
            code, said = 1, ["hangs"]
        path.write_text(source, encoding="utf-8")
        caught += code == 1
        verdict = {0: "MISSED", 1: "caught"}.get(code, f"error {code}")
        place = f"{fault['file']}:{line}"
        print(f"{number:2} {verdict} {place} `{fault['after'].strip()}`", *said)
        sys.stdout.flush()
    shutil.rmtree(folder)
    print(f"{caught} of {len(faults)} caught")


def main():
    from coverage import CoverageData

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["draw", "run"])
    parser.add_argument("faults", nargs="?", help="file of faults, for `run`")
    parser.add_argument("--coverage", default=str(ROOT / ".coverage"))
    parser.add_argument("--number", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    data = CoverageData(options.coverage)
    data.read()
    if options.verb == "draw":
        print(json.dumps(draw(data, options.number, options.seed), indent=1))
    else:
        run(data, json.loads(Path(options.faults).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
