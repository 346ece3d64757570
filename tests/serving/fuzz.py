"""Sends hostile requests to a server and counts its answers.

    python -m tests.serving.fuzz --requests 10000

The server runs in a process of its own, with tiny models, and its memory is watched.
Every fourth request is a good one and must be answered rightly, whatever comes beside
it.
"""

import http.client
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import click

from tests.serving.hostile import Case, make

_THREADS = 8


class Outcome(NamedTuple):
    """What came of the requests.

    Args:
        counts: Kind of request and status to their number.
        wrong: Requests whose answer was not the right one, in words.
    """

    counts: Counter[tuple[str, int]]
    wrong: list[str]


def fuzz(port: int, seeds: range) -> Outcome:
    """Sends the requests of these numbers, from several threads at once."""
    parts = [seeds[i::_THREADS] for i in range(_THREADS)]
    counts: Counter[tuple[str, int]] = Counter()
    wrong: list[str] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        for outcome in pool.map(lambda part: _fuzz_in_turn(port, part), parts):
            counts += outcome.counts
            wrong += outcome.wrong
    return Outcome(counts, wrong)


def _fuzz_in_turn(port: int, seeds: range) -> Outcome:
    counts: Counter[tuple[str, int]] = Counter()
    wrong: list[str] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for seed in seeds:
        case = make(seed)
        try:
            status, content = _send(connection, case)
            reason = _judge(case, status, content)
        except (OSError, http.client.HTTPException) as error:
            status, reason = 0, repr(error)
            connection.close()
        counts[case.kind, status] += 1
        if reason:
            wrong.append(f"request {seed}, {case.kind}: {reason}")
    connection.close()
    return Outcome(counts, wrong)


def _send(connection: http.client.HTTPConnection, case: Case) -> tuple[int, bytes]:
    body: bytes | Iterator[bytes] = case.body
    if case.is_chunked:
        body = (case.body[i : i + 2**16] for i in range(0, len(case.body), 2**16))
    # `request` would refuse some of these paths itself.
    connection.putrequest(case.method, "/", skip_accept_encoding=True)
    first = connection._buffer[0]  # type: ignore[attr-defined]
    line = f"{case.method} {case.path} HTTP/1.1".encode()
    assert first.startswith(case.method.encode())
    connection._buffer[0] = line  # type: ignore[attr-defined]
    if case.is_chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    else:
        connection.putheader("Content-Length", str(len(case.body)))
    connection.endheaders(body, encode_chunked=case.is_chunked)
    response = connection.getresponse()
    return response.status, response.read()


def _judge(case: Case, status: int, content: bytes) -> str:
    """Why the answer is wrong, or nothing."""
    if status not in case.expected:
        return f"{status} instead of {case.expected}: {content[:200]!r}"
    answer = json.loads(content)
    if status != 200:
        ok = isinstance(answer, dict) and [*answer] == ["error"] and answer["error"]
        return "" if ok else f"no reason is given: {content[:200]!r}"
    if case.answer is None:
        return ""
    received = answer.get("predictions", answer.get("outputs"))
    return "" if received == case.answer else f"answered {received}"


def report(outcome: Outcome) -> str:
    """A table: kinds of request, and how many had which status."""
    statuses = sorted({status for _, status in outcome.counts})
    lines = [
        "| request | " + " | ".join(map(str, statuses)) + " |",
        "|---" * (len(statuses) + 1) + "|",
    ]
    kinds = sorted({kind for kind, _ in outcome.counts})
    for kind in kinds:
        cells = [str(outcome.counts[kind, status] or "") for status in statuses]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    totals = [sum(outcome.counts[k, s] for k in kinds) for s in statuses]
    lines.append("| **all** | " + " | ".join(f"**{n}**" for n in totals) + " |")
    return "\n".join(lines)


def _memory(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


@click.command()
@click.option("--requests", default=10_000, show_default=True)
def main(requests: int) -> None:
    """Prints counts by status, and the server's memory before and at its peak."""
    from tests.serving import tiny_models

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "models"
        tiny_models.write_all(base)
        command = [sys.executable, "-m", "rnnzoo", "serve", str(base)]
        options = ["--rest-port", "0", "--grpc-port", "0", "--max-body-mb", "1"]
        log = Path(folder) / "log"
        with log.open("w") as file:  # not a pipe: it would fill
            server = subprocess.Popen([*command, *options], stderr=file)
        while '"listening"' not in log.read_text():
            time.sleep(0.1)
        lines = [line for line in log.read_text().splitlines() if "listening" in line]
        port = json.loads(lines[0])["rest_port"]
        fuzz(port, range(0, 400, 4))  # good ones: code and buffers are there
        before = _memory(server.pid, "VmRSS")
        outcome = fuzz(port, range(requests))
        after, peak = (_memory(server.pid, field) for field in ("VmRSS", "VmHWM"))
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        events = [line for line in log.read_text().splitlines() if '"error"' in line]
    click.echo(report(outcome))
    click.echo(
        f"Memory: {before:.0f} MB before, {after:.0f} after, {peak:.0f} at most."
    )
    for line in [*outcome.wrong[:20], *events]:
        click.echo(line)
    if outcome.wrong:
        raise click.ClickException(f"{len(outcome.wrong)} answers were wrong")


if __name__ == "__main__":
    main()
