"""What every provider must be able to, whichever it is: nobody tells these tests which there are."""

import inspect
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import structlog

from connectors.connector import auth_from, discover
from connectors.errors import NotAuthorized, UpstreamError
from connectors.paging import Paging
from connectors.sandbox.faults import Fault
from tests.providers.worlds import Listing, World, is_required, leaves, listings, mutations_of

UPSTREAMS = discover()
ROOT = Path(__file__).parents[2]
LISTINGS = [(name, listing) for name in UPSTREAMS for listing in listings(name)]
each_provider = pytest.mark.parametrize("name", UPSTREAMS)
each_list = pytest.mark.parametrize(
    ("name", "listing"), LISTINGS, ids=[".".join(listing.path) for _, listing in LISTINGS]
)


def world_of(name: str) -> World:
    return World(UPSTREAMS[name])


def probe(world: World) -> tuple[str, Callable[[], int]]:
    """A query for the page of a list, and what counts the calls of its operation from now on."""
    (listing, *_) = listings(world.name)
    query = listing.query(next(leaf for leaf in leaves(listing.node) if is_required(listing.node, leaf)))
    world.data(query, first=1)
    operation = operation_of(world)
    before = world.calls(operation)
    return query, lambda: world.calls(operation) - before


def operation_of(world: World) -> str:
    return world.sandbox.calls[-1].operation


def operations(client: Any) -> list[Any]:
    """A client's public methods that call the upstream."""
    return [
        method
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_") and inspect.iscoroutinefunction(method)
    ]


@each_provider
def test_the_manifest_is_complete(name: str) -> None:
    upstream = UPSTREAMS[name]

    assert upstream.name == name
    assert upstream.title
    assert upstream.base_url.startswith("https://")
    assert not upstream.base_url.endswith("/")
    assert upstream.docs_url.startswith("https://")
    assert upstream.base_url_variable == f"{name.upper()}_BASE_URL"
    assert upstream.credentials
    assert auth_from(upstream, upstream.sandbox_environment) is not None
    assert upstream.client.upstream == name  # type: ignore[attr-defined]


@each_provider
def test_the_provider_has_a_page(name: str) -> None:
    page = (ROOT / "docs" / "providers" / f"{name}.md").read_text()

    assert page.startswith(f"# {UPSTREAMS[name].title}\n")


@each_provider
def test_each_operation_says_what_it_was_written_from(name: str) -> None:
    client = UPSTREAMS[name].client
    silent = [
        method.__name__
        for method in operations(client)
        if "https://" not in (inspect.getdoc(method) or "") and "https://" not in (inspect.getdoc(client) or "")
    ]

    assert operations(client)
    assert silent == []


@each_provider
def test_each_paged_operation_says_how_it_pages(name: str) -> None:
    paged = [method.paging for method in operations(UPSTREAMS[name].client) if hasattr(method, "paging")]

    assert all(isinstance(paging, Paging) and paging.max_limit > 0 for paging in paged)


@each_provider
def test_there_is_a_list_to_try_things_on(name: str) -> None:
    assert listings(name)


@each_list
def test_the_sandbox_has_something_in_each_list(name: str, listing: Listing) -> None:
    world = world_of(name)

    page = listing.page(world.data(listing.query(" ".join(leaves(listing.node))), first=2))

    assert page["nodes"]
    assert operation_of(world) != "unknown"


@each_list
def test_reading_in_small_pages_neither_repeats_nor_loses_an_item(name: str, listing: Listing) -> None:
    world = world_of(name)
    query = listing.query(" ".join(leaves(listing.node)))
    at_once = listing.page(world.data(query, first=20))["nodes"]

    found: list[Any] = []
    after = None
    while len(found) < 20:
        page = listing.page(world.data(query, first=3, after=after))
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert found[:20] == at_once


@each_provider
def test_credentials_that_ran_out_are_renewed_where_they_can_be(name: str) -> None:
    world = world_of(name)
    query, calls = probe(world)
    world.sandbox.faults.add(Fault(operation=operation_of(world), expired=True))

    result = world.ask(query, first=2)

    if result.errors:  # a key of the upstream's own is good or it is not
        assert isinstance(result.errors[0].original_error, NotAuthorized)
        assert calls() == 1
    else:
        assert calls() == 2


@each_provider
def test_a_503_is_tried_again(name: str) -> None:
    world = world_of(name)
    query, calls = probe(world)
    world.sandbox.faults.add(Fault(operation=operation_of(world), status=503))

    world.data(query, first=2)

    assert calls() == 2


@each_provider
def test_a_throttled_call_waits(name: str) -> None:
    world = world_of(name)
    query, calls = probe(world)
    world.sandbox.faults.add(Fault(operation=operation_of(world), throttled_s=2))
    slept = len(world.clock.slept)

    world.data(query, first=2)

    assert calls() == 2
    assert len(world.clock.slept) > slept


@each_provider
def test_an_upstream_that_is_down_says_so_and_nothing_else(name: str) -> None:
    world = world_of(name)
    query, _ = probe(world)
    world.sandbox.faults.add(Fault(operation=operation_of(world), drop="request", times=None))

    (error,) = world.ask(query, first=2).errors or []

    assert isinstance(error.original_error, UpstreamError)
    assert error.original_error.upstream == name


@each_provider
def test_no_secret_leaks(name: str) -> None:
    world = world_of(name)
    query, _ = probe(world)
    operation = operation_of(world)
    told: list[str] = []

    with structlog.testing.capture_logs() as logs:
        for fault in (
            Fault(operation=operation, status=400),
            Fault(operation=operation, status=500, times=None),
            Fault(operation=operation, malformed=True),
            Fault(operation="*", status=401, times=None),
            Fault(operation=operation, drop="answer", times=None),
        ):
            world.sandbox.faults.clear()
            world.sandbox.faults.add(fault)
            told += [f"{error!r} {error.original_error!r}" for error in world.ask(query, first=2).errors or []]

    secrets = [value for value in UPSTREAMS[name].sandbox_environment.values() if re.search(r"[^@]{8}", value)]
    written = "\n".join([*told, *map(repr, logs)])
    assert told
    assert [secret for secret in secrets if secret in written] == []


@each_list
def test_what_the_upstream_gets_wrong_in_an_object_harms_fields_of_that_object_only(
    name: str, listing: Listing
) -> None:
    world = world_of(name)
    query = listing.query(" ".join(leaves(listing.node)))
    _, *others = listing.page(world.data(query, first=3))["nodes"]

    for what, tamper in islice(mutations_of(world.tampered.exchanges[-1].answer), 60):
        world.tampered.tamper = tamper
        result = world.ask(query, first=3)

        errors = result.errors or []
        unforeseen = [error for error in errors if not isinstance(error.original_error, UpstreamError)]
        assert unforeseen == [], (what, unforeseen)
        assert result.data, (what, errors)
        place = [*listing.path, "nodes", 0]
        assert all((error.path or [])[: len(place)] == place for error in errors), (what, errors)
        assert len({error.path and error.path[-1] for error in errors}) <= 2, (what, errors)
        assert listing.page(result.data)["nodes"][1:] == others, what
