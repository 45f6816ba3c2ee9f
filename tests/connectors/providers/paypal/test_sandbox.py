"""The sandbox, driven by PayPal's own library over a real socket."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from apimatic_core.exceptions.auth_validation_exception import (  # type: ignore[import-untyped]
    AuthValidationException,
)
from paypalserversdk.configuration import Environment, Server  # type: ignore[import-untyped]
from paypalserversdk.exceptions.api_exception import ApiException  # type: ignore[import-untyped]
from paypalserversdk.http.auth.o_auth_2 import (  # type: ignore[import-untyped]
    ClientCredentialsAuthCredentials,
)
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown  # type: ignore[import-untyped]
from paypalserversdk.models.checkout_payment_intent import CheckoutPaymentIntent  # type: ignore[import-untyped]
from paypalserversdk.models.order_request import OrderRequest  # type: ignore[import-untyped]
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest  # type: ignore[import-untyped]
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient  # type: ignore[import-untyped]

from connectors.providers.paypal.sandbox import CLIENT_ID, CLIENT_SECRET, PayPalSandbox
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from tests.serving import served

PEOPLE = population(60)


@pytest.fixture(scope="module")
def sandbox() -> PayPalSandbox:
    return PayPalSandbox(PEOPLE)


@pytest.fixture(scope="module")
def address(sandbox: PayPalSandbox) -> Iterator[str]:
    with served(standalone({"paypal": sandbox})) as url:
        yield f"{url}/paypal"


def library(address: str, secret: str = CLIENT_SECRET) -> Any:
    credentials = ClientCredentialsAuthCredentials(o_auth_client_id=CLIENT_ID, o_auth_client_secret=secret)
    made = PaypalServersdkClient(client_credentials_auth_credentials=credentials, environment=Environment.SANDBOX)
    made.config.environments = {Environment.SANDBOX: {Server.DEFAULT: address}}
    return made


@pytest.fixture
def client(address: str) -> Any:
    return library(address)


def order(value: str, currency: str = "USD", custom_id: str | None = None) -> Any:
    amount = AmountWithBreakdown(currency_code=currency, value=value)
    unit = PurchaseUnitRequest(amount=amount, **({"custom_id": custom_id} if custom_id else {}))
    return OrderRequest(intent=CheckoutPaymentIntent.CAPTURE, purchase_units=[unit])


def made(client: Any, *given: Any) -> Any:
    return client.orders.create_order({"body": order(*given), "prefer": "return=representation"}).body


def approve(made: Any) -> None:
    (page,) = [link.href for link in made.links if link.rel == "approve"]
    assert httpx2.get(page).status_code == 200


def test_an_order_is_approved_captured_and_refunded(client: Any) -> None:
    begun = made(client, "12.50")
    approve(begun)

    taken = client.orders.capture_order({"id": begun.id, "prefer": "return=representation"}).body
    (capture,) = taken.purchase_units[0].payments.captures
    refund = client.payments.refund_captured_payment({"capture_id": capture.id}).body

    assert (taken.status, capture.status, refund.status) == ("COMPLETED", "COMPLETED", "COMPLETED")
    assert refund.amount.value == "12.50"
    assert client.payments.get_captured_payment({"capture_id": capture.id}).body.status == "REFUNDED"


def test_nothing_is_taken_before_the_payer_approves(client: Any) -> None:
    begun = made(client, "3.00")

    with pytest.raises(ApiException) as refused:
        client.orders.capture_order({"id": begun.id})

    assert refused.value.response_code == 422
    assert "ORDER_NOT_APPROVED" in refused.value.response.text


def test_a_repetition_under_the_same_id_is_no_second_order(client: Any, sandbox: PayPalSandbox) -> None:
    before = len(sandbox.account.orders)
    wish = {"body": order("5.00"), "paypal_request_id": "wish-1"}

    first, second = client.orders.create_order(wish), client.orders.create_order(wish)

    assert first.body.id == second.body.id
    assert (first.status_code, second.status_code) == (201, 200)
    assert len(sandbox.account.orders) == before + 1


def test_yen_have_no_decimals(client: Any) -> None:
    assert made(client, "500", "JPY").id
    with pytest.raises(ApiException) as refused:
        made(client, "500.50", "JPY")
    assert "DECIMAL_PRECISION" in refused.value.response.text


def test_transactions_are_searched_by_time(client: Any) -> None:
    found = client.transaction_search.search_transactions(
        {"start_date": "2025-12-20T00:00:00Z", "end_date": "2026-01-02T00:00:00Z", "page_size": 10, "page": 2}
    ).body

    assert len(found.transaction_details) == 10
    assert found.total_items > 20


def test_a_wrong_secret_is_refused(address: str) -> None:
    with pytest.raises(AuthValidationException):
        library(address, "wrong").orders.get_order({"id": "1"})
