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
LIMIT = 1800  # seconds: a fault that makes the tests hang is caught


def faults_of(path):
    """Yields (kind, line number, source line, faulty line) for a source file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    tree = ast.parse("\n".join(lines))
    # Positions inside f-strings are not exact before Python 3.12.
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    skipped = {id(inner) for node in strings for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
            kind, (old, new) = "sign", SIGNS[type(node.op)]
            start, end = node.left.end_col_offset, node.right.col_offset
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in BOUNDS:
            kind, (old, new) = "bound", BOUNDS[type(node.ops[0])]
            start, end = node.left.end_col_offset, node.comparators[0].col_offset
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            kind, new = "off-by-one", str(node.value + 1)
            start, end = node.col_offset, node.end_col_offset
            old = lines[node.lineno - 1][start:end]
        else:
            continue
        line = lines[node.lineno - 1]
        # Offsets count bytes.
        is_simple = line.isascii() and node.lineno == node.end_lineno
        if is_simple and id(node) not in skipped and line[start:end].count(old) == 1:
            faulty = line[:start] + line[start:end].replace(old, new) + line[end:]
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
    keys = "kind", "line", "before", "after"
    drawn = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for fault in faults_of(path):
                if test_files(data, path, fault[1]):
                    entry = {"file": str(path.relative_to(ROOT))}
                    entry.update(zip(keys, fault, strict=True))
                    drawn.setdefault(fault[0], []).append(entry)
    rng = random.Random(seed)
    kinds = [rng.sample(drawn[kind], len(drawn[kind])) for kind in sorted(drawn)]
    return [kinds[i % len(kinds)].pop() for i in range(number)]


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


def run_tests(clone, files):
    """Returns the exit status of the tests, 1 if they hang."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", *files]
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run(
            command, cwd=clone, env=environment, timeout=LIMIT, check=False, **pipes
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


def run(data, faults):
    """Plants each fault, runs the tests that execute it and prints the result."""
    caught = 0
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        for number, fault in enumerate(faults, 1):
            try:
                path, line, source = plant(clone, fault)
            except (OSError, ValueError) as error:
                print(f"{number:2} error: {error}")
                continue
            status = run_tests(clone, test_files(data, ROOT / fault["file"], line))
            path.write_text(source, encoding="utf-8")
            caught += status == 1
            verdict = {0: "MISSED", 1: "caught"}.get(status, f"error {status}")
            place = f"{fault['file']}:{line}"
            print(
                f"{number:2} {verdict} {place} `{fault['after'].strip()}`", flush=True
            )
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
