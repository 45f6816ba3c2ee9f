"""Python's collector of cycles, while nothing is there to collect."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """Have nothing collected: what is loaded and built at the start stays.

    The collector would go through all of it again and again, which takes a quarter of the start.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
