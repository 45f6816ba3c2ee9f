import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connectors.clock import SystemClock
from connectors.shared import PAUSE_S, Shared
from tests.clock import FakeClock
from tests.redis import RedisServer, redis_server


def test_what_one_process_writes_another_reads(redis: RedisServer, clock: FakeClock) -> None:
    async def go() -> bytes | str | None:
        one, other = Shared(redis.url, clock), Shared(redis.url, clock)
        await one.ask(lambda client: client.set("greeting", "hello"), None)
        read = await other.ask(lambda client: client.get("greeting"), None)
        await one.close()
        await other.close()
        return read

    assert asyncio.run(go()) == b"hello"


def test_a_redis_that_goes_away_is_done_without_and_logged_once_and_so_is_its_return(clock: FakeClock) -> None:
    async def go() -> list[bytes | str]:
        with redis_server() as server:
            shared = Shared(server.url, clock)
            answers = [await shared.ask(lambda client: client.echo("here"), "done without")]
            server.kill()
            answers += [await shared.ask(lambda client: client.echo("here"), "done without") for _ in range(3)]
            server.start()
            answers.append(await shared.ask(lambda client: client.echo("here"), "left alone for now"))
            clock.advance(PAUSE_S)
            answers.append(await shared.ask(lambda client: client.echo("back"), "done without"))
            await shared.close()
            return answers

    with capture_logs() as lines:
        answers = asyncio.run(go())

    assert answers == [b"here", "done without", "done without", "done without", "left alone for now", b"back"]
    assert [line["log_level"] for line in lines] == ["warning", "info"]


def test_while_it_is_tried_whether_it_is_back_nobody_else_waits(clock: FakeClock) -> None:
    tried = 0

    async def hanging(client: object) -> str:
        nonlocal tried
        tried += 1
        await asyncio.sleep(0.01)
        raise ConnectionError

    async def go() -> None:
        shared = Shared("unix:///nowhere/redis.sock", clock)
        await shared.ask(lambda client: client.ping(), None)
        clock.advance(PAUSE_S)
        await asyncio.gather(*(shared.ask(hanging, None) for _ in range(10)), return_exceptions=True)
        await shared.close()

    asyncio.run(go())
    assert tried == 1


def test_a_connection_that_was_forgotten_on_the_way_is_not_listened_to_for_ever(
    redis: RedisServer, tmp_path: Path
) -> None:
    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(10_000):
            if b"PING" not in data:
                writer.write(data)
        writer.close()

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_unix_connection(redis.url.removeprefix("unix://"))
        await asyncio.gather(pass_on(reader, to_redis), pass_on(from_redis, writer))

    async def go() -> int:
        on_the_way = await asyncio.start_unix_server(forgetful, tmp_path / "redis.sock")
        shared = Shared(f"unix://{tmp_path}/redis.sock", SystemClock(), quiet_s=0.02)
        missed: asyncio.Queue[str] = asyncio.Queue()
        shared.listen("news", lambda _: None, lambda: missed.put_nowait("something"))
        shared.attend()
        async with asyncio.timeout(5):
            times = [await missed.get() for _ in ("it begins", "it has broken off")]
        await shared.close()
        on_the_way.close()
        return len(times)

    assert asyncio.run(go()) == 2


def test_what_is_no_address_of_a_redis_is_refused(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="redis://"):
        Shared("http://cache.example", clock)
