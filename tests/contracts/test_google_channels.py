"""What watching a calendar asks of Google, and its sandbox answers, is as Google's own description has it."""

import asyncio

from connectors.call import Scope
from connectors.connector import discover
from connectors.providers.google_calendar.client import GoogleCalendarClient
from tests.contracts.contract import terms_of
from tests.providers.worlds import World

MEETING = {"summary": "Quinces", "start": {"date": "2026-06-01"}, "end": {"date": "2026-06-02"}}


def test_channels_and_changes_are_asked_for_as_the_contract_has_it() -> None:
    terms, world = terms_of("google_calendar"), World(discover()["google_calendar"])

    async def watch() -> None:
        client: GoogleCalendarClient = world.connector.client(Scope())
        before = await client.sync("primary", None)
        opened = await client.open_channel("primary", "c-1", "token", "https://hooks.april.example/", lasts_s=604_800)
        event = await client.create_event("primary", MEETING, idempotency_key="quinces", send_updates="none")
        since = await client.sync("primary", before.sync_token)
        await client.changed_since("primary", before.updated)
        await client.stop_channel("c-1", opened["resourceId"])
        assert [one["id"] for one in since.events] == [event["id"]]

    asyncio.run(watch())

    breaches = {
        breach
        for exchange in world.tampered.exchanges
        if exchange.operation != "oauth2.token"
        for breach in terms.contract.breaches(exchange)
    }
    assert breaches == {"POST /channels/stop answer: 204 is not in the contract"}
    assert {"channels.open", "channels.stop", "events.list"} <= {call.operation for call in world.sandbox.calls}
