"""What can be read from the Stripe sandbox: single objects, lists, and what comes along with them."""

from collections.abc import Callable
from typing import Any

from connectors.providers.stripe.sandbox import funds, objects
from connectors.providers.stripe.sandbox.ledger import Json, Ledger, Table
from connectors.providers.stripe.sandbox.parameters import Refused, flag, integer, known, required, text, unknown
from connectors.providers.stripe.sandbox.search import matcher

MAX_LIMIT, DEFAULT_LIMIT = 100, 10
MAX_EXPANSION_DEPTH = 4
ENDED = ("canceled", "incomplete_expired")
EQUAL = (
    "email charge payment_intent product currency collection_method status type source destination allow_redisplay"
).split()
PAGE_PARAMETERS = frozenset({"limit", "starting_after", "ending_before", "expand"})
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}

Handler = Callable[[str, Json], Json]
"""An operation: from the id in the address (empty where there is none) and the parameters to the answer."""


class Reads:
    """The reading operations of one account."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def balance(self, id: str, parameters: Json) -> Json:
        known(parameters, {"expand"})
        available, pending = (
            [
                {"amount": amount, "currency": currency, "source_types": {"card": amount}}
                for currency, amount in sorted(funds.sums(self._ledger.balance_transactions, status).items())
            ]
            for status in ("available", "pending")
        )
        return {
            "object": "balance",
            "available": available,
            "livemode": False,
            "pending": pending,
            "refund_and_dispute_prefunding": {"available": [], "pending": []},
        }

    def getter(self, table: Table) -> Handler:
        def get(id: str, parameters: Json) -> Json:
            known(parameters, {"expand"})
            return expanded(self._ledger, known_row(table, id, "id", 404), parameters)

        return get

    def lister(self, table: Table, allowed: frozenset[str]) -> Handler:
        def page(id: str, parameters: Json) -> Json:
            known(parameters, allowed | PAGE_PARAMETERS)
            return self._page(table, parameters, f"/v1/{table.resource}", self._filter(table, parameters))

        return page

    def payment_methods(self, id: str, parameters: Json) -> Json:
        """Those of the customer `id`."""
        known(parameters, {"type", "allow_redisplay"} | PAGE_PARAMETERS)
        if "deleted" in known_row(self._ledger.customers, id, "customer", 404):
            raise missing(self._ledger.customers, id, "customer", 404)
        keep = self._filter(self._ledger.payment_methods, parameters)
        url = f"/v1/customers/{id}/payment_methods"
        return self._page(
            self._ledger.payment_methods, parameters, url, lambda row: row["customer"] == id and keep(row)
        )

    def search(self, id: str, parameters: Json) -> Json:
        """Customers that a query in Stripe's search language is true of, newest first."""
        known(parameters, {"query", "limit", "page", "expand"})
        required(parameters, "query")
        limit = integer(parameters, "limit", 1, MAX_LIMIT) or DEFAULT_LIMIT
        token = text(parameters, "page")
        if token is not None and not token.isdecimal():
            raise Refused(400, "This is no page of the search.", param="page")
        matches = matcher(text(parameters, "query") or "")
        found = [row for row in reversed(self._ledger.customers.rows) if "deleted" not in row and matches(row)]
        start = int(token or 0)
        more = start + limit < len(found)
        answer = {
            "object": "search_result",
            "data": found[start : start + limit],
            "has_more": more,
            "next_page": str(start + limit) if more else None,
            "url": "/v1/customers/search",
        }
        paths = parameters.get("expand", [])
        if isinstance(paths, list) and "total_count" in paths:
            answer["total_count"] = len(found)
            parameters = {**parameters, "expand": [path for path in paths if path != "total_count"]}
        return expanded(self._ledger, answer, parameters)

    def _page(self, table: Table, parameters: Json, url: str, keep: Callable[[Json], bool]) -> Json:
        limit = integer(parameters, "limit", 1, MAX_LIMIT) or DEFAULT_LIMIT
        after, before = text(parameters, "starting_after"), text(parameters, "ending_before")
        if after and before:
            raise Refused(400, "`starting_after` and `ending_before` exclude each other.", param="starting_after")
        for name, mark in (("starting_after", after), ("ending_before", before)):
            if mark and "deleted" in known_row(table, mark, name, 400):
                raise missing(table, mark, name, 400)
        owner = text(parameters, "customer")
        if owner:
            known_row(self._ledger.customers, owner, "customer", 400)
        rows, more = table.page(limit, after=after, before=before, customer=owner, keep=keep)
        return expanded(self._ledger, objects.listing(url, rows, has_more=more), parameters)

    def _filter(self, table: Table, parameters: Json) -> Callable[[Json], bool]:
        """What a row must be to be listed: equal where a parameter names a field, created when `created` says."""
        equal = {name: text(parameters, name) for name in EQUAL}
        wanted: Json = {name: value for name, value in equal.items() if value is not None}
        if "active" in parameters:
            wanted["active"] = flag(parameters, "active")
        subscription, price = text(parameters, "subscription"), text(parameters, "price")
        if subscription:
            known_row(self._ledger.subscriptions, subscription, "subscription", 400)
        kept: tuple[str, ...] = ()
        left_out: tuple[str, ...] = ()
        if table is self._ledger.subscriptions:
            status = wanted.pop("status", None)
            left_out = () if status else ("canceled",)
            if status and status != "all":
                kept = ENDED if status == "ended" else (status,)
        bounds = {name: _bounds(name, parameters.get(name)) for name in ("created", "arrival_date")}
        payout = self._automatic_payout(parameters)

        def keep(row: Json) -> bool:
            return (
                all(row[name] == value for name, value in wanted.items())
                and (not kept or row["status"] in kept)
                and row.get("status") not in left_out
                and (not subscription or _subscription_of(row) == subscription)
                and (not price or any(item["price"]["id"] == price for item in row["items"]["data"]))
                and (not payout or self._ledger.paid_out.get(row["id"]) == payout)
                and all(
                    COMPARISONS[name](row[field], bound)
                    for field, asked in bounds.items()
                    for name, bound in asked.items()
                )
            )

        return keep

    def _automatic_payout(self, parameters: Json) -> str | None:
        """The payout whose transactions are asked for; which these are is known of automatic ones only."""
        payout = text(parameters, "payout")
        if payout and not known_row(self._ledger.payouts, payout, "payout", 400)["automatic"]:
            raise Refused(400, "Which transactions a payout pays is known of automatic ones only.", param="payout")
        return payout


def known_row(table: Table, id: str, param: str, status: int) -> Json:
    """A row that must be there, be it what is left of a deleted one."""
    row = table.get(id)
    if row is None:
        raise missing(table, id, param, status)
    return row


def missing(table: Table, id: str, param: str, status: int) -> Refused:
    """The refusal of an id that stands for nothing."""
    return Refused(status, f"No such {table.noun}: '{id[:80]}'", code="resource_missing", param=param)


def expanded(ledger: Ledger, answer: Json, parameters: Json) -> Json:
    """A copy of the answer with objects in the place of the ids that `expand` names."""
    paths = parameters.get("expand", [])
    if not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
        raise Refused(400, "Invalid array.", param="expand")
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_EXPANSION_DEPTH:
            raise Refused(400, f"You cannot expand more than {MAX_EXPANSION_DEPTH} levels.", param="expand")
        answer = _expanded(ledger, answer, steps)
    return answer


def _expanded(ledger: Ledger, value: Any, steps: list[str]) -> Any:
    if isinstance(value, list):
        return [_expanded(ledger, item, steps) for item in value]
    head, *rest = steps
    if head not in value:
        raise Refused(400, f"This property cannot be expanded ({head[:80]}).", param="expand")
    inner = value[head]
    if inner is None:
        return value
    if isinstance(inner, str):
        inner = ledger.find(inner)
    if not isinstance(inner, dict | list):
        raise Refused(400, f"This property cannot be expanded ({head[:80]}).", param="expand")
    return {**value, head: _expanded(ledger, inner, rest) if rest else inner}


def _bounds(field: str, value: Any) -> dict[str, int]:
    """The comparisons that a parameter asks for; a bare number is an equality."""
    asked = {"gte": value, "lte": value} if isinstance(value, str) else value or {}
    for name in asked:
        if name not in COMPARISONS:
            raise unknown(f"{field}[{name}]")
    return {name: integer(asked, name, 0, 2**53, f"{field}[{name}]") or 0 for name in asked}


def _subscription_of(invoice: Json) -> str | None:
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None
