"""The sandbox against Slack's own library, which is what says whether it is a Slack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from connectors.providers.slack.sandbox import BOT_TOKEN, USER_TOKEN, SlackSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from tests.serving import served

PEOPLE = population()


class Stand:
    """Where a sandbox stands, so that each test has a new one behind the same port."""

    def __init__(self) -> None:
        self.sandbox = SlackSandbox(PEOPLE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.sandbox(scope, receive, send)


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Stand, str]]:
    stand = Stand()
    with served(Starlette(routes=[Mount("/slack", stand)])) as url:
        yield stand, f"{url}/slack/api/"


@pytest.fixture
def sandbox(place: tuple[Stand, str]) -> SlackSandbox:
    place[0].sandbox = SlackSandbox(PEOPLE)
    return place[0].sandbox


@pytest.fixture
def bot(place: tuple[Stand, str], sandbox: SlackSandbox) -> WebClient:
    return WebClient(BOT_TOKEN, base_url=place[1])


@pytest.fixture
def person(place: tuple[Stand, str], sandbox: SlackSandbox) -> WebClient:
    return WebClient(USER_TOKEN, base_url=place[1])


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def pages_of(response: SlackResponse) -> list[Any]:
    """All pages; the library hands out one object again and again, so what it holds is kept."""
    return [page.data for page in response]


def channel(client: WebClient, name: str) -> Any:
    pages = client.conversations_list(types="public_channel,private_channel", limit=200)
    return next(one for page in pages for one in page["channels"] if one["name"] == name)


def test_the_token_says_who_it_is(bot: WebClient) -> None:
    assert bot.auth_test()["user"] == "punnet"


def test_a_wrong_token_is_refused(place: tuple[Stand, str]) -> None:
    assert refusal(WebClient("xoxb-wrong", base_url=place[1]).auth_test) == "invalid_auth"
    assert refusal(WebClient(base_url=place[1]).auth_test) == "not_authed"


def test_everybody_comes_once_page_by_page(bot: WebClient, sandbox: SlackSandbox) -> None:
    pages = pages_of(bot.users_list(limit=100))
    members = [member for page in pages for member in page["members"]]

    assert [len(page["members"]) for page in pages] == [100, 100, 100, 1]
    assert len({member["id"] for member in members}) == len(PEOPLE) + 1
    assert {person.email for person in PEOPLE} <= {member["profile"].get("email") for member in members}


def test_pages_may_have_fewer_channels_than_asked_for(bot: WebClient) -> None:
    every = [one["name"] for page in bot.conversations_list(limit=2) for one in page["channels"]]
    pages = pages_of(bot.conversations_list(limit=2, exclude_archived=True))

    assert "old-launch" in every
    assert [one["name"] for page in pages for one in page["channels"]] == [n for n in every if n != "old-launch"]
    assert any(len(page["channels"]) < 2 for page in pages[:-1])


def test_private_channels_are_there_for_their_members_only(bot: WebClient, person: WebClient) -> None:
    def private(client: WebClient) -> list[str]:
        return [one["name"] for one in client.conversations_list(types="private_channel")["channels"]]

    assert private(bot) == ["finance"]
    assert private(person) == ["finance", "board"]
    board = channel(person, "board")["id"]
    assert refusal(lambda: bot.conversations_info(channel=board)) == "channel_not_found"


def test_a_history_is_newest_first_and_complete(bot: WebClient, sandbox: SlackSandbox) -> None:
    general = channel(bot, "general")["id"]
    stamps = [m["ts"] for page in bot.conversations_history(channel=general, limit=40) for m in page["messages"]]
    there = sandbox.workspace.messages[general]

    assert stamps == sorted({m["ts"] for m in there if m.get("thread_ts", m["ts"]) == m["ts"]}, reverse=True)
    assert len({m["ts"] for m in there}) == len(there)


def test_what_is_posted_between_two_pages_is_not_on_the_second(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    first = bot.conversations_history(channel=general, limit=10)
    bot.chat_postMessage(channel=general, text="in between")
    cursor = first["response_metadata"]["next_cursor"]
    second = bot.conversations_history(channel=general, limit=10, cursor=cursor)

    assert second["messages"][0]["ts"] < first["messages"][-1]["ts"]


def test_a_history_can_be_narrowed_in_time(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    stamps = [message["ts"] for message in bot.conversations_history(channel=general, limit=5)["messages"]]

    def between(**bounds: Any) -> list[str]:
        return [m["ts"] for m in bot.conversations_history(channel=general, **bounds)["messages"]]

    assert between(oldest=stamps[3], latest=stamps[0]) == stamps[1:3]
    assert between(oldest=stamps[3], latest=stamps[0], inclusive=True) == stamps[:4]


def test_a_bot_reads_channels_that_it_is_in_and_a_person_all_public_ones(bot: WebClient, person: WebClient) -> None:
    news = channel(bot, "announcements")["id"]

    assert refusal(lambda: bot.conversations_history(channel=news)) == "not_in_channel"
    assert person.conversations_history(channel=news)["messages"]


def test_a_thread_begins_with_its_first_message_on_every_page(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    parent = bot.chat_postMessage(channel=general, text="who comes?")["ts"]
    replies = [bot.chat_postMessage(channel=general, text=f"{n}", thread_ts=parent)["ts"] for n in range(5)]
    pages = pages_of(bot.conversations_replies(channel=general, ts=parent, limit=3))

    assert [message["ts"] for page in pages for message in page["messages"] if message["ts"] != parent] == replies
    assert [page["messages"][0]["ts"] for page in pages] == [parent] * 3
    assert pages[0]["messages"][0]["reply_count"] == 5
    assert refusal(lambda: bot.conversations_replies(channel=general, ts="1.000000")) == "thread_not_found"


def test_people_are_found_by_address_in_any_case(bot: WebClient, sandbox: SlackSandbox) -> None:
    gone = next(user for user in sandbox.workspace.users.values() if user["deleted"])

    assert bot.users_lookupByEmail(email=PEOPLE[0].email.upper())["user"]["real_name"] == PEOPLE[0].name
    assert refusal(lambda: bot.users_lookupByEmail(email="nobody@punnet.example")) == "users_not_found"
    assert refusal(lambda: bot.users_lookupByEmail(email=gone["profile"]["email"])) == "users_not_found"
    assert bot.users_info(user=gone["id"])["user"]["deleted"]


def test_files_come_by_numbered_pages(bot: WebClient) -> None:
    first = bot.files_list(count=10)
    second = bot.files_list(count=10, page=2)
    paging = first["paging"]

    assert (paging["count"], paging["page"], paging["pages"]) == (10, 1, -(-paging["total"] // 10))
    assert first["files"][-1]["created"] >= second["files"][0]["created"]
    assert {file["filetype"] for file in bot.files_list(types="images")["files"]} == {"png"}
    assert bot.files_info(file=first["files"][0]["id"])["file"] == first["files"][0]
    assert refusal(lambda: bot.files_info(file="F0")) == "file_not_found"


def test_only_people_search(bot: WebClient, person: WebClient) -> None:
    found = person.search_messages(query="QUINCES in:general", count=3)["messages"]

    assert refusal(lambda: bot.search_messages(query="quinces")) == "not_allowed_token_type"
    assert all(match["channel"]["name"] == "general" for match in found["matches"])
    assert found["total"] == found["paging"]["total"] >= 3
    assert refusal(lambda: person.search_messages(query="")) == "no_query"


def test_a_message_is_posted_changed_and_deleted(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    blocks = [{"type": "divider"}]
    posted = bot.chat_postMessage(channel="#general", text="Hello", blocks=blocks)
    changed = bot.chat_update(channel=general, ts=posted["ts"], text="Good day")
    bot.chat_delete(channel=general, ts=posted["ts"])

    assert (posted["channel"], posted["message"]["blocks"]) == (general, blocks)
    assert (changed["message"]["text"], "edited" in changed["message"]) == ("Good day", True)
    assert refusal(lambda: bot.chat_update(channel=general, ts=posted["ts"], text="x")) == "message_not_found"


@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
def test_messages_that_slack_does_not_take_are_refused(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    theirs = next(m["ts"] for m in bot.conversations_history(channel=general)["messages"])

    def post(channel: str = general, **message: Any) -> str:
        return refusal(lambda: bot.chat_postMessage(channel=channel, **message))

    assert post() == "no_text"
    assert post(text="x" * 40_001) == "msg_too_long"
    assert post(text="x", blocks="[") == "invalid_blocks_format"
    assert post(text="x", thread_ts="1.000000") == "thread_not_found"
    assert post("C0", text="x") == "channel_not_found"
    assert post("announcements", text="x") == "not_in_channel"
    assert post("old-launch", text="x") == "is_archived"
    assert refusal(lambda: bot.chat_update(channel=general, ts=theirs, text="x")) == "cant_update_message"
    assert refusal(lambda: bot.chat_delete(channel=general, ts=theirs)) == "cant_delete_message"


def test_a_user_id_is_a_direct_message(bot: WebClient) -> None:
    direct = bot.conversations_list(types="im")["channels"][0]

    assert bot.chat_postMessage(channel=direct["user"], text="psst")["channel"] == direct["id"]


def test_a_reaction_is_made_once_and_taken_back_once(bot: WebClient) -> None:
    general = channel(bot, "general")["id"]
    ts = bot.chat_postMessage(channel=general, text="Hello")["ts"]
    bot.reactions_add(channel=general, timestamp=ts, name="tada")

    assert refusal(lambda: bot.reactions_add(channel=general, timestamp=ts, name="tada")) == "already_reacted"
    assert refusal(lambda: bot.reactions_add(channel=general, timestamp=ts, name="durian")) == "invalid_name"
    bot.reactions_remove(channel=general, timestamp=ts, name="tada")
    assert refusal(lambda: bot.reactions_remove(channel=general, timestamp=ts, name="tada")) == "no_reaction"


@pytest.mark.parametrize(("limit", "cursor"), [(0, None), (1001, None), (10, "dXNlcjpV"), (10, "what?")])
def test_a_wrong_page_is_refused(bot: WebClient, limit: int, cursor: str | None) -> None:
    wrong = "invalid_cursor" if cursor else "invalid_limit"

    assert refusal(lambda: bot.conversations_list(limit=limit, cursor=cursor)) == wrong


def test_arguments_that_are_missing_are_named(bot: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        bot.api_call("conversations.info")

    assert "channel" in caught.value.response["response_metadata"]["messages"][0]


def test_a_method_that_there_is_not_is_refused(bot: WebClient) -> None:
    assert refusal(lambda: bot.api_call("fruit.list")) == "unknown_method"


def test_faults_look_like_slacks(bot: WebClient, sandbox: SlackSandbox) -> None:
    sandbox.faults.add(Fault(operation="auth.test", throttled_s=7))
    sandbox.faults.add(Fault(operation="auth.test", expired=True))
    with pytest.raises(SlackApiError) as caught:
        bot.auth_test()

    assert (caught.value.response.status_code, caught.value.response.headers["retry-after"]) == (429, "7")
    assert refusal(bot.auth_test) == "token_revoked"
