"""A provider of the tests' own: a parcel depot whose API has every habit that the real three together lack.

`plugged_in` lets discovery find it as it finds the real ones: by its files alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import connectors.providers
import resolvers.providers

HERE = Path(__file__).parent


@contextmanager
def plugged_in() -> Iterator[None]:
    """The depot's files lie beside those of the other providers while the block runs."""
    places = ((connectors.providers.__path__, "connectors"), (resolvers.providers.__path__, "resolvers"))
    for path, folder in places:
        path.append(str(HERE / folder))
    try:
        yield
    finally:
        for path, folder in places:
            path.remove(str(HERE / folder))
