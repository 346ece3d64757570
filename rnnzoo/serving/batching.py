"""Batches: requests that come together are answered together."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from rnnzoo.serving.byte_budget import ByteBudget, decoded_sizes
from rnnzoo.serving.errors import ServingError, from_run, invalid
from rnnzoo.serving.settings import ServerSettings

Arrays = Mapping[str, np.ndarray]


class _Task(NamedTuple):
    """Rows of one request that wait, and the bytes that their images take once they are
    decoded. Those of one key may be answered together."""

    key: Hashable
    signature: str
    inputs: Arrays
    rows: int
    size: int
    can_wait: bool
    arrived: float
    answer: asyncio.Future


class Batcher:
    """The queue of one version of a model, and the thread that answers it.

    Used on one event loop. Nothing need be closed: the worker ends with the queue, so
    a version that is replaced still answers what it took.

    Args:
        run: Answers a batch: signature and inputs to outputs. Called on a thread.
        settings: `max_batch_size`, `batch_wait`, `max_queue` and `max_decoded` count
            here.
        name: What errors call the model.
        observe: Called with the number of rows of each batch.
        byte_budget: The budget for decoded images. Default: a new one of the settings'
            `max_decoded` bytes.
    """

    def __init__(
        self,
        run: Callable[[str, Arrays], Arrays],
        settings: ServerSettings,
        name: str,
        observe: Callable[[int], None] = lambda rows: None,
        byte_budget: ByteBudget | None = None,
    ):
        self._run = run
        self._settings = settings
        self._name = name
        self._observe = observe
        self._byte_budget = byte_budget or ByteBudget(settings.max_decoded)
        self._tasks: deque[_Task] = deque()
        self._rows = 0
        self._worker: asyncio.Task | None = None
        # Waiting ends when as many rows have come as were answered and waited last: a
        # lone client never waits, and a crowd that comes back is waited for.
        self._enough = 1
        self._full = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, f"model-{name}")
        # Signatures whose outputs turned out not to go row by row.
        self._single: set[str] = set()

    @property
    def rows_waiting(self) -> int:
        """Number of rows in the queue."""
        return self._rows

    async def submit(self, signature: str, inputs: Arrays, by_row: bool) -> Arrays:
        """Answers the inputs of one request.

        Args:
            signature: Name of the signature.
            inputs: An array for each of its inputs.
            by_row: Whether inputs and outputs go row by row, so that requests can
                be joined and large ones cut.

        Raises:
            ServingError: `RESOURCE_EXHAUSTED` if the queue is full,
                `INVALID_ARGUMENT` if the request alone would fill it; what the model
                says otherwise.
        """
        rows = 1
        if by_row and signature not in self._single:
            lengths = {len(array) for array in inputs.values()}
            by_row = len(lengths) == 1  # if not, the model may know what to do
            rows = max(lengths)
        limit = self._settings.max_queue
        if rows > limit:
            raise invalid(f"A request may have {limit} rows at most. Received: {rows}")
        if self._rows + rows > limit:
            raise ServingError(
                "RESOURCE_EXHAUSTED",
                f"The queue of {self._name} is full: {self._rows} of {limit} rows "
                f"wait, {rows} came. Try again later",
            )
        decoded = decoded_sizes(inputs)
        total = 0 if decoded is None else int(decoded.sum())
        if not by_row or signature in self._single:
            return await self._enqueue(signature, inputs, 1, total, alone=True)
        if rows <= self._settings.max_batch_size and total <= self._byte_budget.limit:
            return await self._enqueue(signature, inputs, rows, total)
        sizes = np.zeros(rows, int) if decoded is None else decoded
        ends = self._cut(sizes)
        starts = [0, *ends[:-1]]
        answers = await asyncio.gather(
            *(
                self._enqueue(
                    signature,
                    {k: v[start:end] for k, v in inputs.items()},
                    end - start,
                    int(sizes[start:end].sum()),
                )
                for start, end in zip(starts, ends, strict=True)
            )
        )
        sizes = np.diff([0, *ends])
        if all(_goes_by_row(a, n) for a, n in zip(answers, sizes, strict=True)):
            return _join(answers)
        self._single.add(signature)
        return await self._enqueue(signature, inputs, 1, total, alone=True)

    def _cut(self, sizes: np.ndarray) -> list[int]:
        """Where the parts of a large request end, each of which is a batch at most."""
        ends, count, total = [], 0, 0
        for i, size in enumerate(sizes.tolist()):
            is_full = count == self._settings.max_batch_size
            if count and (is_full or total + size > self._byte_budget.limit):
                ends.append(i)
                count = total = 0
            count, total = count + 1, total + size
        return [*ends, len(sizes)]

    def _enqueue(
        self, signature: str, inputs: Arrays, rows: int, size: int, alone: bool = False
    ) -> asyncio.Future:
        loop = asyncio.get_running_loop()
        shapes = sorted((k, x.dtype.str, x.shape[1:]) for k, x in inputs.items())
        key = object() if alone else (signature, *shapes)
        answer = loop.create_future()
        task = _Task(key, signature, inputs, rows, size, not alone, loop.time(), answer)
        self._tasks.append(task)
        self._rows += rows
        if self._rows >= self._enough:
            self._full.set()
        if self._worker is None:
            self._worker = loop.create_task(self._work())
        return answer

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._tasks:
            await self._wait_for_more()
            batch = self._take()
            if not batch:
                continue
            rows = sum(task.rows for task in batch)
            self._observe(rows)
            size = sum(task.size for task in batch)
            await self._byte_budget.take(size)
            try:
                answers = await loop.run_in_executor(self._thread, self._answer, batch)
            finally:
                self._byte_budget.give_back(size)
            crowd = rows + self._rows
            self._enough = max(1, min(crowd, self._settings.max_batch_size))
            for task, answer in zip(batch, answers, strict=True):
                if task.answer.done():  # the client has gone
                    continue
                if isinstance(answer, ServingError):
                    task.answer.set_exception(answer)
                else:
                    task.answer.set_result(answer)
        self._worker = None

    async def _wait_for_more(self) -> None:
        first, now = self._tasks[0], asyncio.get_running_loop().time()
        wait = first.arrived + self._settings.batch_wait - now
        if first.can_wait and self._rows < self._enough and wait > 0:
            self._full.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._full.wait()

    def _take(self) -> list[_Task]:
        """The first task and those that can be answered with it."""
        batch: list[_Task] = []
        rest: deque[_Task] = deque()
        rows = size = 0
        for task in self._tasks:
            if task.answer.done():  # the client has gone
                self._rows -= task.rows
            elif not batch or (
                task.key == batch[0].key
                and rows + task.rows <= self._settings.max_batch_size
                and size + task.size <= self._byte_budget.limit
            ):
                batch.append(task)
                rows += task.rows
                size += task.size
            else:
                rest.append(task)
        self._tasks = rest
        self._rows -= rows
        return batch

    def _answer(self, tasks: list[_Task]) -> list[Arrays | ServingError]:
        """Answers together what can be, and finds those who spoil it for the others."""
        try:
            return self._answer_together(tasks)
        except Exception as error:
            if len(tasks) == 1:
                return [from_run(error)]
        half = len(tasks) // 2
        return self._answer(tasks[:half]) + self._answer(tasks[half:])

    def _answer_together(self, tasks: list[_Task]) -> list[Arrays | ServingError]:
        signature = tasks[0].signature
        if len(tasks) == 1:
            return [self._run(signature, tasks[0].inputs)]
        outputs = self._run(signature, _join([task.inputs for task in tasks]))
        if not _goes_by_row(outputs, sum(task.rows for task in tasks)):
            self._single.add(signature)
            raise ValueError("The outputs do not go row by row")
        answers: list[Arrays | ServingError] = []
        start = 0
        for task in tasks:
            end = start + task.rows
            answers.append({k: array[start:end] for k, array in outputs.items()})
            start = end
        return answers


def _join(batches: Sequence[Arrays]) -> Arrays:
    return {
        name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]
    }


def _goes_by_row(outputs: Arrays, rows: int) -> bool:
    return all(x.ndim and len(x) == rows for x in outputs.values())
