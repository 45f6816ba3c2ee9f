"""The upstream of the workload: nginx with static answers, or a small server of our own where there is no nginx.

`/posts` has 100 posts, `/posts-1000` and `/posts-5000` as many as they say; `/users` has all ten users whatever the
query says, `/users/1` one. No answer has an ETag or a date: each request is to read it in full.
"""

import asyncio
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httpx2
import orjson

from benchmarks.jsonplaceholder.sandbox import posts, users
from benchmarks.processes import ended, free_port, pinned

SIZES = {"/posts": 100, "/posts-1000": 1_000, "/posts-5000": 5_000}
COUNT = "/calls"
"""Where the upstream says how many requests it has had."""

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; etag off; if_modified_since off; keepalive_requests 1000000000; open_file_cache max=100;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder}; default_type application/json; server_tokens off;
  server {{
    listen 127.0.0.1:{port}; root {folder}; add_header Last-Modified "";
    location = {count} {{ stub_status; }}
    location / {{ try_files $uri.json =404; }}
  }}
}}
"""


class Upstream:
    """A running upstream at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._asked = 0

    def calls(self) -> int:
        """How many requests it has had, ours for this number left out."""
        text = httpx2.get(f"{self.url}{COUNT}").text
        self._asked += 1
        found = re.search(r"requests\s+\d+ \d+ (\d+)", text)
        assert found, text
        return int(found[1]) - self._asked


@contextmanager
def upstream(core: int) -> Iterator[Upstream]:
    """The upstream, on one core."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        (folder / "users").mkdir()
        for path, body in answers().items():
            (folder / f"{path[1:]}.json").write_bytes(body)
        if nginx := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
            (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, count=COUNT))
            command = [nginx, "-p", name, "-c", str(folder / "nginx.conf")]
        else:
            command = [sys.executable, "-m", "benchmarks.upstream", str(port)]
        process = subprocess.Popen(pinned(command, core))
        try:
            there = Upstream(f"http://127.0.0.1:{port}")
            awaited(there)
            yield there
        finally:
            ended(process)


def awaited(there: Upstream) -> None:
    """Returns when the upstream answers."""
    for _ in range(100):
        try:
            there.calls()
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the upstream does not answer")


def answers() -> dict[str, bytes]:
    """The bodies, by path."""
    everybody = users()
    bodies = {path: orjson.dumps(posts(count)) for path, count in SIZES.items()}
    bodies |= {f"/users/{user['id']}": orjson.dumps(user) for user in everybody}
    return bodies | {"/users": orjson.dumps(everybody)}


class Static(asyncio.Protocol):
    """HTTP/1.1 with keep-alive for GET requests that come whole, which is all this upstream is asked."""

    requests = itertools.count(1)

    def __init__(self, bodies: dict[bytes, bytes]) -> None:
        self._bodies = bodies

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        path = data[4 : data.index(b" ", 4)].partition(b"?")[0]
        number = next(self.requests)
        body = b"requests\n 0 0 %d" % number if path == COUNT.encode() else self._bodies.get(path, b"[]")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)


async def serve(port: int) -> None:
    """Serve on a port until ended."""
    bodies = {path.encode(): body for path, body in answers().items()}
    server = await asyncio.get_running_loop().create_server(lambda: Static(bodies), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
