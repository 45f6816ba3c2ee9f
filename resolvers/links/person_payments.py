"""What a person pays through Stripe and PayPal, as one list."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

import strawberry

from connectors.errors import UpstreamError
from connectors.paging import Position, Slice, collect, paging_of
from connectors.providers.paypal.client import PayPalClient
from connectors.providers.stripe.client import StripeClient
from resolvers.connections import DEFAULT_FIRST
from resolvers.context import Info
from resolvers.cursors import listing_of
from resolvers.merging import Places, Reads, latest, moment, read_merged
from resolvers.providers.paypal.convert import to_transaction
from resolvers.providers.stripe.convert import to_charge
from resolvers.providers.stripe.fetching import USUAL_CUSTOMERS, customers_by_email
from schema.fields import AFTER, FIRST, Calls, Fields, Slicing, Wanted
from schema.payments import Payment
from schema.person import Person
from schema.relay import Connection

SEARCH = timedelta(days=31)
"""What PayPal looks through at once."""

SEARCHES = 3
MOST_TRANSACTIONS = 5_000
"""Of one search; where there are more, PayPal's part fails rather than lack some."""

CHARGES, TRANSACTIONS = paging_of(StripeClient.list_charges), paging_of(PayPalClient.list_transactions)

fields = Fields("paypal", "stripe")


def wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The searches at PayPal, as long as they may be, the customers at Stripe, and the charges of each."""
    first = given.get("first")
    items = DEFAULT_FIRST if first is None else max(1, first)
    searches = Calls(upstream="paypal", operation=TRANSACTIONS.operation)
    charges = Calls(upstream="stripe", operation=CHARGES.operation)
    pages = -(-items // CHARGES.max_limit)
    return [
        Wanted(searches, keys=SEARCHES, times=MOST_TRANSACTIONS // TRANSACTIONS.max_limit),
        Wanted(customers_by_email.calls),
        Wanted(charges, keys=USUAL_CUSTOMERS, times=pages),
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
    listing = listing_of("person", "payments", {"email": root.email, "until": paypal_until})

    def read(until: str, at: Places, limit: int) -> Reads[Payment]:
        paypal = at.get("paypal", Position())
        return (
            _from_stripe(info, root.email, at, limit),
            _from_paypal(info, root.email, paypal, datetime.fromisoformat(until), limit),
        )

    now = info.context.connectors[PayPalClient].clock.time()
    until = (paypal_until or datetime.fromtimestamp(now, UTC)).isoformat()
    slicing = Slicing(first, after)
    return await read_merged(info, listing, slicing, read, anchor=until, time=attrgetter("created_at"))


async def _from_stripe(info: Info, email: str, at: Places, limit: int) -> dict[str, Slice[Payment]]:
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
        (moment(one.created_at).isoformat(), str(one.upstream_id)): one
        for one in transactions
        if isinstance(one.payer_email, str)
        and one.payer_email.lower() == email.lower()
        and not (isinstance(one.amount, Exception) or one.amount.minor_units <= 0)
    }
    return {"paypal": latest(theirs, at, limit)}


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
