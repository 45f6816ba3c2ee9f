"""A sandbox that comes into being when it is first needed: of many that stand ready, few are asked."""

from collections.abc import Callable
from functools import cached_property

from starlette.types import Receive, Scope, Send

from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person


class Emulator:
    """The ASGI app of the sandbox that `make` gives, in which `people` live."""

    def __init__(self, make: Callable[[tuple[Person, ...]], Sandbox], people: tuple[Person, ...]) -> None:
        self._make = make
        self._people = people

    @cached_property
    def sandbox(self) -> Sandbox:
        """The sandbox itself, with its controls."""
        return self._make(self._people)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.sandbox(scope, receive, send)
