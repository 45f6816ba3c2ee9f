import asyncio
from pathlib import Path
from typing import Any

from connectors.database import Database
from connectors.webhooks.office import Office
from connectors.webhooks.sender import Sender, Webhooks
from tests.clock import FakeClock
from tests.connectors.webhooks.inline import Inline


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError


class Away(Inline):
    """Its database does not answer twice."""

    failures = 2

    async def open(self) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError
        await super().open()


def test_nobody_waits_for_it_to_open_which_goes_on_until_the_database_answers(tmp_path: Path) -> None:
    async def run() -> None:
        database, clock = Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}"), FakeClock()
        durable = Away(database, clock)
        sender = Sender(name="shop", webhooks=Webhooks(secrets="S", verify=never, read=never), secrets=("s",))
        office = Office(database, clock, {"shop": sender}, durable=durable)
        await office.open()
        opened = durable.lives
        while not durable.lives:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await office.close()
        await database.close()

        assert not opened

    asyncio.run(asyncio.wait_for(run(), 20))
