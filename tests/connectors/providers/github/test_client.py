import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.errors import CursorExpired, NotAuthorized, NotFound, RateLimited, UpstreamError, UpstreamRejected
from connectors.protocols.graphql.ask import Ask
from connectors.providers.github.client import Forbidden, GitHubClient, Unprocessable, refusal
from connectors.providers.github.manifest import UPSTREAM
from connectors.providers.github.sandbox import GitHubSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from tests.clock import FakeClock

PEOPLE = population(120)
LOGIN = (Ask("login"),)
NAME = (Ask("name"),)


@pytest.fixture
def connector(clock: FakeClock) -> Connector:
    made = connect(UPSTREAM, {}, people=PEOPLE, clock=clock)
    assert made is not None
    sandbox_of(made).time = clock.time
    return made


def sandbox_of(connector: Connector) -> GitHubSandbox:
    assert isinstance(connector.sandbox, GitHubSandbox)
    return connector.sandbox


def run(connector: Connector, work: Callable[[GitHubClient], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        return await work(connector.client(Scope()))

    return asyncio.run(go())


def operations(connector: Connector) -> list[str]:
    return [call.operation for call in sandbox_of(connector).calls]


def test_what_is_asked_at_once_is_one_call_named_after_all_of_it(connector: Connector) -> None:
    async def work(github: GitHubClient) -> Any:
        return await asyncio.gather(
            github.viewer(LOGIN),
            github.user(PEOPLE[7].login.upper(), LOGIN),
            github.organization("quartz-analytics", NAME),
            github.repository("quartz-analytics", "ledger", NAME),
        )

    viewer, user, organization, repository = run(connector, work)

    assert viewer == {"login": PEOPLE[0].login}
    assert user == {"login": PEOPLE[7].login}
    assert organization == {"name": "Quartz Analytics"}
    assert repository == {"name": "ledger"}
    assert operations(connector) == ["organization+repository+user+viewer"]


def test_misses_are_none_and_harm_nobody(connector: Connector) -> None:
    async def work(github: GitHubClient) -> Any:
        return await asyncio.gather(
            github.user("nobody", LOGIN),
            github.user("quartz-analytics", LOGIN),
            github.organization(PEOPLE[0].login, NAME),
            github.repository("quartz-analytics", "nothing", NAME),
            github.viewer(LOGIN),
        )

    assert run(connector, work) == [None, None, None, None, {"login": PEOPLE[0].login}]


def test_a_hundred_users_are_one_call(connector: Connector) -> None:
    logins = [person.login for person in PEOPLE[:99]] + ["nobody"]

    found = run(connector, lambda github: github.users(logins, LOGIN))

    assert found == [*({"login": login} for login in logins[:99]), None]
    assert operations(connector) == ["user"]


def test_nodes_come_in_order_with_misses_and_other_types_as_none(connector: Connector) -> None:
    hub = sandbox_of(connector).hub
    ids = [hub.accounts[PEOPLE[3].login]["id"], "U_nothing", hub.repository("quartz-analytics", "ledger")["id"]]

    found = run(connector, lambda github: github.nodes(ids, "User", LOGIN))

    assert found == [{"__typename": "User", "login": PEOPLE[3].login}, None, None]


def test_a_page_of_a_node_is_read_by_its_id(connector: Connector) -> None:
    id = sandbox_of(connector).hub.repository("quartz-analytics", "ledger")["id"]
    edges = Ask("edges", fields=(Ask("cursor"), Ask("node", fields=(Ask("number"),))))

    page = run(connector, lambda github: github.field(id, "Repository", Ask("issues", {"first": 2}, (edges,), key="x")))

    assert len(page["edges"]) == 2
    assert operations(connector) == ["node"]


def test_a_page_of_what_is_gone_is_not_found(connector: Connector) -> None:
    counted = Ask("issues", {"first": 1}, (Ask("totalCount"),))

    with pytest.raises(NotFound):
        run(connector, lambda github: github.field("R_nothing", "Repository", counted))


def test_a_cursor_that_github_no_longer_knows_has_expired(connector: Connector) -> None:
    id = sandbox_of(connector).hub.repository("quartz-analytics", "ledger")["id"]
    asked = Ask("issues", {"first": 1, "after": "bm90aGluZw=="}, (Ask("edges", fields=(Ask("cursor"),)),))

    with pytest.raises(CursorExpired):
        run(connector, lambda github: github.field(id, "Repository", asked))


def test_a_rate_limit_under_200_is_waited_for(connector: Connector, clock: FakeClock) -> None:
    sandbox_of(connector).faults.add(Fault(throttled_s=4))

    assert run(connector, lambda github: github.viewer(LOGIN)) == {"login": PEOPLE[0].login}
    assert operations(connector) == ["viewer", "viewer"]
    assert sum(clock.slept) == pytest.approx(4, abs=1.5)


def test_a_rate_limit_that_outlasts_the_deadline_fails_at_once(connector: Connector, clock: FakeClock) -> None:
    sandbox_of(connector).faults.add(Fault(throttled_s=1800))

    with pytest.raises(RateLimited) as caught:
        run(connector, lambda github: github.viewer(LOGIN))
    assert caught.value.retry_after_s == pytest.approx(1800, abs=1.5)
    assert clock.slept == []


def test_points_run_out_as_github_says(connector: Connector) -> None:
    sandbox_of(connector).points = 1
    sandbox_of(connector)._reset_at = int(sandbox_of(connector).time()) + 3000

    assert run(connector, lambda github: github.viewer(LOGIN)) == {"login": PEOPLE[0].login}
    with pytest.raises(RateLimited):
        run(connector, lambda github: github.viewer((Ask("id"),)))


def test_a_refused_token_says_so(connector: Connector) -> None:
    sandbox_of(connector).faults.add(Fault(expired=True))

    with pytest.raises(NotAuthorized):
        run(connector, lambda github: github.viewer(LOGIN))


def test_a_failure_is_tried_again(connector: Connector) -> None:
    sandbox_of(connector).faults.add(Fault(status=502))

    assert run(connector, lambda github: github.viewer(LOGIN)) == {"login": PEOPLE[0].login}
    assert operations(connector) == ["viewer", "viewer"]


def test_ids_are_asked_for_in_their_lasting_form_and_no_value_stands_in_the_document(connector: Connector) -> None:
    run(connector, lambda github: github.user(PEOPLE[5].login, LOGIN))

    (call,) = sandbox_of(connector).calls
    body = json.loads(call.body)
    assert body == {
        "query": "query ($v0: String!) { q0: user(login: $v0) { login } }",
        "variables": {"v0": PEOPLE[5].login},
    }


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("NOT_FOUND", NotFound),
        ("FORBIDDEN", Forbidden),
        ("INSUFFICIENT_SCOPES", Forbidden),
        ("UNPROCESSABLE", Unprocessable),
        ("RATE_LIMITED", RateLimited),
        ("INVALID_CURSOR_ARGUMENTS", CursorExpired),
        ("MAX_NODE_LIMIT_EXCEEDED", UpstreamRejected),
    ],
)
def test_githubs_words_become_our_errors(type_: str, kind: type[UpstreamError]) -> None:
    assert type(refusal("github", "user", {"type": type_, "message": "x"})) is kind
