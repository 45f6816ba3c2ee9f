"""The running gateway: real HTTP in front, and behind it every upstream as a server of its own, ready to misbehave."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx2
from fastapi import FastAPI

from app import create_app
from connectors.connector import discover
from connectors.sandbox.base import Sandbox
from connectors.sandbox.emulator import Emulator
from connectors.sandbox.people import Person, population
from connectors.sandbox.standalone import standalone
from connectors.upstream import Upstream
from tests.plugged import plugged_in
from tests.serving import served

S = TypeVar("S", bound=Sandbox)


@dataclass(frozen=True)
class Gateway:
    """`url` is the gateway's; `sandboxes` are the upstreams it talks to, by name; `people` live in all of them.

    `app` makes the application that is served, with the settings that are given changed.
    """

    url: str
    sandboxes: Mapping[str, Sandbox]
    people: tuple[Person, ...]
    app: Callable[[Mapping[str, str]], FastAPI]

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer: `data` and, where there are any, `errors`."""
        answer = httpx2.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        body: dict[str, Any] = answer.json()
        return body

    def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        body = self.ask(query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of an answer that must have some."""
        errors: list[dict[str, Any]] = self.ask(query, **variables)["errors"]
        return errors

    def sandbox(self, name: str, kind: type[S]) -> S:
        """One upstream, with its own controls."""
        found = self.sandboxes[name]
        assert isinstance(found, kind)
        return found

    def calls(self, upstream: str) -> list[str]:
        """The operations that an upstream has seen, in order."""
        return [call.operation for call in self.sandboxes[upstream].calls]

    @contextmanager
    def replica(self, changed: Mapping[str, str] | None = None) -> "Iterator[Gateway]":
        """Another gateway with the same upstreams, and the same settings but for those that are `changed`."""
        with served(self.app(changed or {})) as url:
            yield replace(self, url=url)


class Sandboxes(Mapping[str, Sandbox]):
    """By name, each made when it is first looked at or called: to make all takes 0.5 s, and most tests need one."""

    def __init__(self, upstreams: Mapping[str, Upstream[Any]], people: tuple[Person, ...]) -> None:
        self._emulators = {name: Emulator(upstream.sandbox, people) for name, upstream in upstreams.items()}
        self._making = threading.Lock()

    def __getitem__(self, name: str) -> Sandbox:
        with self._making:
            return self._emulators[name].sandbox

    def __iter__(self) -> Iterator[str]:
        return iter(self._emulators)

    def __len__(self) -> int:
        return len(self._emulators)


@contextmanager
def running(environment: Mapping[str, str] | None = None, **changed: Upstream[Any]) -> Iterator[Gateway]:
    """A gateway and its upstreams, the tests' own among them.

    `environment` goes over the gateway's, the manifests in `changed` over those that discovery finds.
    """
    with plugged_in():
        upstreams = {**discover(), **changed}
        people = population()
        sandboxes = Sandboxes(upstreams, people)
        with served(standalone(sandboxes), breaks_off=True) as outside:
            settings = {"PUNNET_CURSOR_SECRET": "test"}
            for name, upstream in upstreams.items():
                settings |= upstream.sandbox_environment
                settings[upstream.base_url_variable] = f"{outside}/{name}"
            settings |= environment or {}

            def app(changed: Mapping[str, str]) -> FastAPI:
                return create_app({**settings, **changed}, upstreams=upstreams)

            with served(app({})) as url:
                yield Gateway(url, sandboxes, people, app)
