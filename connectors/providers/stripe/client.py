"""Stripe's operations."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from connectors.call import ALL
from connectors.errors import CursorExpired, NotFound, PayloadMismatch, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.providers.stripe.judge import reason_of
from connectors.providers.stripe.payloads import (
    BalancePayload,
    BalanceTransactionPayload,
    CardErrorPayload,
    ChargePayload,
    CustomerPayload,
    DisputePayload,
    ErrorPayload,
    InvoicePayload,
    PaymentIntentPayload,
    PaymentMethodPayload,
    PayoutPayload,
    PricePayload,
    ProductPayload,
    RefundPayload,
    StateErrorPayload,
    SubscriptionPayload,
)
from connectors.upstream import Endpoint

API_VERSION = "2026-10-28.endive"
"""The version of the API that the payloads are written for: what the official library 16.1.0 pins.

Source: https://docs.stripe.com/api/versioning
"""

INVALID, PAYMENT_REQUIRED = 400, 402
REFUSALS = (INVALID, PAYMENT_REQUIRED)
"""The statuses under which Stripe refuses a write for what it is about."""

Refusal = Callable[[Mapping[str, Any]], bool]
"""Tells an error that the caller can act on from all others."""

REFUND_CODES = frozenset({"charge_already_refunded", "charge_disputed", "amount_too_large"})
PAYOUT_CODES = frozenset(
    "balance_insufficient amount_too_small amount_too_large payouts_not_allowed payouts_limit_exceeded "
    "instant_payouts_unsupported instant_payouts_limit_exceeded instant_payouts_config_disabled "
    "instant_payouts_currency_disabled".split()
)
"""Why money is not sent to the bank. Source: https://docs.stripe.com/error-codes"""


def is_card_error(error: Mapping[str, Any]) -> bool:
    return error.get("type") == "card_error"


def is_unexpected_state(error: Mapping[str, Any]) -> bool:
    return error.get("code") == "payment_intent_unexpected_state"


def is_refund_error(error: Mapping[str, Any]) -> bool:
    """Stripe gives no code for an amount that is more than what is left of the charge."""
    code = error.get("code")
    return code in REFUND_CODES if isinstance(code, str) else error.get("param") == "amount"


def is_payout_error(error: Mapping[str, Any]) -> bool:
    code = error.get("code")
    return isinstance(code, str) and code in PAYOUT_CODES


def is_about_the_object(error: Mapping[str, Any]) -> bool:
    """Stripe gives no code for what the state of an object does not allow, and blames no parameter for it."""
    return error.get("type") == "invalid_request_error" and not error.get("code") and not error.get("param")


def is_about_the_method(error: Mapping[str, Any]) -> bool:
    return is_card_error(error) or is_about_the_object(error)


FUNDS = ("balance.*", "balance_transactions.*")
PAYMENT_METHODS = ("payment_methods.*", "customers.*", "payment_intents.*", "invoices.*", "subscriptions.*")
"""What is read with, or may come along with, a payment method."""
REFUNDING_EVICTS = ("refunds.*", "charges.*", "payment_intents.*", "disputes.*", *FUNDS)
"""A refund changes its charge, which comes along with others, and the account's funds."""
DISPUTING_EVICTS = ("disputes.*", "charges.*", *FUNDS)


class StripeClient:
    """Reads, payments, and what else changes for customers, disputes and the merchant's funds.

    `select` names what Stripe shall send along in place of an id, as paths into the object itself (`customer`).
    Lists come newest first, 1 to 100 items at a time, and can be read backward only in front of a given id; a search
    cannot. Each write is sent with its `idempotency_key` and gives the object, or the error that its caller can act on.
    A list whose cursor is an object that is gone raises `CursorExpired`; one filtered by an object that Stripe does not
    know raises `UpstreamRejected` (`resource_missing`). A single object that Stripe does not know raises `NotFound`.
    An answer that is no object, or a list's without objects that have ids, raises `PayloadMismatch`.
    """

    upstream = "stripe"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint, headers={"Stripe-Version": API_VERSION}, body="form")

    async def get_customer(self, id: str, select: Collection[str] = ()) -> CustomerPayload:
        """One customer; of a deleted one only `id` and `deleted` are there.

        Source: https://docs.stripe.com/api/customers/retrieve
        """
        return cast(CustomerPayload, await self._get("customers", id, select))

    @paged("customers.list", max_limit=100, backward="before")
    async def list_customers(
        self, window: Window, *, email: str | None = None, select: Collection[str] = ()
    ) -> Page[CustomerPayload]:
        """Customers that are not deleted. `email` must match exactly, case included.

        Source: https://docs.stripe.com/api/customers/list
        """
        return await self._list("customers", window, {"email": email}, select)

    @paged("customers.search", max_limit=100, counts=True)
    async def search_customers(
        self, window: Window, *, query: str, select: Collection[str] = ()
    ) -> Page[CustomerPayload]:
        """Customers that a query in Stripe's search language is true of, deleted ones excepted.

        What was written in the last minute, in bad times in the last hour, may not be found yet.
        A query that Stripe does not understand raises `UpstreamRejected`. There are page tokens only.
        Source: https://docs.stripe.com/api/customers/search and https://docs.stripe.com/search
        """
        operation = "customers.search"
        paths = [f"data.{path}" for path in sorted(select)] + ["total_count"] * window.count
        parameters = {"query": query, "limit": window.limit, "page": window.after, "expand": paths}
        try:
            body = await self._rest.get("/v1/customers/search", parameters, operation=operation, bucket="search")
        except UpstreamRejected as error:
            if error.status == INVALID and window.after:
                raise CursorExpired(self.upstream, operation) from error
            raise
        items: list[Any] = self._rest.objects(self._rest.object(body, operation).get("data"), operation, path="data")
        return Page(items, next_cursor=body.get("next_page"), total=body.get("total_count"))

    async def get_charge(self, id: str, select: Collection[str] = ()) -> ChargePayload:
        """One charge. Source: https://docs.stripe.com/api/charges/retrieve"""
        return cast(ChargePayload, await self._get("charges", id, select))

    @paged("charges.list", max_limit=100, backward="before")
    async def list_charges(
        self, window: Window, *, customer: str | None = None, select: Collection[str] = ()
    ) -> Page[ChargePayload]:
        """Charges, failed ones too. Source: https://docs.stripe.com/api/charges/list"""
        return await self._list("charges", window, {"customer": customer}, select)

    async def get_payment_intent(self, id: str, select: Collection[str] = ()) -> PaymentIntentPayload:
        """One payment intent. Source: https://docs.stripe.com/api/payment_intents/retrieve"""
        return cast(PaymentIntentPayload, await self._get("payment_intents", id, select))

    @paged("payment_intents.list", max_limit=100, backward="before")
    async def list_payment_intents(
        self, window: Window, *, customer: str | None = None, select: Collection[str] = ()
    ) -> Page[PaymentIntentPayload]:
        """Payment intents. Source: https://docs.stripe.com/api/payment_intents/list"""
        return await self._list("payment_intents", window, {"customer": customer}, select)

    async def get_invoice(self, id: str, select: Collection[str] = ()) -> InvoicePayload:
        """One invoice, with its first ten lines. Source: https://docs.stripe.com/api/invoices/retrieve"""
        return cast(InvoicePayload, await self._get("invoices", id, select))

    @paged("invoices.list", max_limit=100, backward="before")
    async def list_invoices(
        self,
        window: Window,
        *,
        customer: str | None = None,
        subscription: str | None = None,
        status: str | None = None,
        select: Collection[str] = (),
    ) -> Page[InvoicePayload]:
        """Invoices. `status` is `draft`, `open`, `paid`, `uncollectible` or `void`.

        Source: https://docs.stripe.com/api/invoices/list
        """
        filters = {"customer": customer, "subscription": subscription, "status": status}
        return await self._list("invoices", window, filters, select)

    async def get_subscription(self, id: str, select: Collection[str] = ()) -> SubscriptionPayload:
        """One subscription, ended ones too. Source: https://docs.stripe.com/api/subscriptions/retrieve"""
        return cast(SubscriptionPayload, await self._get("subscriptions", id, select))

    @paged("subscriptions.list", max_limit=100, backward="before")
    async def list_subscriptions(
        self,
        window: Window,
        *,
        customer: str | None = None,
        status: str | None = None,
        select: Collection[str] = (),
    ) -> Page[SubscriptionPayload]:
        """Subscriptions. Canceled ones are left out unless `status` is `canceled`, `ended` or `all`.

        Source: https://docs.stripe.com/api/subscriptions/list
        """
        return await self._list("subscriptions", window, {"customer": customer, "status": status}, select)

    async def get_refund(self, id: str, select: Collection[str] = ()) -> RefundPayload:
        """One refund. Source: https://docs.stripe.com/api/refunds/retrieve"""
        return cast(RefundPayload, await self._get("refunds", id, select))

    @paged("refunds.list", max_limit=100, backward="before")
    async def list_refunds(
        self,
        window: Window,
        *,
        charge: str | None = None,
        payment_intent: str | None = None,
        select: Collection[str] = (),
    ) -> Page[RefundPayload]:
        """Refunds, failed ones too. Source: https://docs.stripe.com/api/refunds/list"""
        return await self._list("refunds", window, {"charge": charge, "payment_intent": payment_intent}, select)

    async def get_product(self, id: str) -> ProductPayload:
        """One product; of a deleted one only `id` and `deleted` are there.

        Source: https://docs.stripe.com/api/products/retrieve
        """
        return cast(ProductPayload, await self._get("products", id, ()))

    @paged("products.list", max_limit=100, backward="before")
    async def list_products(
        self, window: Window, *, active: bool | None = None, select: Collection[str] = ()
    ) -> Page[ProductPayload]:
        """Products that are not deleted. Source: https://docs.stripe.com/api/products/list"""
        return await self._list("products", window, {"active": active}, select)

    async def get_price(self, id: str, select: Collection[str] = ()) -> PricePayload:
        """One price. Source: https://docs.stripe.com/api/prices/retrieve"""
        return cast(PricePayload, await self._get("prices", id, select))

    @paged("prices.list", max_limit=100, backward="before")
    async def list_prices(
        self,
        window: Window,
        *,
        product: str | None = None,
        active: bool | None = None,
        currency: str | None = None,
        select: Collection[str] = (),
    ) -> Page[PricePayload]:
        """Prices. `currency` is a lower-case ISO 4217 code. Source: https://docs.stripe.com/api/prices/list"""
        return await self._list("prices", window, {"product": product, "active": active, "currency": currency}, select)

    async def get_payment_method(self, id: str, select: Collection[str] = ()) -> PaymentMethodPayload:
        """One payment method, whether or not a customer has it.

        Source: https://docs.stripe.com/api/payment_methods/retrieve
        """
        return cast(PaymentMethodPayload, await self._get("payment_methods", id, select))

    @paged("payment_methods.list", max_limit=100, backward="before")
    async def list_payment_methods(
        self, window: Window, *, customer: str, type: str | None = None, select: Collection[str] = ()
    ) -> Page[PaymentMethodPayload]:
        """What a customer can pay with. `type` is `card`, `sepa_debit` and so on.

        Source: https://docs.stripe.com/api/payment_methods/customer_list
        """
        path = f"customers/{segment(customer)}/payment_methods"
        return await self._list("payment_methods", window, {"type": type}, select, path=path)

    async def get_dispute(self, id: str, select: Collection[str] = ()) -> DisputePayload:
        """One dispute. Source: https://docs.stripe.com/api/disputes/retrieve"""
        return cast(DisputePayload, await self._get("disputes", id, select))

    @paged("disputes.list", max_limit=100, backward="before")
    async def list_disputes(
        self,
        window: Window,
        *,
        charge: str | None = None,
        payment_intent: str | None = None,
        select: Collection[str] = (),
    ) -> Page[DisputePayload]:
        """Disputes, decided ones too. Source: https://docs.stripe.com/api/disputes/list"""
        return await self._list("disputes", window, {"charge": charge, "payment_intent": payment_intent}, select)

    async def get_balance_transaction(self, id: str, select: Collection[str] = ()) -> BalanceTransactionPayload:
        """One movement of the account's funds. Source: https://docs.stripe.com/api/balance_transactions/retrieve"""
        return cast(BalanceTransactionPayload, await self._get("balance_transactions", id, select))

    @paged("balance_transactions.list", max_limit=100, backward="before")
    async def list_balance_transactions(
        self,
        window: Window,
        *,
        source: str | None = None,
        payout: str | None = None,
        type: str | None = None,
        currency: str | None = None,
        select: Collection[str] = (),
    ) -> Page[BalanceTransactionPayload]:
        """Movements of the account's funds. `source` is the id of what moved them, `currency` a lower-case code.

        `payout` is the id of an automatic payout, for what it paid out; for another Stripe cannot tell, and it raises
        `UpstreamRejected`. Source: https://docs.stripe.com/api/balance_transactions/list
        """
        filters = {"source": source, "payout": payout, "type": type, "currency": currency}
        return await self._list("balance_transactions", window, filters, select)

    async def get_payout(self, id: str, select: Collection[str] = ()) -> PayoutPayload:
        """One payout. Source: https://docs.stripe.com/api/payouts/retrieve"""
        return cast(PayoutPayload, await self._get("payouts", id, select))

    @paged("payouts.list", max_limit=100, backward="before")
    async def list_payouts(
        self, window: Window, *, status: str | None = None, select: Collection[str] = ()
    ) -> Page[PayoutPayload]:
        """Payouts. `status` is `pending`, `paid`, `failed` or `canceled`.

        Source: https://docs.stripe.com/api/payouts/list
        """
        return await self._list("payouts", window, {"status": status}, select)

    async def get_balance(self) -> BalancePayload:
        """The account's own funds. Source: https://docs.stripe.com/api/balance/balance_retrieve"""
        answer = await self._rest.get("/v1/balance", operation="balance.get", bucket="balance")
        return cast(BalancePayload, self._rest.object(answer, "balance.get"))

    async def create_payment_intent(
        self,
        *,
        amount: int,
        currency: str,
        idempotency_key: str,
        customer: str | None = None,
        payment_method: str | None = None,
        confirm: bool = False,
        capture_method: str | None = None,
        return_url: str | None = None,
        description: str | None = None,
        receipt_email: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> PaymentIntentPayload | CardErrorPayload:
        """Plan a payment and, with `confirm`, take it at once; a card error where the card does not pay.

        `amount` is in the currency's smallest unit. Repeated with the same `idempotency_key` (255 characters at most,
        remembered for a day) it gives the first answer again; with other parameters it raises `UpstreamRejected`.
        Without a `return_url` only methods that need no redirect can be confirmed. `capture_method` is `automatic`,
        `automatic_async` (also what stands for `None`) or `manual`.
        Source: https://docs.stripe.com/api/payment_intents/create and https://docs.stripe.com/api/idempotent_requests
        """
        body = {
            "amount": amount,
            "currency": currency,
            "customer": customer,
            "payment_method": payment_method,
            "confirm": confirm or None,
            "capture_method": capture_method,
            "return_url": return_url,
            "description": description,
            "receipt_email": receipt_email,
            "metadata": metadata,
        }
        if confirm and return_url is None:
            body["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
        made: PaymentIntentPayload | CardErrorPayload = await self._write(
            "/v1/payment_intents", body, "payment_intents.create", idempotency_key, is_card_error
        )
        return made

    async def confirm_payment_intent(
        self, id: str, *, idempotency_key: str, payment_method: str | None = None, return_url: str | None = None
    ) -> PaymentIntentPayload | CardErrorPayload:
        """Take a planned payment, or hold it if it is to be captured; a card error where the card does not pay.

        Raises `UpstreamRejected` (`payment_intent_unexpected_state`) for one that is already taken or canceled.
        Source: https://docs.stripe.com/api/payment_intents/confirm
        """
        body = {"payment_method": payment_method, "return_url": return_url}
        path = f"/v1/payment_intents/{segment(id)}/confirm"
        taken: PaymentIntentPayload | CardErrorPayload = await self._write(
            path, body, "payment_intents.confirm", idempotency_key, is_card_error
        )
        return taken

    async def cancel_payment_intent(
        self, id: str, *, idempotency_key: str, cancellation_reason: str | None = None
    ) -> PaymentIntentPayload | StateErrorPayload:
        """Give up a payment that is not taken yet; a state error for one that is already taken or canceled.

        Source: https://docs.stripe.com/api/payment_intents/cancel
        """
        body = {"cancellation_reason": cancellation_reason}
        path = f"/v1/payment_intents/{segment(id)}/cancel"
        given_up: PaymentIntentPayload | StateErrorPayload = await self._write(
            path, body, "payment_intents.cancel", idempotency_key, is_unexpected_state
        )
        return given_up

    async def capture_payment_intent(
        self, id: str, *, idempotency_key: str, amount: int | None = None
    ) -> PaymentIntentPayload | StateErrorPayload:
        """Take what is held, or `amount` of it (in the currency's smallest unit): what remains is free again.

        A state error where nothing is held. Raises `UpstreamRejected` for more than is held.
        Source: https://docs.stripe.com/api/payment_intents/capture
        """
        path = f"/v1/payment_intents/{segment(id)}/capture"
        body = {"amount_to_capture": amount}
        captured: PaymentIntentPayload | StateErrorPayload = await self._write(
            path, body, "payment_intents.capture", idempotency_key, is_unexpected_state
        )
        return captured

    async def create_refund(
        self,
        *,
        idempotency_key: str,
        charge: str | None = None,
        payment_intent: str | None = None,
        amount: int | None = None,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> RefundPayload | ErrorPayload:
        """Give back what is left of a charge, or `amount` of it (in the currency's smallest unit).

        The charge is named by its id, or by its payment intent's. A refund error where it is given back already or
        disputed, and where less is left than `amount`. `reason` is `duplicate`, `fraudulent` (which blocks the card and
        the email address from then on) or `requested_by_customer`.
        Source: https://docs.stripe.com/api/refunds/create
        """
        body = {
            "charge": charge,
            "payment_intent": payment_intent,
            "amount": amount,
            "reason": reason,
            "metadata": metadata,
        }
        made: RefundPayload | ErrorPayload = await self._write(
            "/v1/refunds", body, "refunds.create", idempotency_key, is_refund_error, REFUNDING_EVICTS
        )
        return made

    async def attach_payment_method(
        self, id: str, *, customer: str, idempotency_key: str
    ) -> PaymentMethodPayload | CardErrorPayload | ErrorPayload:
        """Keep a payment method for a customer's later payments.

        A card error where the bank refuses the card; another error where it has a customer already, or was used or
        detached before. Source: https://docs.stripe.com/api/payment_methods/attach
        """
        path = f"/v1/payment_methods/{segment(id)}/attach"
        attached: PaymentMethodPayload | CardErrorPayload | ErrorPayload = await self._write(
            path,
            {"customer": customer},
            "payment_methods.attach",
            idempotency_key,
            is_about_the_method,
            PAYMENT_METHODS,
        )
        return attached

    async def detach_payment_method(self, id: str, *, idempotency_key: str) -> PaymentMethodPayload | ErrorPayload:
        """Take a payment method from its customer, for good; an error where it has none.

        Source: https://docs.stripe.com/api/payment_methods/detach
        """
        path = f"/v1/payment_methods/{segment(id)}/detach"
        detached: PaymentMethodPayload | ErrorPayload = await self._write(
            path, {}, "payment_methods.detach", idempotency_key, is_about_the_object, PAYMENT_METHODS
        )
        return detached

    async def update_dispute(
        self,
        id: str,
        *,
        idempotency_key: str,
        evidence: Mapping[str, str] | None = None,
        submit: bool | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> DisputePayload | ErrorPayload:
        """Answer a dispute, or only note down the answer with `submit=False`; an error where it takes none any more.

        `evidence` is added to what is there, 150,000 characters in all; it has texts, and ids of uploaded files.
        Source: https://docs.stripe.com/api/disputes/update
        """
        body = {"evidence": evidence, "submit": submit, "metadata": metadata}
        path = f"/v1/disputes/{segment(id)}"
        updated: DisputePayload | ErrorPayload = await self._write(
            path, body, "disputes.update", idempotency_key, is_about_the_object, DISPUTING_EVICTS
        )
        return updated

    async def close_dispute(self, id: str, *, idempotency_key: str) -> DisputePayload | ErrorPayload:
        """Accept a dispute as lost, which cannot be undone; an error where it is not open.

        Source: https://docs.stripe.com/api/disputes/close
        """
        path = f"/v1/disputes/{segment(id)}/close"
        closed: DisputePayload | ErrorPayload = await self._write(
            path, {}, "disputes.close", idempotency_key, is_about_the_object, DISPUTING_EVICTS
        )
        return closed

    async def create_payout(
        self,
        *,
        amount: int,
        currency: str,
        idempotency_key: str,
        method: str | None = None,
        destination: str | None = None,
        description: str | None = None,
        statement_descriptor: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> PayoutPayload | ErrorPayload:
        """Send available funds to the bank; an error with one of `PAYOUT_CODES` where that cannot be.

        `amount` is in the currency's smallest unit, `method` is `standard` (also what stands for `None`) or `instant`,
        `destination` the id of a bank account or debit card, without which it is the currency's default.
        Source: https://docs.stripe.com/api/payouts/create
        """
        body = {
            "amount": amount,
            "currency": currency,
            "method": method,
            "destination": destination,
            "description": description,
            "statement_descriptor": statement_descriptor,
            "metadata": metadata,
        }
        made: PayoutPayload | ErrorPayload = await self._write(
            "/v1/payouts", body, "payouts.create", idempotency_key, is_payout_error, ("payouts.*", *FUNDS)
        )
        return made

    async def cancel_payout(self, id: str, *, idempotency_key: str) -> PayoutPayload | ErrorPayload:
        """Take back a payout that is still pending; an error for an automatic one, and where it is too late.

        Source: https://docs.stripe.com/api/payouts/cancel
        """
        path = f"/v1/payouts/{segment(id)}/cancel"
        canceled: PayoutPayload | ErrorPayload = await self._write(
            path, {}, "payouts.cancel", idempotency_key, is_about_the_object, ("payouts.*", *FUNDS)
        )
        return canceled

    async def _get(self, resource: str, id: str, select: Collection[str]) -> Any:
        operation = f"{resource}.get"
        if not id:  # the address without an id is the list's
            raise NotFound(self.upstream, operation, status=404, reason="empty id")
        query = {"expand": sorted(select)}
        path = f"/v1/{resource}/{segment(id)}"
        answer = await self._rest.get(path, query, operation=operation, bucket=resource, about=(id,))
        return self._rest.object(answer, operation)

    async def _list(
        self,
        resource: str,
        window: Window,
        filters: Mapping[str, str | bool | None],
        select: Collection[str],
        *,
        path: str | None = None,
    ) -> Page[Any]:
        operation = f"{resource}.list"
        query = {
            **filters,
            "limit": window.limit,
            "starting_after": window.after,
            "ending_before": window.before,
            "expand": [f"data.{path}" for path in sorted(select)],
        }
        try:
            body = await self._rest.get(f"/v1/{path or resource}", query, operation=operation, bucket=resource)
        except UpstreamRejected as error:
            if error.reason == "resource_missing" and (window.after or window.before):
                raise CursorExpired(self.upstream, operation) from error
            raise
        answer = self._rest.object(body, operation)
        items = self._rest.objects(answer.get("data"), operation, path="data")
        more = answer.get("has_more")
        if not isinstance(more, bool):
            raise PayloadMismatch(self.upstream, operation, path="has_more", expected="flag")
        ids: list[Any] = [item.get("id") for item in items]
        if not all(isinstance(id, str) for id in ids):
            raise PayloadMismatch(self.upstream, operation, path="data", expected="objects with an id")
        return Page(items, next_cursor=ids[0 if window.backward else -1] if more and ids else None, cursors=ids)

    async def _write(
        self,
        path: str,
        body: Mapping[str, Any],
        operation: str,
        idempotency_key: str,
        is_result: Refusal,
        evicts: tuple[str, ...] = ALL,
    ) -> Any:
        """What came of it: the object, or the error of a refusal that the caller can act on."""
        response = await self._rest.submit(
            path,
            body,
            operation=operation,
            idempotency_key=idempotency_key,
            headers={"Idempotency-Key": idempotency_key},
            bucket=operation.partition(".")[0],
            evicts=evicts,
            results=REFUSALS,
        )
        answer = self._rest.object(self._rest.parsed(response, operation), operation)
        error = answer.get("error")
        if error is None:
            return answer
        error = self._rest.object(error, operation, path="error")
        if not is_result(error):
            status, reason = response.status_code, reason_of(response)
            raise UpstreamRejected(self.upstream, operation, status=status, reason=reason)
        return error
