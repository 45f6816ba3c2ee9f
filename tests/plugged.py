"""Providers of the tests' own, found by discovery as it finds the real ones: by their files alone.

`python -m tests.plugged serve` is the command `punnet` with them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import connectors.providers
import resolvers.providers

HOMES = tuple(Path(__file__).parent / name for name in ("depot", "vault"))


@contextmanager
def plugged_in() -> Iterator[None]:
    """Their files lie beside those of the other providers while the block runs."""
    places = ((connectors.providers.__path__, "connectors"), (resolvers.providers.__path__, "resolvers"))
    added = [(path, str(home / folder)) for home in HOMES for path, folder in places]
    for path, folder in added:
        path.append(folder)
    try:
        yield
    finally:
        for path, folder in added:
            path.remove(folder)


if __name__ == "__main__":
    from app import main

    with plugged_in():
        main()
