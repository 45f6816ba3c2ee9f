"""PayPal's operations."""

from collections.abc import Collection, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from connectors.errors import NotFound
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.providers.paypal.payloads import (
    AuthorizationPayload,
    CapturePayload,
    DisputePayload,
    ErrorPayload,
    InvoicePayload,
    OrderPayload,
    PlanPayload,
    RefundPayload,
    SubscriptionPayload,
    TransactionPayload,
)
from connectors.upstream import Endpoint

UNPROCESSABLE = 422
"""Understood, and not done: an answer that the caller can act on."""

WHOLE = {"Prefer": "return=representation"}
"""Makes a write answer with the object and not with its id alone."""


class PayPalClient:
    """Orders and what is paid for them, invoices, subscriptions, disputes, transactions.

    Writes take a key, `PayPal-Request-Id`: PayPal gives the first answer again to a repetition, for 6 hours with
    orders and 45 days with payments. A write that PayPal understands and does not do gives an error payload.
    An object that it does not know raises `NotFound`, an answer of another shape than documented `PayloadMismatch`.
    """

    upstream = "paypal"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    async def get_order(self, id: str) -> OrderPayload:
        """One order. Source: https://developer.paypal.com/docs/api/orders/v2/#orders_get"""
        return cast(OrderPayload, await self._get("/v2/checkout/orders", id, "orders.get"))

    async def create_order(self, order: Mapping[str, Any], *, idempotency_key: str) -> OrderPayload | ErrorPayload:
        """Begin an order, which its payer then approves. `order` is the body as documented.

        Source: https://developer.paypal.com/docs/api/orders/v2/#orders_create
        """
        answer = await self._write("/v2/checkout/orders", order, "orders.create", idempotency_key)
        return cast(OrderPayload | ErrorPayload, answer)

    async def capture_order(self, id: str, *, idempotency_key: str) -> OrderPayload | ErrorPayload:
        """Take the money of an approved order. Source: https://developer.paypal.com/docs/api/orders/v2/#orders_capture"""
        path = f"/v2/checkout/orders/{segment(id)}/capture"
        return cast(OrderPayload | ErrorPayload, await self._write(path, {}, "orders.capture", idempotency_key))

    async def authorize_order(self, id: str, *, idempotency_key: str) -> OrderPayload | ErrorPayload:
        """Hold the money of an approved order. Source: https://developer.paypal.com/docs/api/orders/v2/#orders_authorize"""
        path = f"/v2/checkout/orders/{segment(id)}/authorize"
        return cast(OrderPayload | ErrorPayload, await self._write(path, {}, "orders.authorize", idempotency_key))

    async def get_authorization(self, id: str) -> AuthorizationPayload:
        """Money that is held. Source: https://developer.paypal.com/docs/api/payments/v2/#authorizations_get"""
        return cast(AuthorizationPayload, await self._get("/v2/payments/authorizations", id, "authorizations.get"))

    async def capture_authorization(
        self, id: str, capture: Mapping[str, Any], *, idempotency_key: str
    ) -> CapturePayload | ErrorPayload:
        """Take what is held, or the `amount` in `capture`.

        Source: https://developer.paypal.com/docs/api/payments/v2/#authorizations_capture
        """
        path = f"/v2/payments/authorizations/{segment(id)}/capture"
        answer = await self._write(path, capture, "authorizations.capture", idempotency_key)
        return cast(CapturePayload | ErrorPayload, answer)

    async def void_authorization(self, id: str, *, idempotency_key: str) -> AuthorizationPayload | ErrorPayload:
        """Let go of what is held. Source: https://developer.paypal.com/docs/api/payments/v2/#authorizations_void"""
        path = f"/v2/payments/authorizations/{segment(id)}/void"
        answer = await self._write(path, {}, "authorizations.void", idempotency_key)
        return cast(AuthorizationPayload | ErrorPayload, answer)

    async def get_capture(self, id: str) -> CapturePayload:
        """Money that was taken. Source: https://developer.paypal.com/docs/api/payments/v2/#captures_get"""
        return cast(CapturePayload, await self._get("/v2/payments/captures", id, "captures.get"))

    async def refund_capture(
        self, id: str, refund: Mapping[str, Any], *, idempotency_key: str
    ) -> RefundPayload | ErrorPayload:
        """Give back what was taken, or the `amount` in `refund`.

        Source: https://developer.paypal.com/docs/api/payments/v2/#captures_refund
        """
        path = f"/v2/payments/captures/{segment(id)}/refund"
        return cast(RefundPayload | ErrorPayload, await self._write(path, refund, "captures.refund", idempotency_key))

    async def get_refund(self, id: str) -> RefundPayload:
        """Money that was given back. Source: https://developer.paypal.com/docs/api/payments/v2/#refunds_get"""
        return cast(RefundPayload, await self._get("/v2/payments/refunds", id, "refunds.get"))

    async def get_invoice(self, id: str) -> InvoicePayload:
        """One invoice. Source: https://developer.paypal.com/docs/api/invoicing/v2/#invoices_get"""
        return cast(InvoicePayload, await self._get("/v2/invoicing/invoices", id, "invoices.get"))

    @paged("invoices.list", max_limit=100, counts=True)
    async def list_invoices(self, window: Window) -> Page[InvoicePayload]:
        """Invoices, latest first. Source: https://developer.paypal.com/docs/api/invoicing/v2/#invoices_list"""
        page, size = place_of(window)
        query = {"page": page, "page_size": size, "total_required": window.count}
        answer = await self._rest.get("/v2/invoicing/invoices", query, operation="invoices.list", bucket="invoices")
        return self._numbered(answer, "items", "invoices.list", page, size)

    @paged("invoices.search", max_limit=100, counts=True)
    async def search_invoices(
        self, window: Window, *, recipient_email: str | None, status: Collection[str] | None
    ) -> Page[InvoicePayload]:
        """Invoices to one address, or that stand somewhere (`DRAFT`, `SENT`, `PAID` ...).

        Source: https://developer.paypal.com/docs/api/invoicing/v2/#search-invoices_search
        """
        page, size = place_of(window)
        filters = {"recipient_email": recipient_email, "status": list(status) if status else None}
        answer = await self._rest.post(
            "/v2/invoicing/search-invoices",
            {name: value for name, value in filters.items() if value is not None},
            query={"page": page, "page_size": size, "total_required": window.count},
            operation="invoices.search",
            safe=True,
            bucket="invoices",
        )
        return self._numbered(answer, "items", "invoices.search", page, size)

    async def get_subscription(self, id: str) -> SubscriptionPayload:
        """One subscription. Source: https://developer.paypal.com/docs/api/subscriptions/v1/#subscriptions_get"""
        return cast(SubscriptionPayload, await self._get("/v1/billing/subscriptions", id, "subscriptions.get"))

    async def cancel_subscription(self, id: str, reason: str) -> ErrorPayload | None:
        """End a subscription for good; `None` once it is done.

        Source: https://developer.paypal.com/docs/api/subscriptions/v1/#subscriptions_cancel
        """
        path = f"/v1/billing/subscriptions/{segment(id)}/cancel"
        answer = await self._rest.post(
            path,
            {"reason": reason},
            operation="subscriptions.cancel",
            bucket="subscriptions",
            results=(UNPROCESSABLE,),
        )
        return cast(ErrorPayload | None, answer)

    @paged("plans.list", max_limit=20, counts=True)
    async def list_plans(self, window: Window) -> Page[PlanPayload]:
        """What can be subscribed to. Source: https://developer.paypal.com/docs/api/subscriptions/v1/#plans_list"""
        page, size = place_of(window)
        query = {"page": page, "page_size": size, "total_required": window.count}
        answer = await self._rest.get("/v1/billing/plans", query, operation="plans.list", bucket="subscriptions")
        return self._numbered(answer, "plans", "plans.list", page, size)

    async def get_dispute(self, id: str) -> DisputePayload:
        """One dispute. Source: https://developer.paypal.com/docs/api/customer-disputes/v1/#disputes_get"""
        return cast(DisputePayload, await self._get("/v1/customer/disputes", id, "disputes.get"))

    @paged("disputes.list", max_limit=50)
    async def list_disputes(self, window: Window, *, state: str | None) -> Page[DisputePayload]:
        """Disputes, latest first. `state` is `OPEN_INQUIRIES`, `REQUIRED_ACTION`, `RESOLVED` ...

        Source: https://developer.paypal.com/docs/api/customer-disputes/v1/#disputes_list
        """
        operation = "disputes.list"
        query = {"page_size": window.limit, "next_page_token": window.after, "dispute_state": state}
        answer = await self._rest.get("/v1/customer/disputes", query, operation=operation, bucket="disputes")
        items = self._items(answer, "items", operation)
        following = [
            link.get("href", "") for link in self._items(answer, "links", operation) if link.get("rel") == "next"
        ]
        tokens = parse_qs(urlsplit(following[0]).query).get("next_page_token", []) if following else []
        return Page(cast(list[DisputePayload], items), next_cursor=tokens[0] if tokens else None)

    @paged("transactions.list", max_limit=500, counts=True)
    async def list_transactions(self, window: Window, *, start: str, end: str) -> Page[TransactionPayload]:
        """What moved money in up to 31 days of the last three years, earliest first; it shows up within three hours.

        `start` and `end` are ISO 8601 with an offset.
        Source: https://developer.paypal.com/docs/api/transaction-search/v1/#transactions_get
        """
        operation = "transactions.list"
        page, size = place_of(window)
        fields = "transaction_info,payer_info"
        query = {"start_date": start, "end_date": end, "fields": fields, "page": page, "page_size": size}
        answer = await self._rest.get("/v1/reporting/transactions", query, operation=operation, bucket="transactions")
        return self._numbered(answer, "transaction_details", operation, page, size)

    async def _get(self, resource: str, id: str, operation: str) -> Any:
        if not id:  # the address without an id is the list's
            raise NotFound(self.upstream, operation, status=404, reason="empty id")
        bucket = operation.partition(".")[0]
        answer = await self._rest.get(f"{resource}/{segment(id)}", operation=operation, bucket=bucket, about=(id,))
        return self._rest.object(answer, operation)

    async def _write(self, path: str, body: Mapping[str, Any], operation: str, idempotency_key: str) -> dict[str, Any]:
        answer = await self._rest.post(
            path,
            body,
            operation=operation,
            idempotency_key=idempotency_key,
            headers={"PayPal-Request-Id": idempotency_key, **WHOLE},
            bucket=operation.partition(".")[0],
            results=(UNPROCESSABLE,),
        )
        return self._rest.object(answer, operation)

    def _numbered(self, answer: Any, name: str, operation: str, page: int, size: int) -> Page[Any]:
        """A page by its number; whether another follows is told by a link, or else by the count of pages."""
        items = self._items(answer, name, operation)
        links = answer.get("links") or []
        more = any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
        more = more or page < (answer.get("total_pages") or 0)
        total = answer.get("total_items")
        return Page(items, next_cursor=f"{page + 1}:{size}" if more else None, total=total)

    def _items(self, answer: Any, name: str, operation: str) -> list[dict[str, Any]]:
        return self._rest.objects(self._rest.object(answer, operation).get(name) or [], operation, path=name)


def place_of(window: Window) -> tuple[int, int]:
    """The number of a page and the size of all pages of its list: what comes later keeps to the size of the first."""
    if window.after is None:
        return 1, window.limit
    page, _, size = window.after.partition(":")
    return int(page), int(size)


def refused(payload: Mapping[str, Any]) -> bool:
    """Whether the answer to a write is an error payload."""
    return "debug_id" in payload and "name" in payload
