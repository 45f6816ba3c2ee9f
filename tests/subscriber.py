"""A subscriber that nobody here wrote: the Node client of either protocol, in a process of its own."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import IO, Any

NODE = Path(__file__).parent / "node"
PATIENCE_S = 20


class Subscriber:
    """`next` is what its client was given; `leave` ends it without a word."""

    def __init__(self, process: "subprocess.Popen[str]", output: IO[str]) -> None:
        self._process = process
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, args=[output], daemon=True).start()

    def next(self) -> dict[str, Any]:
        """The next result, as soon as it is there."""
        told: dict[str, Any] = json.loads(self._lines.get(timeout=PATIENCE_S))
        return told

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(line)

    def leave(self) -> None:
        self._process.kill()


@contextmanager
def subscribed(transport: str, url: str, query: str, *, count: int = 0, **variables: Any) -> Iterator[Subscriber]:
    """Subscribe to the gateway at `url` by `ws` or `sse`; with a `count`, for so many results only."""
    command = ["node", "subscribe.mjs", transport, f"{url}/graphql", query, str(count), json.dumps(variables)]
    with subprocess.Popen(command, cwd=NODE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Subscriber(process, process.stdout)
        finally:
            process.kill()
