"""Load on a server: throughput and latency, with batching and without.

    python -m benchmarks.serving --data-dir ~/tensorflow_datasets

`rnnzoo serve` runs in a process of its own; this one is 32 clients on loopback. Each
sends a review of IMDB's test split, waits for the answer and sends the next. The last
run has a slow model beside, to which two more clients send all the time.
"""

import asyncio
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import click
import numpy as np

PRESET = "sentiment_en"
_WARM_UP = 2.0


def read_reviews(data_dirs: tuple[str, ...]) -> list[bytes]:
    """Returns requests with a review each."""
    from rnnzoo.datasets import open_dataset

    dataset = open_dataset("imdb_reviews", data_dirs).as_dataset(split="test[:2000]")
    texts = [example["text"].decode() for example in dataset.as_numpy_iterator()]
    return [json.dumps({"instances": [text]}).encode() for text in texts]


def write_slow_model(base: Path) -> None:
    """Exports a model that computes for half a second, row by row."""
    import tensorflow as tf

    class Slow(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def answer(self, text: Any) -> dict[str, Any]:
            weights = tf.eye(256)
            # Each row in turn, so that a batch of them takes as much longer.
            steps = 5_000 * tf.size(text)
            state = tf.random.stateless_normal([32, 256], [1, 2])
            _, state = tf.while_loop(
                lambda i, _: i < steps,
                lambda i, s: (i + 1, tf.tanh(s @ weights)),
                [0, state],
                parallel_iterations=1,
            )
            return {"caption": tf.strings.join([text, tf.as_string(state[0, 0])])}

    module = Slow()
    tf.saved_model.save(module, str(base / "slow" / "1"), module.answer)


@contextmanager
def served(base: Path, *options: str) -> Iterator[str]:
    """Yields the address of a `rnnzoo serve` that runs until the block ends."""
    command = [sys.executable, "-m", "rnnzoo", "serve", str(base), "--rest-port", "0"]
    process = subprocess.Popen(
        [*command, "--grpc-port", "0", *options], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if '"listening"' in line:
            yield f"http://127.0.0.1:{json.loads(line)['rest_port']}"
            break
    else:
        raise OSError("The server did not start")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


async def _client(
    session: aiohttp.ClientSession,
    url: str,
    bodies: Iterator[bytes],
    until: float,
    answers: list[tuple[float, float, int]],
) -> None:
    while (start := time.perf_counter()) < until:
        try:
            async with session.post(url, data=next(bodies)) as response:
                answer = await response.read()
                status = response.status if b'"predictions"' in answer else 0
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        answers.append((start, time.perf_counter() - start, status))


async def measure(
    address: str, bodies: list[bytes], clients: int, seconds: float, beside: str = ""
) -> dict[str, Any]:
    """Sends requests for some seconds after a warm-up, and returns the figures."""
    begin = time.perf_counter() + _WARM_UP
    until = begin + seconds
    answers: list[tuple[float, float, int]] = []
    slow: list[tuple[float, float, int]] = []
    source = itertools.cycle(bodies)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        url = f"{address}/v1/models/{PRESET}:predict"
        jobs = [_client(session, url, source, until, answers) for _ in range(clients)]
        if beside:
            url = f"{address}/v1/models/{beside}:predict"
            jobs += [_client(session, url, source, until, slow) for _ in range(2)]
        await asyncio.gather(*jobs)
        async with session.get(f"{address}/metrics") as response:
            page = await response.text()
    counted = [answer for answer in answers if answer[0] >= begin]
    times = np.array([taken for _, taken, status in counted if status == 200]) * 1e3
    rows = {
        kind: float(
            re.search(rf"rnnzoo_batch_rows_{kind}{{model=\"{PRESET}\"}} (.+)", page)[1]
        )
        for kind in ("sum", "count")
    }
    return {
        "requests": len(times),
        "per second": len(times) / seconds,
        "p50": float(np.percentile(times, 50)),
        "p99": float(np.percentile(times, 99)),
        "errors": sum(answer[2] != 200 for answer in answers),
        "rows": rows["sum"] / rows["count"],
        "slow": float(np.median([s[1] for s in slow])) if slow else None,
        "slow errors": sum(s[2] != 200 for s in slow),
    }


@click.command(context_settings={"show_default": True})
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--clients", default=32)
@click.option("--seconds", default=30.0)
def main(data_dirs: tuple[str, ...], clients: int, seconds: float) -> None:
    """Prints a table: without batching, with it, and with a slow model beside."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    bodies = read_reviews(data_dirs)
    click.echo(
        "| server | requests/s | p50, ms | p99, ms | errors | rows at once | slow, s |"
    )
    click.echo("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        command = [sys.executable, "-m", "rnnzoo", "export", PRESET, folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        write_slow_model(base)
        for name, options, beside in (
            ("`--max-batch-size 1`", ("--max-batch-size", "1"), ""),
            ("as it is", (), ""),
            ("as it is, a slow model beside", (), "slow"),
        ):
            with served(base, *options) as address:
                result = asyncio.run(measure(address, bodies, clients, seconds, beside))
            slow = "" if result["slow"] is None else f"{result['slow']:.2f}"
            click.echo(
                f"| {name} | {result['per second']:.0f} | {result['p50']:.1f} "
                f"| {result['p99']:.1f} | {result['errors'] + result['slow errors']} "
                f"| {result['rows']:.1f} | {slow} |"
            )


if __name__ == "__main__":
    main()
