"""Work that a database which is away only delays."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.clock import Clock

T = TypeVar("T")

log = structlog.get_logger("punnet.webhooks")


async def lasting(
    clock: Clock, work: Callable[[], Awaitable[T]], *, first_s: float = 0.5, longest_s: float = 30.0
) -> T:
    """What `work` gives, as soon as the database answers; between tries it waits `first_s`, then twice that, and so on.

    No wait is longer than `longest_s`.
    """
    wait_s = first_s
    while True:
        try:
            return await work()
        except (SQLAlchemyError, OSError) as error:
            log.warning("the database does not answer", error=type(error).__name__)
        await clock.sleep(wait_s)
        wait_s = min(2 * wait_s, longest_s)
