import asyncio
from collections.abc import Sequence

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.base import Sandbox
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from connectors.wires import sandbox_wire
from tests.serving import served


class Counter(Sandbox):
    """Counts how often it was increased."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    @property
    def routes(self) -> Sequence[Route]:
        return [Route("/count", self.increase, methods=["POST"], name="count.increase")]

    async def increase(self, request: Request) -> Response:
        self.count += 1
        return JSONResponse({"count": self.count})

    def failure(self, status: int) -> Response:
        return JSONResponse({"oops": status}, status)

    def throttled(self, retry_after_s: float) -> Response:
        return Response(status_code=429, headers={"Retry-After": f"{retry_after_s:.0f}"})

    def expire(self) -> Response:
        return Response(status_code=401)


def increase(sandbox: Counter) -> httpx2.Response:
    message = httpx2.Request("POST", "https://demo.example/count")
    return asyncio.run(sandbox_wire(sandbox)(message))


def test_calls_are_counted_by_operation() -> None:
    sandbox = Counter()
    increase(sandbox)

    assert (sandbox.seen("count.increase"), sandbox.calls[0].path) == (1, "/count")


def test_of_very_many_calls_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sandbox.base.MOST_CALLS_KEPT", 10)
    sandbox = Counter()

    for _ in range(100):
        increase(sandbox)
        assert len(sandbox.calls) <= 10
    assert (sandbox.count, len(sandbox.calls) >= 5) == (100, True)


def test_an_unknown_address_is_not_found() -> None:
    sandbox = Counter()

    response = asyncio.run(sandbox_wire(sandbox)(httpx2.Request("GET", "https://demo.example/else")))

    assert (response.status_code, sandbox.calls[0].operation) == (404, "unknown")


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault(status=503), 503), (Fault(throttled_s=7), 429), (Fault(expired=True), 401), (Fault(malformed=True), 200)],
)
def test_a_fault_spoils_one_call(fault: Fault, status: int) -> None:
    sandbox = Counter()
    sandbox.faults.add(fault)

    assert increase(sandbox).status_code == status
    assert increase(sandbox).json()["count"] >= 1


def test_a_malformed_answer_is_cut_short() -> None:
    sandbox = Counter()
    sandbox.faults.add(Fault(malformed=True))

    assert increase(sandbox).content == b'{"cou'


@pytest.mark.parametrize(("when", "count"), [("request", 0), ("answer", 1)])
def test_hanging_up_happens_before_or_after_the_effect(when: str, count: int) -> None:
    sandbox = Counter()
    sandbox.faults.add(Fault(drop=when))  # type: ignore[arg-type]

    with pytest.raises(httpx2.RemoteProtocolError):
        increase(sandbox)
    assert sandbox.count == count


def test_faults_match_by_pattern_skip_and_run_out() -> None:
    faults = Faults()
    faults.add(Fault(operation="count.*", skip=1, times=2, status=500))

    taken = [faults.take("count.increase") is not None for _ in range(4)]

    assert faults.take("other") is None
    assert taken == [False, True, True, False]


def test_people_are_the_same_in_every_run_and_have_addresses_of_their_own() -> None:
    people = population()

    assert people == population()
    assert len({person.email for person in people}) == len(people) == 300
    assert all(person.email.endswith(".example") for person in people)


def test_a_sandbox_runs_on_a_port_of_its_own_and_takes_orders() -> None:
    sandbox = Counter()
    fault = {"operation": "count.*", "status": 500}

    with served(standalone({"demo": sandbox})) as url, httpx2.Client(base_url=url) as client:
        assert client.post("/demo/count").json() == {"count": 1}
        assert client.post("/_control/demo/faults", json=fault).status_code == 204
        assert client.post("/demo/count").status_code == 500
        assert [call["operation"] for call in client.get("/_control/demo/calls").json()] == ["count.increase"] * 2


def test_on_a_port_hanging_up_closes_the_connection() -> None:
    sandbox = Counter()

    with served(standalone({"demo": sandbox})) as url, httpx2.Client(base_url=url) as client:
        client.post("/_control/demo/faults", json={"drop": "answer"})
        with pytest.raises(httpx2.RemoteProtocolError):
            client.post("/demo/count")
        assert client.post("/demo/count").json() == {"count": 2}


@pytest.mark.parametrize("wrong", [{"stauts": 500}, {"status": "many"}, []])
def test_a_fault_that_makes_no_sense_is_refused(wrong: object) -> None:
    with served(standalone({"demo": Counter()})) as url, httpx2.Client(base_url=url) as client:
        answer = client.post("/_control/demo/faults", json=wrong)

    assert (answer.status_code, answer.text[:11]) == (400, "not a fault")


def test_a_sandbox_that_is_not_there_is_named() -> None:
    with served(standalone({"demo": Counter()})) as url, httpx2.Client(base_url=url) as client:
        answer = client.get("/_control/strype/calls")

    assert (answer.status_code, answer.text) == (404, "no sandbox 'strype' here, only: demo")
