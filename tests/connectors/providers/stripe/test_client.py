"""Stripe's operations through the whole pipeline, against the sandbox in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

import httpx2
import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.errors import (
    CursorExpired,
    NotAuthorized,
    NotFound,
    PayloadMismatch,
    RateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
)
from connectors.paging import Page, Window, collect, collect_backward, paging_of
from connectors.providers.stripe.client import API_VERSION, StripeClient
from connectors.providers.stripe.manifest import UPSTREAM
from connectors.providers.stripe.payloads import CardErrorPayload, PaymentIntentPayload
from connectors.providers.stripe.sandbox import StripeSandbox
from connectors.sandbox.base import SeenCall
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from connectors.upstream import Endpoint
from tests.clock import FakeClock

T = TypeVar("T")
PEOPLE = population(60)


def connected(clock: FakeClock | None = None) -> tuple[Connector, StripeSandbox]:
    connector = connect(UPSTREAM, {}, people=PEOPLE, clock=clock)
    assert connector
    assert isinstance(connector.sandbox, StripeSandbox)
    return connector, connector.sandbox


def called(connector: Connector, call: Callable[[StripeClient], Awaitable[T]]) -> T:
    async def run() -> T:
        return await call(connector.client(Scope()))

    return asyncio.run(run())


def parameters(call: SeenCall) -> list[tuple[str, str]]:
    return parse_qsl(call.query or call.body.decode())


def pay(key: str, **wishes: Any) -> Callable[[StripeClient], Awaitable[PaymentIntentPayload | CardErrorPayload]]:
    payment: dict[str, Any] = {"amount": 500, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    return lambda stripe: stripe.create_payment_intent(**{**payment, **wishes}, idempotency_key=key)


def test_a_page_carries_each_items_own_cursor_and_the_next_one() -> None:
    connector, _ = connected()
    page = called(connector, lambda stripe: stripe.list_charges(Window(5)))

    assert page.cursors == [charge["id"] for charge in page.items]
    assert page.next_cursor == page.items[-1]["id"]


def test_pages_are_as_large_as_stripe_allows_and_no_larger_than_wanted() -> None:
    connector = cast(Connector, connect(UPSTREAM, {}, people=population(250)))
    sandbox = cast(StripeSandbox, connector.sandbox)
    paging = paging_of(StripeClient.list_customers)
    part = called(connector, lambda stripe: collect(stripe.list_customers, paging, upstream="stripe", limit=250))

    assert [dict(parameters(call))["limit"] for call in sandbox.calls] == ["100", "100", "50"]
    assert len({customer["id"] for customer in part.items}) == 250


def test_reading_backward_uses_ending_before_and_keeps_the_lists_order() -> None:
    connector, sandbox = connected()
    paging = paging_of(StripeClient.list_charges)
    forward = called(connector, lambda stripe: collect(stripe.list_charges, paging, upstream="stripe", limit=40))
    ids = [charge["id"] for charge in forward.items]
    sandbox.calls.clear()
    part = called(connector, lambda stripe: collect_backward(stripe.list_charges, paging, limit=10, before=ids[25]))

    assert [charge["id"] for charge in part.items] == ids[15:25]
    assert part.more
    assert parameters(sandbox.calls[0]) == [("limit", "10"), ("ending_before", ids[25])]


def test_reading_backward_goes_on_in_front_of_the_first_item_of_a_page() -> None:
    connector = connect(UPSTREAM, {}, people=population(250))
    assert connector
    paging = paging_of(StripeClient.list_customers)
    forward = called(connector, lambda stripe: collect(stripe.list_customers, paging, upstream="stripe", limit=240))
    ids = [customer["id"] for customer in forward.items]
    part = called(connector, lambda stripe: collect_backward(stripe.list_customers, paging, limit=210, before=ids[230]))

    assert [customer["id"] for customer in part.items] == ids[20:230]


def test_items_made_between_two_pages_are_not_repeated() -> None:
    connector, _ = connected()
    first = called(connector, lambda stripe: stripe.list_payment_intents(Window(10)))
    called(connector, pay("between"))
    second = called(connector, lambda stripe: stripe.list_payment_intents(Window(10, after=first.next_cursor)))

    assert not set(cast(list[str], first.cursors)) & set(cast(list[str], second.cursors))


def test_what_is_selected_is_asked_to_come_along() -> None:
    connector, sandbox = connected()
    page = called(connector, lambda stripe: stripe.list_charges(Window(5), select={"payment_intent", "customer"}))

    assert parameters(sandbox.calls[0])[-2:] == [("expand[]", "data.customer"), ("expand[]", "data.payment_intent")]
    assert all(isinstance(charge["customer"], dict | None) for charge in page.items)
    assert len(sandbox.calls) == 1


def test_the_pinned_version_goes_with_every_call() -> None:
    seen: list[httpx2.Request] = []
    connector, _ = connected()

    async def send(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return await connector.send(request)

    asyncio.run(StripeClient(Endpoint("stripe", connector.base_url, send, Scope())).get_balance())

    assert seen[0].headers["stripe-version"] == API_VERSION


def test_a_cursor_whose_object_is_gone_has_expired() -> None:
    connector, _ = connected()

    with pytest.raises(CursorExpired):
        called(connector, lambda stripe: stripe.list_customers(Window(5, after="cus_gone")))


def test_a_filter_by_somebody_unknown_is_rejected() -> None:
    connector, _ = connected()

    with pytest.raises(UpstreamRejected) as caught:
        called(connector, lambda stripe: stripe.list_charges(Window(5), customer="cus_nobody"))

    assert (caught.value.status, caught.value.reason) == (400, "resource_missing")


@pytest.mark.parametrize("id", ["cus_nobody", "", "..", "../balance", "a/b?c"])
def test_an_id_that_is_none_is_not_found_and_reaches_nothing_else(id: str) -> None:
    connector, sandbox = connected()

    with pytest.raises(NotFound):
        called(connector, lambda stripe: stripe.get_customer(id))
    assert {call.operation for call in sandbox.calls} <= {"customers.get", "unknown"}


def test_a_page_without_ids_is_a_mismatch() -> None:
    connector, sandbox = connected()
    sandbox.faults.add(Fault(operation="charges.list", status=200, body='{"data": [{}], "has_more": false}'))

    with pytest.raises(PayloadMismatch):
        called(connector, lambda stripe: stripe.list_charges(Window(5)))


def test_a_refused_key_is_not_authorized() -> None:
    connector, sandbox = connected()
    sandbox.faults.add(Fault(expired=True))

    with pytest.raises(NotAuthorized):
        called(connector, lambda stripe: stripe.get_balance())


def test_a_rate_limit_is_waited_out(clock: FakeClock) -> None:
    connector, sandbox = connected(clock)
    sandbox.faults.add(Fault(operation="balance.get", throttled_s=4))
    began = clock.now()
    called(connector, lambda stripe: stripe.get_balance())

    assert clock.now() - began >= 4
    assert sandbox.seen("balance.get") == 2


def test_a_rate_limit_longer_than_our_patience_says_when_to_come_again(clock: FakeClock) -> None:
    connector, sandbox = connected(clock)
    sandbox.faults.add(Fault(operation="balance.get", throttled_s=3600))

    with pytest.raises(RateLimited) as caught:
        called(connector, lambda stripe: stripe.get_balance())
    assert caught.value.retry_after_s == 3600
    assert sandbox.seen("balance.get") == 1


def test_a_busy_object_is_tried_again_without_a_pause_for_the_rest(clock: FakeClock) -> None:
    connector, sandbox = connected(clock)
    sandbox.faults.add(Fault(operation="payment_intents.create", status=429))
    began = clock.now()
    called(connector, pay("busy"))

    assert clock.now() - began < 1
    assert sandbox.seen("payment_intents.create") == 2


def test_stripe_can_say_that_trying_again_is_pointless(clock: FakeClock) -> None:
    connector, sandbox = connected(clock)
    sandbox.faults.add(Fault(operation="balance.get", status=500, headers={"Stripe-Should-Retry": "false"}))

    with pytest.raises(UpstreamUnavailable):
        called(connector, lambda stripe: stripe.get_balance())
    assert sandbox.seen("balance.get") == 1


def test_a_payment_whose_answer_is_lost_is_sent_again_with_its_key_and_taken_once(clock: FakeClock) -> None:
    connector, sandbox = connected(clock)
    charges = len(sandbox.ledger.charges.rows)
    sandbox.faults.add(Fault(operation="payment_intents.create", drop="answer"))
    intent = called(connector, pay("once"))

    assert sandbox.seen("payment_intents.create") == 2
    assert len(sandbox.ledger.charges.rows) == charges + 1
    assert cast(PaymentIntentPayload, intent)["latest_charge"] == sandbox.ledger.charges.rows[-1]["id"]


def test_a_declined_card_is_an_answer() -> None:
    connector, sandbox = connected()
    error = cast(CardErrorPayload, called(connector, pay("no", payment_method="pm_card_chargeDeclined")))

    assert (error["code"], error["decline_code"]) == ("card_declined", "generic_decline")
    assert sandbox.seen("payment_intents.create") == 1


def test_a_402_that_is_about_no_card_is_a_rejection() -> None:
    connector, sandbox = connected()
    body = '{"error": {"type": "invalid_request_error", "code": "account_closed", "message": "x"}}'
    sandbox.faults.add(Fault(operation="payment_intents.create", status=402, body=body))

    with pytest.raises(UpstreamRejected) as caught:
        called(connector, pay("no"))
    assert caught.value.reason == "account_closed"


def test_a_key_that_was_used_for_something_else_is_rejected() -> None:
    connector, _ = connected()
    called(connector, pay("once"))

    with pytest.raises(UpstreamRejected) as caught:
        called(connector, pay("once", amount=501))
    assert caught.value.reason == "idempotency_error"


def test_a_payment_is_planned_confirmed_and_a_second_one_canceled() -> None:
    connector, _ = connected()
    planned = cast(PaymentIntentPayload, called(connector, pay("a", confirm=False)))
    paid = called(connector, lambda stripe: stripe.confirm_payment_intent(planned["id"], idempotency_key="b"))
    other = cast(PaymentIntentPayload, called(connector, pay("c", confirm=False)))
    canceled = called(
        connector,
        lambda stripe: stripe.cancel_payment_intent(
            other["id"], idempotency_key="d", cancellation_reason="requested_by_customer"
        ),
    )

    assert cast(PaymentIntentPayload, paid)["status"] == "succeeded"
    gone = cast(PaymentIntentPayload, canceled)
    assert (gone["status"], gone["cancellation_reason"]) == ("canceled", "requested_by_customer")


@pytest.mark.parametrize("secret", ["sk_test_punnet", "4242424242424242"])
def test_no_error_quotes_a_key_or_a_message(secret: str) -> None:
    connector, sandbox = connected()
    sandbox.faults.add(
        Fault(operation="*", times=None, status=400, body=f'{{"error": {{"type": "x", "message": "{secret}"}}}}')
    )

    with pytest.raises(UpstreamRejected) as caught:
        called(connector, lambda stripe: stripe.list_customers(Window(5, after=secret)))
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "method",
    [
        StripeClient.list_customers,
        StripeClient.list_charges,
        StripeClient.list_payment_intents,
        StripeClient.list_disputes,
        StripeClient.list_balance_transactions,
        StripeClient.list_payouts,
        StripeClient.list_invoices,
        StripeClient.list_subscriptions,
    ],
)
def test_every_list_is_the_operation_it_says_it_is(method: Callable[..., Awaitable[Page[Any]]]) -> None:
    connector, sandbox = connected()
    page = called(connector, lambda stripe: method(stripe, Window(3)))

    assert [call.operation for call in sandbox.calls] == [paging_of(method).operation]
    assert page.cursors == [item["id"] for item in page.items]
    assert len(page.items) == 3
