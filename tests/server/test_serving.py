"""The server, as processes of its own on real ports."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import httpx2
import pytest
from websockets import ConnectionClosed, Subprotocol, connect

from connectors.connector import ConfigurationError
from server.serving import GRACE_S, bound
from tests.server.test_cli import ROOT, free_port, running

TOY = """
from server import logs
from server.serving import serve
from tests.server.toy import toy_app

logs.configure("json")
serve(toy_app, host="localhost", port={})
"""
STUCK = """
import asyncio, threading
from functools import partial
from server import logs
from server.serving import serve
from tests.server.toy import toy_app

async def hang():
    threading.Thread(target=threading.Event().wait).start()
    await asyncio.Event().wait()

logs.configure("json")
serve(partial(toy_app, closing=[hang]), host="localhost", port={}, closing_s=0.2)
"""
PAGE = "query($after: String) { stripe { customers(first: 1, after: $after) { pageInfo { endCursor } } } }"


@contextmanager
def toy(port: int, code: str = TOY) -> Iterator["subprocess.Popen[str]"]:
    """The toy gateway in a process of its own, on a port; terminated at the end unless the block has seen to it."""
    command = [sys.executable, "-c", code.format(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(600):
                try:
                    httpx2.get(f"http://localhost:{port}/healthz")
                    break
                except httpx2.ConnectError:
                    time.sleep(0.05)
            yield process
        finally:
            process.kill()


def ask(port: int, query: str) -> httpx2.Response:
    return httpx2.post(f"http://localhost:{port}/graphql", json={"query": query})


def test_subscribers_do_not_keep_a_server_from_stopping_and_see_the_connection_break() -> None:
    port, lines = free_port(), list[str]()

    def follow() -> None:
        query, headers = {"query": "subscription { toyWordSaid }"}, {"Accept": "text/event-stream"}
        with httpx2.stream("GET", f"http://localhost:{port}/graphql", params=query, headers=headers) as stream:
            lines.extend(stream.iter_lines())

    with toy(port) as process, ThreadPoolExecutor() as pool:
        following = pool.submit(follow)
        while not lines and not following.done():
            time.sleep(0.01)
        began = time.monotonic()
        process.terminate()
        _, log = process.communicate(timeout=20)
        took_s = time.monotonic() - began

        assert isinstance(following.exception(), httpx2.RemoteProtocolError)
    assert "event: complete" not in lines
    assert took_s < GRACE_S / 2
    assert "Traceback" not in log


def test_what_is_in_flight_when_the_server_is_stopped_is_answered() -> None:
    port = free_port()
    with toy(port) as process, closing(HTTPConnection("localhost", port)) as connection:
        body = json.dumps({"query": "mutation { change }"})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        ask(port, "{ echo }")  # what came before has been taken then
        process.terminate()
        answer = connection.getresponse()

        assert json.load(answer) == {"data": {"change": "change"}}
        _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in log


def test_an_open_websocket_does_not_keep_the_server_and_leaves_no_traceback() -> None:
    port = free_port()

    async def connect_and_wait(process: "subprocess.Popen[str]") -> None:
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(f"ws://localhost:{port}/graphql", subprotocols=[protocol]) as socket:
            await socket.send('{"type": "connection_init"}')
            assert await socket.recv() == '{"type":"connection_ack"}'
            process.send_signal(signal.SIGINT)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 20)

    with toy(port) as process:
        asyncio.run(connect_and_wait(process))
        _, log = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in log


def test_what_cannot_be_closed_does_not_keep_the_server_from_stopping_and_is_named() -> None:
    with toy(free_port(), STUCK) as process:
        process.terminate()
        _, log = process.communicate(timeout=20)

    assert process.returncode == 1
    assert '"waited_for":"hang"' in log


def test_a_port_that_somebody_listens_on_is_not_shared() -> None:
    port = free_port()

    with (
        toy(port),
        pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1, port {port}: Address already in"),
    ):
        bound("127.0.0.1", port)


def test_a_name_that_is_no_address_is_a_mistake_of_the_operator() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on nowhere\.invalid, port 80: "):
        bound("nowhere.invalid", 80)


def test_every_worker_takes_the_cursors_of_the_others_and_all_of_them_stop() -> None:
    port = free_port()
    with running("serve", "--port", str(port), "--workers", "2", port=port, PUNNET_SANDBOX="1") as process:
        first = httpx2.post(f"http://127.0.0.1:{port}/graphql", json={"query": PAGE}).json()
        cursor = first["data"]["stripe"]["customers"]["pageInfo"]["endCursor"]
        request = {"query": PAGE, "variables": {"after": cursor}}
        answers = [httpx2.post(f"http://127.0.0.1:{port}/graphql", json=request).json() for _ in range(12)]
        workers = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
    process.communicate(timeout=30)
    for _ in range(500):  # one of its children only notes that it is gone
        if not any(os.path.exists(f"/proc/{worker}") for worker in workers):
            break
        time.sleep(0.01)

    assert [answer.get("errors") for answer in answers] == [None] * 12
    assert len(workers) >= 2
    assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
