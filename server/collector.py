"""Python's collector of cycles, while there is nothing to collect."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest(*, for_good: bool = False) -> Iterator[None]:
    """Have nothing collected: what is loaded and built at a start stays.

    The collector would go through all of it again and again, which takes a quarter of the start. With `for_good` it
    will never look at what is there at the end: nothing that was loaded ever goes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if was_on:
            gc.enable()
