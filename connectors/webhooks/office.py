"""What of webhooks works with the database: opened when it is first needed, closed once."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from connectors.clock import Clock
from connectors.database import Database
from connectors.webhooks.delivery import Event
from connectors.webhooks.sender import Sender
from connectors.webhooks.tally import InboxTally

if TYPE_CHECKING:
    from connectors.webhooks.durable import Durable
    from connectors.webhooks.inbox import Inbox

log = structlog.get_logger("punnet.webhooks")


class Office:
    """The inbox of `senders`, over durable work. Opening it loads SQLAlchemy and DBOS, which takes about two seconds.

    Nobody waits for that: a webhook that comes before DBOS is there is stored and answered, as its sender may wait for
    three seconds only. Where somebody gave us a secret it is opened at the start, as there may be work left; in front
    of sandboxes it is when the first webhook comes.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        senders: Mapping[str, Sender],
        publish: Callable[[Event], Awaitable[None]] | None = None,
        durable: "Durable | None" = None,
        forward: Callable[[Event], Awaitable[None]] | None = None,
    ) -> None:
        """`durable` is that of the process where something else needs it, and is not open yet."""
        self.senders = senders
        self.tally = InboxTally()
        self._database = database
        self._clock = clock
        self._publish = publish
        self._forward = forward
        self._parts = self._over(durable) if durable else None
        self._opening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to open it, if there may be work left. A database that is away only delays that."""
        if not all(sender.invented for sender in self.senders.values()):
            self._opening = asyncio.create_task(self._open())

    async def inbox(self) -> "Inbox":
        """The inbox, over durable work that is open.

        Raises `SQLAlchemyError` or `OSError` without a database, `RuntimeError` where this process has another one.
        """
        durable, inbox = self._there()
        await durable.open()
        return inbox

    async def accept(self, arrived: Sequence[Event]) -> Sequence[bool]:
        """Store what is new, as `Inbox.accept` does; it is handled once durable work is open."""
        _, inbox = self._there()
        return await inbox.accept(arrived)

    async def close(self) -> None:
        """What is under way is left to others, or to the next process."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self._parts:
            durable, inbox = self._parts
            await inbox.close()
            await durable.close()
            await inbox.settle()

    async def _open(self) -> None:
        lasting = await asyncio.to_thread(importlib.import_module, "connectors.webhooks.lasting")  # loads SQLAlchemy
        try:
            await lasting.lasting(self._clock, self.inbox)
        except Exception as error:
            log.error("webhooks are not handled", error=type(error).__name__)

    def _there(self) -> "tuple[Durable, Inbox]":
        if self._parts is None:
            from connectors.webhooks.durable import Durable

            self._parts = self._over(Durable(self._database, self._clock))
        return self._parts

    def _over(self, durable: "Durable") -> "tuple[Durable, Inbox]":
        from connectors.webhooks.commits import Commits
        from connectors.webhooks.events import TABLES
        from connectors.webhooks.inbox import Inbox

        commits = Commits(self._database, TABLES)
        return durable, Inbox(durable, commits, self.senders, self.tally, self._publish, self._forward)
