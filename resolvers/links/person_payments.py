"""What a person pays through Stripe and PayPal, as one list."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

import orjson
import strawberry

from connectors.errors import UpstreamError
from connectors.paging import Position, Slice, collect, paging_of
from connectors.providers.paypal.client import PayPalClient
from connectors.providers.stripe.client import StripeClient
from resolvers.connections import checked
from resolvers.context import Info
from resolvers.cursors import listing_of
from resolvers.merging import merged
from resolvers.providers.paypal.convert import to_transaction
from resolvers.providers.stripe.convert import to_charge
from resolvers.providers.stripe.fetching import USUAL_CUSTOMERS, customers_by_email
from schema.fields import AFTER, FIRST, Calls, Fields, Slicing, Wanted
from schema.payments import Payment
from schema.person import Person
from schema.relay import Connection, Edge, PageInfo

SEARCH = timedelta(days=31)
"""What PayPal looks through at once."""

SEARCHES = 3
MOST_TRANSACTIONS = 5_000
"""Of one search; where there are more, PayPal's part fails rather than lack some."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)
CHARGES, TRANSACTIONS = paging_of(StripeClient.list_charges), paging_of(PayPalClient.list_transactions)

fields = Fields("paypal", "stripe")


def wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The searches at PayPal, the customers at Stripe, and the charges of each."""
    first = given.get("first")
    items = 20 if first is None else max(0, first)
    charges = Calls(upstream="stripe", operation=CHARGES.operation, page=CHARGES.max_limit, items=items)
    searches = Calls(upstream="paypal", operation=TRANSACTIONS.operation, items=0)
    return [
        Wanted(searches, keys=SEARCHES),
        Wanted(customers_by_email.calls),
        Wanted(charges, keys=USUAL_CUSTOMERS * max(1, -(-items // CHARGES.max_limit))),
    ]


@fields.on(Person, needs=("email",), calls=wanted)
async def payments(
    root: strawberry.Parent[Person],
    info: Info,
    first: FIRST = None,
    after: AFTER = None,
    paypal_until: Annotated[
        datetime | None,
        strawberry.argument(description="PayPal's are those of the 93 days before this time; before now, if unset."),
    ] = None,
) -> Connection[Payment] | None:
    """What this person pays, newest first: charges of every customer at Stripe, and what came in through PayPal.

    PayPal cannot be asked for one payer: all transactions of 93 days are read for it. Where one of the two fails, there
    is an edge in front whose node is null, with the error; going on from a later cursor gives what it lacked.
    """
    limit, _ = checked(Slicing(first, after, None, None))
    listing = listing_of("person", "payments", {"email": root.email, "until": paypal_until})
    at: dict[str, Position] = {}
    until = paypal_until or datetime.now(UTC)
    if after is not None:
        moment, places = orjson.loads(info.context.cursors.decode(listing, after).cursor or "")
        until, at = datetime.fromisoformat(moment), {name: Position(*place) for name, place in places.items()}
    found: tuple[Any, ...] = await asyncio.gather(
        _from_stripe(info, root.email, at, max(1, limit)),
        _from_paypal(info, root.email, at.get("paypal", Position()), until, max(1, limit)),
        return_exceptions=True,
    )
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, UpstreamError):
            raise one
    failed = [one for one in found if isinstance(one, UpstreamError)]
    parts = {name: part for one in found if not isinstance(one, UpstreamError) for name, part in one.items()}
    result = merged(parts, at, time=_time, limit=limit)

    def cursor(places: Mapping[str, Position]) -> str:
        written = [until.isoformat(), {name: [place.cursor, place.skip] for name, place in places.items()}]
        return info.context.cursors.encode(listing, Position(orjson.dumps(written).decode()))

    edges: list[Edge[Any]] = [Edge(cursor=cursor(at), node=error) for error in failed]
    edges += [Edge(cursor=cursor(places), node=item) for item, places in zip(result.items, result.places, strict=True)]
    page_info = PageInfo(
        has_next_page=result.more or bool(failed),
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=page_info, total_count=None)


async def _from_stripe(info: Info, email: str, at: Mapping[str, Position], limit: int) -> dict[str, Slice[Payment]]:
    """The charges of each customer with the address."""
    stripe = info.context.client(StripeClient)
    ids = [str(one.upstream_id) for one in await customers_by_email.load(info, email) or ()]
    slices = await asyncio.gather(
        *(
            collect(
                partial(stripe.list_charges, customer=id),
                CHARGES,
                upstream="stripe",
                limit=limit,
                at=at.get(id, Position()),
            )
            for id in ids
        )
    )
    return {
        id: Slice([to_charge(charge) for charge in one.items], one.positions, more=one.more)
        for id, one in zip(ids, slices, strict=True)
    }


async def _from_paypal(info: Info, email: str, at: Position, until: datetime, limit: int) -> dict[str, Slice[Payment]]:
    """What came in from the address. A place in this list is the time and the id of what was last given."""
    client = info.context.client(PayPalClient)

    async def searched(number: int) -> list[Any]:
        end = until - number * SEARCH
        fetch = partial(client.list_transactions, start=_written(end - SEARCH), end=_written(end))
        part = await collect(fetch, TRANSACTIONS, upstream="paypal", limit=MOST_TRANSACTIONS)
        if part.more:
            message = f"there are more than {MOST_TRANSACTIONS:,} transactions in 31 days: ask for them by themselves"
            raise UpstreamError("paypal", TRANSACTIONS.operation, message)
        return part.items

    searches = await asyncio.gather(*map(searched, range(SEARCHES)))
    transactions = [to_transaction(one) for search in searches for one in search]
    theirs = {
        (_time(one).isoformat(), str(one.upstream_id)): one
        for one in transactions
        if isinstance(one.payer_email, str)
        and one.payer_email.lower() == email.lower()
        and not (isinstance(one.amount, Exception) or one.amount.minor_units <= 0)
    }
    last = tuple(orjson.loads(at.cursor)) if at.cursor else None
    keys = [key for key in sorted(theirs, reverse=True) if last is None or key < last]
    kept = keys[:limit]
    positions = [Position(orjson.dumps(key).decode()) for key in kept]
    return {"paypal": Slice([theirs[key] for key in kept], positions, more=len(keys) > limit)}


def _time(payment: Payment) -> datetime:
    """When; what has no readable time comes last."""
    found: Any = payment.created_at
    return found if isinstance(found, datetime) else LONG_AGO


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
