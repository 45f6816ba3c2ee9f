import asyncio

import httpx2
import pytest

from connectors.call import Scope
from connectors.errors import UpstreamTimeout
from connectors.judgement import Outcome
from connectors.pipeline.budget import budget
from connectors.pipeline.setup import record_of
from connectors.policy import Policy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, judged, request, setup


def test_the_earlier_deadline_holds(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(200, Outcome.OK))
    send = budget(setup(clock, policy=Policy(budget_s=25)))(wire)

    asyncio.run(send(request(scope=Scope(deadline=clock.now() + 3))))
    asyncio.run(send(request(scope=Scope(deadline=clock.now() + 300))))

    assert [record_of(r).deadline - clock.now() for r in wire.requests] == [3, 25]


def test_nothing_is_sent_after_the_deadline(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(200, Outcome.OK))

    with pytest.raises(UpstreamTimeout):
        asyncio.run(budget(setup(clock))(wire)(request(scope=Scope(deadline=clock.now()))))
    assert wire.requests == []


def test_a_call_is_cut_off_at_its_deadline(clock: FakeClock) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    with pytest.raises(UpstreamTimeout):
        asyncio.run(budget(setup(clock))(hang)(request(scope=Scope(deadline=clock.now() + 0.01))))
