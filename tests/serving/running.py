"""Tests that run in an event loop."""

import asyncio
import functools


def in_event_loop(test):
    """Runs an `async` test in an event loop of its own."""

    @functools.wraps(test)
    def wrapper(*args, **kwargs):
        asyncio.run(test(*args, **kwargs))

    return wrapper
