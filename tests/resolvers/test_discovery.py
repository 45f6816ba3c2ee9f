from collections.abc import Iterator
from typing import Any

from connectors.connector import discover as upstreams
from resolvers.discovery import discover
from resolvers.inbox import INBOX
from resolvers.outbox import OUTBOX
from resolvers.upstreams import OPERATORS
from resolvers.users import USERS
from schema.fields import Addition, Calls, Wanted


def additions() -> Iterator[Addition]:
    for module in discover():
        yield from module.additions


def name(addition: Addition) -> str:
    parent = addition.parent if isinstance(addition.parent, str) else addition.parent.__name__
    return f"{parent}.{addition.field.python_name}"


def calls_of(addition: Addition) -> list[Calls]:
    """What is declared for a field, but for what depends on its arguments."""
    link, pager, calls = map(addition.field.metadata.get, ("link", "pager", "calls"))
    declared: list[Any] = [link.via.calls if link else None, pager.calls if pager else None, calls]
    return [one for one in declared if isinstance(one, Calls)]


def test_every_field_that_may_cross_to_an_upstream_says_what_it_calls() -> None:
    """Subscriptions ask nobody, what is selected below them does; operators, users and watches are our database's."""
    silent = [
        name(one)
        for module in discover()
        for one in module.additions
        if not module.providers & {OPERATORS, INBOX, OUTBOX, USERS}
        and one.parent != "Subscription"
        and name(one) != "GoogleCalendarQuery.watches"
        and one.field.is_async
        and not calls_of(one)
        and one.field.metadata.get("calls") is None
    ]

    assert silent == []


def test_every_declared_call_is_to_an_upstream_that_there_is() -> None:
    named = {calls.upstream for one in additions() for calls in calls_of(one)}

    assert named == set(upstreams())


def test_every_batch_has_its_upstreams_own_name_for_what_it_calls() -> None:
    operations = {calls.operation for one in additions() for calls in calls_of(one)}

    assert not any(operation.endswith(("_by_id", "_by_email", "_by_login")) for operation in operations)


def test_what_depends_on_arguments_is_declared_as_a_function_that_says_so() -> None:
    payments = next(one for one in additions() if name(one) == "SalesforceContact.stripe_payments")

    wanted: list[Wanted] = payments.field.metadata["calls"](None, {"first": 7})

    assert [(one.calls.operation, one.calls.items) for one in wanted] == [
        ("customers.list", 1),
        ("payment_intents.list", 7),
    ]
