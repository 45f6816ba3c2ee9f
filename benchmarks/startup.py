"""How long from the command to the first joined answer: `python -m benchmarks.startup [RUNS]`.

Starts `punnet serve` with the sandboxes on a free port, asks the README's question until it is answered, stops the
server, and prints minimum, median and maximum over the runs, in seconds, beside an interpreter that only imports
what no gateway of this kind can do without (FastAPI, Strawberry, httpx2).
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx2

QUERY = """{ stripe { customers(first: 1) { nodes { email salesforceContact { title githubUser { login } } } } } }"""
IMPORTS = "import fastapi, strawberry, httpx2"


def main(runs: int) -> None:
    ours = [to_first_answer() for _ in range(runs)]
    imports = [to_import() for _ in range(runs)]
    for name, seconds in (("punnet serve, to the first answer", ours), (f"python -c {IMPORTS!r}", imports)):
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        print(f"{name:60} min {low:.2f}  median {middle:.2f}  max {high:.2f} s")


def to_first_answer() -> float:
    """Seconds until a query over three upstreams is answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {**os.environ, "PUNNET_SANDBOX": "1", "PUNNET_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("punnet")), "serve"]
    began = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            try:
                answer = httpx2.post(f"http://127.0.0.1:{port}/graphql", json={"query": QUERY}, timeout=10).json()
            except httpx2.ConnectError:
                time.sleep(0.01)
                continue
            took = time.perf_counter() - began
            (customer,) = answer["data"]["stripe"]["customers"]["nodes"]
            if "errors" in answer or not customer["salesforceContact"]["githubUser"]["login"]:
                raise SystemExit(f"not the answer that was to be timed: {answer}")
            return took
        raise SystemExit(f"the server ended with status {server.returncode}")
    finally:
        server.terminate()
        server.wait(timeout=10)


def to_import() -> float:
    """Seconds to start an interpreter with the libraries alone."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
