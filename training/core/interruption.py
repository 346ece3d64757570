"""Signals that ask a run to stop."""

import contextlib
import signal
import threading
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(Exception):
    """A signal stopped the run, after it wrote a checkpoint.

    Attributes:
        signal: Number of the signal.
    """

    def __init__(self, number: int, message: str):
        super().__init__(message)
        self.signal = number


@contextlib.contextmanager
def listening() -> Iterator[list[int]]:
    """Yields a list that receives the number of a signal instead of its effect.

    A second signal has its usual effect. Only the main thread receives signals.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def receive(number: int, frame: object) -> None:
        received.append(number)
        restore()

    for number in SIGNALS:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        restore()
