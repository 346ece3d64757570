"""Requests that come together are answered together, and fail alone."""

import asyncio
import itertools
import threading

import numpy as np
import pytest

from rnnzoo.serving.batching import Batcher
from rnnzoo.serving.errors import ServingError
from rnnzoo.serving.settings import ServerSettings
from tests.serving.running import in_event_loop


class Model:
    """Doubles rows, one batch at a time as it is let through; hates a 13."""

    def __init__(self, is_open=True):
        self.batches = []
        self.gate = threading.Event()
        if is_open:
            self.gate.set()

    def run(self, signature, inputs):
        self.gate.wait(30)
        x = inputs["x"]
        self.batches.append(x[:, 0].tolist())
        if signature == "broken":
            raise MemoryError
        if (x == 13).any():
            raise ValueError("assertion failed: [13]")
        if signature == "filter":
            return {"y": 2 * x[x[:, 0] > 0]}
        return {"y": 2 * x}


def make(model, **settings):
    return Batcher(model.run, ServerSettings(**settings), "numbers")


def rows(*values):
    return {"x": np.array(values, "float32")[:, None]}


def submit(batcher, *values, signature="serving_default", by_row=True):
    return asyncio.ensure_future(batcher.submit(signature, rows(*values), by_row))


async def occupy(batcher):
    """A request that is being answered."""
    first = submit(batcher, 0)
    while batcher.rows_waiting or not batcher._worker:
        await asyncio.sleep(0.001)
    return first


async def crowd(batcher, model, *requests):
    """The answers of requests that all wait behind a first one."""
    model.gate.clear()
    first = await occupy(batcher)
    tasks = [submit(batcher, *values) for values in requests]
    await asyncio.sleep(0.01)
    model.gate.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


@in_event_loop
async def test_what_waits_is_answered_at_once():
    model = Model()
    answers = await crowd(make(model), model, [1], [2, 3], [4])
    assert [a["y"][:, 0].tolist() for a in answers] == [[2], [4, 6], [8]]
    assert model.batches == [[0], [1, 2, 3, 4]]


@in_event_loop
async def test_a_batch_has_a_limit_and_a_large_request_is_cut():
    model = Model()
    batcher = make(model, max_batch_size=3)
    answers = await crowd(batcher, model, [1], [2, 3, 4, 5, 6, 7, 8], [9])
    assert answers[1]["y"][:, 0].tolist() == [4, 6, 8, 10, 12, 14, 16]
    assert max(map(len, model.batches)) == 3
    assert sorted(itertools.chain(*model.batches)) == [*range(10)]


@in_event_loop
async def test_without_batching_each_request_is_alone():
    model = Model()
    await crowd(make(model, max_batch_size=1), model, [1], [2], [3])
    assert model.batches == [[0], [1], [2], [3]]


@in_event_loop
async def test_signatures_shapes_and_types_do_not_mix():
    model = Model(is_open=False)
    batcher = make(model)
    first = submit(batcher, 0)
    await asyncio.sleep(0.05)
    wide = {"x": np.ones((1, 2), "float32")}
    whole = {"x": np.ones((1, 1), "int32")}
    others = [
        submit(batcher, 1),
        submit(batcher, 2, signature="other"),
        asyncio.ensure_future(batcher.submit("serving_default", wide, True)),
        asyncio.ensure_future(batcher.submit("serving_default", whole, True)),
        submit(batcher, 5, by_row=False),
        submit(batcher, 6),
    ]
    await asyncio.sleep(0.01)
    model.gate.set()
    await asyncio.gather(first, *others)
    assert model.batches == [[0], [1, 6], [2], [1], [1], [5]]


@in_event_loop
async def test_a_bad_row_fails_its_own_request_alone():
    model = Model()
    requests = [[i] for i in range(1, 13)] + [[13], [14, 13], [15]]
    answers = await crowd(make(model), model, *requests)
    failed = [i for i, a in enumerate(answers) if isinstance(a, ServingError)]
    assert failed == [12, 13]
    assert str(answers[12]) == "assertion failed: [13]"
    assert answers[14]["y"].tolist() == [[30]]
    assert len(model.batches) < len(answers)  # halves, and not one by one


@in_event_loop
async def test_outputs_that_do_not_go_by_row_are_not_mixed():
    model = Model(is_open=False)
    batcher = make(model)
    tasks = [submit(batcher, i, -i, signature="filter") for i in (1, 2, 3)]
    await asyncio.sleep(0.05)
    model.gate.set()
    answers = await asyncio.gather(*tasks)
    assert [a["y"].tolist() for a in answers] == [[[2]], [[4]], [[6]]]


@in_event_loop
async def test_a_full_queue_refuses_at_once():
    model = Model(is_open=False)
    batcher = make(model, max_queue=4)
    running = await occupy(batcher)
    waiting = [submit(batcher, 1, 2), submit(batcher, 3)]
    await asyncio.sleep(0.01)
    assert batcher.rows_waiting == 3
    with pytest.raises(ServingError, match="3 of 4 rows wait, 2 came") as error:
        await batcher.submit("serving_default", rows(4, 5), True)
    assert (error.value.code, error.value.status) == ("RESOURCE_EXHAUSTED", 503)
    with pytest.raises(ServingError, match="4 rows at most. Received: 5"):
        await batcher.submit("serving_default", rows(1, 2, 3, 4, 5), True)
    waiting.append(submit(batcher, 4))
    model.gate.set()
    await asyncio.gather(running, *waiting)
    assert batcher.rows_waiting == 0


@in_event_loop
async def test_a_client_that_has_gone_is_not_answered():
    model = Model(is_open=False)
    batcher = make(model)
    first = await occupy(batcher)
    gone, stays = submit(batcher, 1), submit(batcher, 2)
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0.01)
    model.gate.set()
    await asyncio.gather(first, stays)
    assert batcher.rows_waiting == 0
    assert model.batches == [[0], [2]]


@in_event_loop
async def test_a_model_out_of_memory_does_not_end_the_worker():
    batcher = make(Model())
    with pytest.raises(ServingError) as error:
        await submit(batcher, 1, signature="broken")
    assert (error.value.code, error.value.message) == ("INTERNAL", "MemoryError")
    answer = await submit(batcher, 2)
    assert answer["y"].tolist() == [[4]]
