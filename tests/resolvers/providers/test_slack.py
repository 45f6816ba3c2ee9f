"""Slack's part of the graph, from a document to its answer, against the sandbox in this process."""

from typing import Any

import pytest

from connectors.errors import OutcomeUnknown, PayloadMismatch, UpstreamRejected
from connectors.providers.slack.manifest import UPSTREAM
from connectors.providers.slack.sandbox import SlackSandbox
from connectors.sandbox.faults import Fault
from resolvers import nodes
from resolvers.providers.slack import fields
from schema.compose import compose
from schema.problems import BackwardPaginationUnsupported, BadInput
from schema.relay import global_id
from tests.resolvers.providers.world import PEOPLE, World

GRAPH = compose([nodes.fields, fields], ["slack"])


class SlackWorld(World[SlackSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self) -> None:
        super().__init__(UPSTREAM, SlackSandbox, GRAPH)

    def channel(self, name: str) -> str:
        channels = self.sandbox.workspace.channels.values()
        return next(str(one["id"]) for one in channels if one.get("name") == name)


@pytest.fixture
def world() -> SlackWorld:
    return SlackWorld()


def posted(world: SlackWorld, channel: str = "general", **facts: Any) -> str:
    """The id of a message of the app's own."""
    id = world.channel(channel)
    message = world.sandbox.workspace.post(id, world.sandbox.workspace.bot, "Hello", **facts)
    return f"{id}/{message['ts']}"


def test_channels_are_told_apart_by_kind(world: SlackWorld) -> None:
    query = """query($kinds: [SlackChannelKind!]) { slack { channels(kinds: $kinds, first: 100) { nodes {
      kind name user { name } } } } }"""
    usual = world.data(query)["slack"]["channels"]["nodes"]
    direct = world.data(query, kinds=["DIRECT_MESSAGE"])["slack"]["channels"]["nodes"]

    assert {one["kind"] for one in usual} == {"PUBLIC", "PRIVATE"}
    assert "finance" in {one["name"] for one in usual}
    assert [(one["kind"], one["name"]) for one in direct] == [("DIRECT_MESSAGE", None)] * 2
    assert all(one["user"]["name"] for one in direct)


def test_a_list_goes_on_from_a_cursor_and_repeats_nothing(world: SlackWorld) -> None:
    query = """query($first: Int, $after: String) { slack { users(first: $first, after: $after) {
      nodes { upstreamId } pageInfo { hasNextPage endCursor } } } }"""
    first = world.data(query, first=50)["slack"]["users"]
    rest = world.data(query, first=100, after=first["pageInfo"]["endCursor"])["slack"]["users"]
    ids = [node["upstreamId"] for node in (*first["nodes"], *rest["nodes"])]

    assert len(ids) == len(set(ids)) == 121
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


def test_lists_are_not_read_backward(world: SlackWorld) -> None:
    query = "query($id: ID!) { slack { message(id: $id) { replies(last: 5) { nodes { text } } } } }"

    assert isinstance(world.error("{ slack { users(last: 5) { nodes { name } } } }"), BackwardPaginationUnsupported)
    assert isinstance(world.error(query, id=posted(world)), BackwardPaginationUnsupported)
    assert world.operations() == ["conversations.replies"]


def test_people_are_found_by_address_and_missing_ones_are_null(world: SlackWorld) -> None:
    query = """query($email: String!) { slack { userByEmail(email: $email) { realName title email isAdmin timeZone
      channels(first: 50) { nodes { name } } } } }"""
    person = PEOPLE[0]
    user = world.data(query, email=person.email.upper())["slack"]["userByEmail"]

    assert (user["realName"], user["title"], user["email"]) == (person.name, person.title, person.email)
    assert {"general", person.company.domain.removesuffix(".example")} <= {c["name"] for c in user["channels"]["nodes"]}
    assert world.data(query, email="nobody@punnet.example") == {"slack": {"userByEmail": None}}


def test_the_same_author_is_asked_for_once(world: SlackWorld) -> None:
    query = """query($id: ID!) { slack { channel(id: $id) { messages(first: 40) { nodes { user { name } } } } } }"""
    found = world.data(query, id=world.channel("finance"))["slack"]["channel"]["messages"]["nodes"]
    authors = {message["user"]["name"] for message in found}

    assert len(found) == 40
    assert world.operations().count("users.info") == len(authors) < 40


def test_messages_can_be_narrowed_in_time_and_threads_followed(world: SlackWorld) -> None:
    query = """query($id: ID!, $after: DateTime, $before: DateTime) { slack { channel(id: $id) {
      messages(first: 100, afterTime: $after, beforeTime: $before) { nodes {
        ts createdAt replyCount latestReplyAt replies(first: 50) { nodes { threadTs createdAt } } } } } } }"""
    id = world.channel("finance")
    every = world.data(query, id=id)["slack"]["channel"]["messages"]["nodes"]
    times = [message["createdAt"] for message in every]
    some = world.data(query, id=id, after=times[20], before=times[10])["slack"]["channel"]["messages"]["nodes"]

    assert [message["createdAt"] for message in some] == times[11:20]
    assert times == sorted(times, reverse=True)
    threads = [message for message in every if message["replyCount"]]
    assert threads
    assert world.operations().count("conversations.replies") == len(threads) + sum(m in threads for m in some)
    for message in threads:
        replies = message["replies"]["nodes"]
        assert [reply["threadTs"] for reply in replies] == [message["ts"]] * message["replyCount"]
        assert replies[-1]["createdAt"] == message["latestReplyAt"]


def test_a_message_that_search_found_may_have_begun_a_thread(world: SlackWorld) -> None:
    parent = posted(world)
    posted(world, thread_ts=parent.partition("/")[2])
    query = """{ slack { searchMessages(query: "hello from:@punnet", first: 5) { nodes {
      upstreamId replies { nodes { text } } } } } }"""
    replies = {
        node["upstreamId"]: len(node["replies"]["nodes"])
        for node in world.data(query)["slack"]["searchMessages"]["nodes"]
    }

    assert replies[parent] == 1


def test_everything_with_an_id_is_a_node(world: SlackWorld) -> None:
    message = posted(world)
    file = next(id for id, file in world.sandbox.workspace.files.items() if file["is_public"])
    ids = {
        "SlackChannel": world.channel("general"),
        "SlackUser": world.sandbox.workspace.bot,
        "SlackMessage": message,
        "SlackFile": file,
    }
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename upstreamId } }"
    found = world.data(query, ids=[global_id(name, id) for name, id in ids.items()])["nodes"]

    assert {node["__typename"]: node["upstreamId"] for node in found} == ids


def test_what_slack_does_not_know_is_null(world: SlackWorld) -> None:
    query = """query($message: ID!) { slack { channel(id: "C0") { name } user(id: "U0") { name }
      file(id: "F0") { name } message(id: $message) { ts } } }"""
    found = world.data(query, message=f"{world.channel('general')}/1.000000")

    assert found == {"slack": {"channel": None, "user": None, "file": None, "message": None}}


def test_what_is_no_messages_id_is_refused_before_slack_is_asked(world: SlackWorld) -> None:
    assert isinstance(world.error('{ slack { message(id: "C024BE91L") { ts } } }'), BadInput)
    assert isinstance(world.error('mutation { slackDeleteMessage(id: "C024BE91L") { __typename } }'), BadInput)
    assert world.operations() == []


def test_a_channel_that_the_app_is_not_in_costs_its_messages_only(world: SlackWorld) -> None:
    query = "query($id: ID!) { slack { channel(id: $id) { name memberCount messages { nodes { ts } } } } }"
    result = world.ask(query, id=world.channel("announcements"))

    assert result.data
    assert result.data["slack"]["channel"]["name"] == "announcements"
    assert result.data["slack"]["channel"]["messages"] is None
    (error,) = result.errors or []
    assert isinstance(error.original_error, UpstreamRejected)
    assert error.original_error.reason == "not_in_channel"


def test_search_knows_how_many_there_are_and_brings_the_links_along(world: SlackWorld) -> None:
    query = """{ slack { searchMessages(query: "in:general quinces", first: 3, order: TIME) { totalCount
      nodes { text permalink channel { name } } } } }"""
    found = world.data(query)["slack"]["searchMessages"]

    assert found["totalCount"] >= len(found["nodes"]) == 3
    assert {node["channel"]["name"] for node in found["nodes"]} == {"general"}
    assert all(node["permalink"].startswith("https://punnet.slack.com/archives/") for node in found["nodes"])
    assert world.operations() == ["search.messages", "conversations.info"]


def test_a_messages_link_is_asked_for_where_it_did_not_come_along(world: SlackWorld) -> None:
    query = "query($id: ID!) { slack { message(id: $id) { permalink } } }"
    place = posted(world).replace("/", "/p").replace(".", "")

    found = world.data(query, id=f"{world.channel('general')}/{world.sandbox.workspace.now}.000100")

    assert found["slack"]["message"]["permalink"].endswith(place)


def test_files_are_counted_and_narrowed(world: SlackWorld) -> None:
    query = """{ slack { every: files { totalCount } images: files(kinds: [IMAGES], first: 5) {
      totalCount nodes { mimeType size user { name } } } } }"""
    found = world.data(query)["slack"]

    assert {node["mimeType"] for node in found["images"]["nodes"]} == {"image/png"}
    assert 0 < found["images"]["totalCount"] < found["every"]["totalCount"]


POST = """mutation($input: SlackMessageInput!) { slackPostMessage(input: $input) { __typename
  ... on SlackMessagePosted { message { upstreamId text threadTs blocks channel { name } user { isBot } } }
  ... on SlackChannelNotFound { channelId } ... on SlackNotInChannel { channelId } ... on SlackMessageInvalid { code }
  ... on SlackChannelArchived { channelId } ... on SlackMessageNotFound { ts } ... on SlackNotPermitted { code } } }"""


def test_a_message_is_posted_and_answered(world: SlackWorld) -> None:
    id = global_id("SlackChannel", world.channel("general"))
    first = world.data(POST, input={"channel": id, "text": "Who comes?", "blocks": [{"type": "divider"}]})
    message = first["slackPostMessage"]["message"]
    ts = message["upstreamId"].partition("/")[2]
    reply = world.data(POST, input={"channel": id, "text": "I do", "threadTs": ts, "broadcast": True})

    assert (message["text"], message["blocks"]) == ("Who comes?", [{"type": "divider"}])
    assert (message["channel"], message["user"]) == ({"name": "general"}, {"isBot": True})
    assert reply["slackPostMessage"]["message"]["threadTs"] == ts


@pytest.mark.parametrize(
    ("channel", "message", "outcome"),
    [
        ("C0", {"text": "x"}, {"__typename": "SlackChannelNotFound", "channelId": "C0"}),
        ("announcements", {"text": "x"}, {"__typename": "SlackNotInChannel"}),
        ("old-launch", {"text": "x"}, {"__typename": "SlackChannelArchived"}),
        ("general", {}, {"__typename": "SlackMessageInvalid", "code": "no_text"}),
        ("general", {"text": "x" * 40_001}, {"__typename": "SlackMessageInvalid", "code": "msg_too_long"}),
        ("general", {"text": "x", "blocks": [1]}, {"__typename": "SlackMessageInvalid", "code": "invalid_blocks"}),
        ("general", {"text": "x", "threadTs": "1.0"}, {"__typename": "SlackMessageNotFound", "ts": "1.0"}),
    ],
)
def test_why_a_message_is_not_posted_is_a_result(
    world: SlackWorld, channel: str, message: dict[str, Any], outcome: dict[str, str]
) -> None:
    id = channel if channel == "C0" else world.channel(channel)
    result = world.data(POST, input={"channel": id, **message})["slackPostMessage"]

    assert outcome.items() <= result.items()


def test_blocks_must_be_a_list(world: SlackWorld) -> None:
    assert isinstance(world.error(POST, input={"channel": "C0", "blocks": {"type": "divider"}}), BadInput)
    assert world.operations() == []


def test_a_lost_answer_is_not_repeated_and_says_so(world: SlackWorld) -> None:
    world.sandbox.faults.add(Fault(operation="chat.postMessage", drop="answer"))

    assert isinstance(world.error(POST, input={"channel": world.channel("general"), "text": "x"}), OutcomeUnknown)
    assert world.operations() == ["chat.postMessage"]


CHANGE = """mutation($id: ID!) { slackUpdateMessage(id: $id, text: "Good day") { __typename
  ... on SlackMessageUpdated { message { text editedAt } } ... on SlackNotPermitted { code } } }"""
DELETE = """mutation($id: ID!) { slackDeleteMessage(id: $id) { __typename
  ... on SlackMessageDeleted { upstreamId } ... on SlackNotPermitted { code } } }"""


def test_a_message_of_ones_own_is_changed_and_deleted(world: SlackWorld) -> None:
    id = posted(world)
    changed = world.data(CHANGE, id=global_id("SlackMessage", id))["slackUpdateMessage"]["message"]
    deleted = world.data(DELETE, id=id)["slackDeleteMessage"]
    again = world.data(DELETE, id=id)["slackDeleteMessage"]

    assert (changed["text"], changed["editedAt"] is None) == ("Good day", False)
    assert deleted == {"__typename": "SlackMessageDeleted", "upstreamId": id}
    assert again == {"__typename": "SlackMessageNotFound"}


def test_other_peoples_messages_are_not_ones_own(world: SlackWorld) -> None:
    id = world.channel("general")
    theirs = f"{id}/{world.sandbox.workspace.messages[id][0]['ts']}"

    assert world.data(CHANGE, id=theirs)["slackUpdateMessage"]["code"] == "cant_update_message"
    assert world.data(DELETE, id=theirs)["slackDeleteMessage"]["code"] == "cant_delete_message"


def test_a_reaction_that_is_there_already_is_there(world: SlackWorld) -> None:
    id = posted(world)
    add = """mutation($id: ID!, $name: String!) { slackAddReaction(id: $id, name: $name) { __typename
      ... on SlackReactionAdded { alreadyThere } ... on SlackReactionInvalid { code } } }"""
    remove = """mutation($id: ID!) { slackRemoveReaction(id: $id, name: "tada") { __typename
      ... on SlackReactionRemoved { wasThere } } }"""
    added = [world.data(add, id=id, name="tada")["slackAddReaction"]["alreadyThere"] for _ in range(2)]
    seen = world.data("query($id: ID!) { slack { message(id: $id) { reactions { name count userIds } } } }", id=id)
    removed = [world.data(remove, id=id)["slackRemoveReaction"]["wasThere"] for _ in range(2)]
    invalid = world.data(add, id=id, name="durian")["slackAddReaction"]

    assert (added, removed) == ([False, True], [True, False])
    assert seen["slack"]["message"]["reactions"] == [{"name": "tada", "count": 1, "userIds": ["U0PUNNETBOT"]}]
    assert invalid == {"__typename": "SlackReactionInvalid", "code": "invalid_name"}


def test_a_value_of_the_wrong_kind_costs_its_own_field_only(world: SlackWorld) -> None:
    world.sandbox.workspace.users["U0PUNNETBOT"]["is_bot"] = "yes"
    result = world.ask('{ slack { user(id: "U0PUNNETBOT") { name realName isBot } } }')
    (error,) = result.errors or []

    assert isinstance(error.original_error, PayloadMismatch)
    assert error.path == ["slack", "user", "isBot"]


def test_files_that_the_app_may_not_see_are_left_out(world: SlackWorld) -> None:
    id = posted(world, files=[{"id": "F1", "file_access": "access_denied"}, {"id": "F2", "mode": "tombstone"}])

    found = world.data("query($id: ID!) { slack { message(id: $id) { files { name } } } }", id=id)

    assert found == {"slack": {"message": {"files": []}}}
