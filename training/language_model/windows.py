"""Windows of a long text, in parallel lanes."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnzoo.text import END_ID
from training.core.batches import Batches


class Windows(Batches):
    """Batches of windows that go on where those of the batch before ended.

    The texts are joined, each closed by an end token, and cut into as many lanes as a
    batch has rows. Row `i` of a batch is the next window of lane `i`, so that the
    state after one batch is the state before the next. Windows overlap by an id: the
    last one of a window is a target there and the first input of the next.

    Args:
        streams: Ids by name, of one length each: see `join`.
        lanes: Number of lanes, the size of a batch. Positive.
        length: Number of targets in a window. Positive.
        seed: Any integer; the order is always that of the texts.

    Raises:
        ValueError: If the streams are too short for a window in each lane.
    """

    can_shrink = False  # the lanes are those of the model's states

    def __init__(
        self, streams: Mapping[str, np.ndarray], lanes: int, length: int, seed: int
    ):
        size = min(len(stream) for stream in streams.values())
        count = (size - 1) // lanes // length  # windows of a lane
        if not count:
            raise ValueError(
                f"There must be {lanes * length + 1} words, for {lanes} lanes of "
                f"windows of {length}. Received: {size}. Use a smaller --batch-size or "
                "`window`."
            )
        lane, window = np.divmod(np.arange(lanes * count), count)
        starts = (lane * count + window) * length
        places = starts[:, None] + np.arange(length + 1)
        inputs = {name: stream[places] for name, stream in streams.items()}
        super().__init__((inputs, np.zeros((len(places), 1), "float32")), lanes, seed)
        self.windows = np.arange(lanes * count).reshape(lanes, count)

    def _make_plan(self, epoch: int) -> list[np.ndarray]:
        return list(self.windows.T)


def join(rows: Sequence[np.ndarray], seed: int, backwards: bool = False) -> np.ndarray:
    """Joins texts into one stream of ids.

    Args:
        rows: The ids of each text, without an end token.
        seed: Seed of the order of the texts.
        backwards: Whether each text is turned around.

    Returns:
        Int32 array; an end token opens it, and closes each text.
    """
    order = np.random.default_rng(seed).permutation(len(rows))
    end = np.array([END_ID])
    parts = [end]
    for i in order:
        parts += [rows[i][::-1] if backwards else rows[i], end]
    return np.concatenate(parts).astype("int32")


def to_documents(
    rows: Sequence[np.ndarray], names: Sequence[str], batch_size: int, longest: int
) -> Batches:
    """Batches of whole texts, for validation: a state starts with each.

    Args:
        rows: The ids of each text, without an end token.
        names: Names of the streams, as in `Windows`; those that end in `backward` are
            turned around.
        batch_size: Number of texts in a batch.
        longest: Words of a text at most, the first ones.
    """
    rows = [row[:longest] for row in rows]
    inputs = {
        name: [
            np.concatenate(
                [[END_ID], row[:: -1 if name == "backward" else 1], [END_ID]]
            ).astype("int32")
            for row in rows
        ]
        for name in names
    }
    lengths = [len(row) + 2 for row in rows]
    edges = sorted({*range(64, longest + 2, 64), longest + 2})
    targets = np.zeros((len(rows), 1), "float32")
    return Batches((inputs, targets), batch_size, None, lengths, edges)
