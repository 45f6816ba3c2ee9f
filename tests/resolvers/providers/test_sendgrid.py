"""SendGrid's part of the graph, from a document to its answer, against the sandbox in this process."""

from typing import Any, Literal

import pytest

from connectors.clock import Clock, SystemClock
from connectors.errors import CursorExpired, OutcomeUnknown, PayloadMismatch
from connectors.providers.sendgrid.manifest import UPSTREAM
from connectors.providers.sendgrid.sandbox import SendGridSandbox
from connectors.providers.sendgrid.sandbox.story import uuid
from connectors.sandbox.faults import Fault
from resolvers import nodes
from resolvers.providers.sendgrid import fields
from schema.compose import compose
from schema.relay import global_id
from tests.resolvers.providers.world import PEOPLE, World

GRAPH = compose([nodes.fields, fields], ["sendgrid"])
SEND = """mutation($mail: SendGridMailInput!) { sendgridSendMail(input: $mail) {
  __typename ... on SendGridMailAccepted { messageId } ... on SendGridMailRejected { faults { message field } } } }"""


class SendGridWorld(World[SendGridSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(UPSTREAM, SendGridSandbox, GRAPH, clock)


@pytest.fixture
def world() -> SendGridWorld:
    return SendGridWorld()


def letter(**changes: Any) -> dict[str, Any]:
    return {
        "from": {"email": "hello@punnet.example", "name": "Punnet"},
        "personalizations": [{"to": [{"email": "ada@april.example"}], "data": {"first_name": "Ada"}}],
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hello there."}],
        **changes,
    }


def test_a_mail_goes_out_as_sendgrid_takes_it(world: SendGridWorld) -> None:
    sent = world.data(SEND, mail=letter(sendAt="2026-01-02T00:00:00Z", categories=["news"]))

    assert sent["sendgridSendMail"]["__typename"] == "SendGridMailAccepted"
    assert sent["sendgridSendMail"]["messageId"]
    assert world.sandbox.account.outbox == [
        {
            "from": {"email": "hello@punnet.example", "name": "Punnet"},
            "personalizations": [
                {"to": [{"email": "ada@april.example"}], "dynamic_template_data": {"first_name": "Ada"}}
            ],
            "subject": "Hello",
            "content": [{"type": "text/plain", "value": "Hello there."}],
            "categories": ["news"],
            "send_at": 1767312000,
        }
    ]


def test_what_is_wrong_with_a_mail_is_a_result(world: SendGridWorld) -> None:
    sent = world.data(SEND, mail=letter(subject=None))

    assert sent["sendgridSendMail"] == {
        "__typename": "SendGridMailRejected",
        "faults": [{"message": "The subject is required.", "field": "subject"}],
    }
    assert world.sandbox.account.outbox == []


def test_a_template_may_be_named_by_the_global_id(world: SendGridWorld) -> None:
    template = world.data("{ sendgrid { templates(first: 1) { nodes { id upstreamId } } } }")["sendgrid"]["templates"]
    (node,) = template["nodes"]

    world.data(SEND, mail=letter(subject=None, content=None, templateId=node["id"]))

    assert world.sandbox.account.outbox[0]["template_id"] == node["upstreamId"]


def test_a_mail_whose_answer_is_lost_is_sent_once(world: SendGridWorld) -> None:
    world.sandbox.faults.add(Fault(operation="mail.send", drop="answer"))

    error = world.error(SEND, mail=letter())

    assert isinstance(error, OutcomeUnknown)
    assert len(world.sandbox.account.outbox) == 1


def test_a_throttled_mail_goes_out_once_the_limit_is_renewed() -> None:
    world = SendGridWorld(SystemClock())  # the sandbox names a moment of the machine's own time
    world.sandbox.faults.add(Fault(operation="mail.send", throttled_s=0))

    world.data(SEND, mail=letter())

    assert world.operations() == ["mail.send", "mail.send"]
    assert len(world.sandbox.account.outbox) == 1


def test_templates_are_read_page_by_page_without_repetition(world: SendGridWorld) -> None:
    query = """query($after: String) { sendgrid { templates(first: 3, after: $after) {
      nodes { name versions { active subject } } pageInfo { hasNextPage endCursor } } } }"""
    names: list[str] = []
    after = None
    while True:
        page = world.data(query, after=after)["sendgrid"]["templates"]
        names += [node["name"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(names) == len(set(names)) == 7


def test_only_the_wanted_generation_is_listed(world: SendGridWorld) -> None:
    page = world.data("{ sendgrid { templates(generation: LEGACY) { nodes { generation } } } }")["sendgrid"]

    assert {node["generation"] for node in page["templates"]["nodes"]} == {"LEGACY"}


def test_a_forgotten_page_token_is_an_expired_cursor(world: SendGridWorld) -> None:
    query = "query($after: String) { sendgrid { templates(first: 2, after: $after) { pageInfo { endCursor } } } }"
    after = world.data(query)["sendgrid"]["templates"]["pageInfo"]["endCursor"]
    body = '{"errors": [{"message": "invalid", "field": "page_token"}]}'
    world.sandbox.faults.add(Fault(operation="templates.list", status=400, body=body))

    assert isinstance(world.error(query, after=after), CursorExpired)


def test_contacts_at_several_places_are_one_call(world: SendGridWorld) -> None:
    first, second = PEOPLE[0].email, PEOPLE[1].email.upper()
    query = """query($a: String!, $b: String!) { sendgrid {
      a: contactByEmail(email: $a) { firstName } b: contactByEmail(email: $b) { firstName }
      c: contactByEmail(email: "nobody@april.example") { firstName }
      again: contactByEmail(email: $a) { lastName } } }"""

    found = world.data(query, a=first, b=second)["sendgrid"]

    assert found["a"] == {"firstName": PEOPLE[0].first_name}
    assert found["b"] == {"firstName": PEOPLE[1].first_name}
    assert found["c"] is None
    assert found["again"] == {"lastName": PEOPLE[0].last_name}
    assert world.operations() == ["contacts.by_email"]


def test_a_contact_is_a_node(world: SendGridWorld) -> None:
    id = global_id("SendGridContact", uuid("contact", PEOPLE[3].email))

    found = world.data("query($id: ID!) { node(id: $id) { ... on SendGridContact { email city } } }", id=id)

    assert found["node"] == {"email": PEOPLE[3].email, "city": PEOPLE[3].city}
    assert world.operations() == ["contacts.batch"]


def test_contacts_are_added_and_changed_by_their_address(world: SendGridWorld) -> None:
    put = """mutation($contacts: [SendGridContactInput!]!, $lists: [ID!]) {
      sendgridPutContacts(contacts: $contacts, listIds: $lists) { jobId } }"""
    lists = world.data("{ sendgrid { contactLists(first: 1) { nodes { id upstreamId } } } }")["sendgrid"]

    (list,) = lists["contactLists"]["nodes"]
    changed = {"email": PEOPLE[0].email, "city": "Ghent"}
    world.data(put, contacts=[changed, {"email": "new@april.example"}], lists=[list["id"]])

    contacts = world.sandbox.account.contacts
    assert len(contacts) == 121
    assert contacts[uuid("contact", PEOPLE[0].email)]["city"] == "Ghent"
    assert contacts[uuid("contact", "new@april.example")]["list_ids"] == [list["upstreamId"]]


@pytest.mark.parametrize(
    ("kind", "told"), [("BOUNCE", {"reason", "status"}), ("SPAM_REPORT", {"ip"}), ("UNSUBSCRIBE", set())]
)
def test_suppressions_tell_what_is_known_of_them(world: SendGridWorld, kind: str, told: set[str]) -> None:
    query = """query($kind: SendGridSuppressionKind!) { sendgrid { suppressions(kind: $kind, first: 2) {
      nodes { email createdAt reason status ip } pageInfo { hasNextPage } } } }"""

    page = world.data(query, kind=kind)["sendgrid"]["suppressions"]

    assert page["pageInfo"] == {"hasNextPage": True}
    for node in page["nodes"]:
        assert {name for name in ("reason", "status", "ip") if node[name] is not None} == told


def test_all_suppressions_are_read_once(world: SendGridWorld) -> None:
    query = """query($after: String) { sendgrid { suppressions(kind: BOUNCE, first: 4, after: $after) {
      nodes { email } pageInfo { hasNextPage endCursor } } } }"""
    emails: list[str] = []
    after = None
    while True:
        page = world.data(query, after=after)["sendgrid"]["suppressions"]
        emails += [node["email"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert emails == [*world.sandbox.account.suppressions["bounces"]]


@pytest.mark.parametrize("drop", [None, "answer"])
def test_an_address_is_let_in_again_once(world: SendGridWorld, drop: Literal["answer"] | None) -> None:
    world.sandbox.faults.add(Fault(operation="suppressions.delete", drop=drop))
    lift = """mutation($email: String!) { sendgridLiftSuppression(kind: UNSUBSCRIBE, email: $email) { __typename } }"""
    email = next(iter(world.sandbox.account.suppressions["unsubscribes"]))

    first, second = world.data(lift, email=email), world.data(lift, email=email)

    assert first["sendgridLiftSuppression"] == {"__typename": "SendGridSuppressionLifted"}
    assert second["sendgridLiftSuppression"] == {"__typename": "SendGridNotSuppressed"}


def test_scheduled_mails_are_called_off_together(world: SendGridWorld) -> None:
    batch = world.data("mutation { sendgridMakeBatch { batchId } }")["sendgridMakeBatch"]["batchId"]
    world.data(SEND, mail=letter(batchId=batch, sendAt="2026-01-02T00:00:00Z"))

    off = "mutation($id: String!) { sendgridCallOffBatch(batchId: $id) { batchId } }"
    world.data(off, id=batch)

    assert world.sandbox.account.batches == {batch: False}


def test_messages_are_searched_and_bring_their_events(world: SendGridWorld) -> None:
    query = """query($q: String!) { sendgrid { messages(query: $q) { toEmail status events { name processedAt } } } }"""

    (found,) = world.data(query, q=f"to_email='{PEOPLE[0].email}'")["sendgrid"]["messages"]

    assert found["status"] == "DELIVERED"
    assert [event["name"] for event in found["events"]] == ["processed", "delivered"]
    assert world.operations() == ["messages.list", "messages.get"]


def test_statistics_are_summed_up(world: SendGridWorld) -> None:
    query = '{ sendgrid { stats(start: "2025-12-01", end: "2025-12-14", by: WEEK) { date requests delivered opens } } }'

    weeks = world.data(query)["sendgrid"]["stats"]

    assert [week["date"] for week in weeks] == ["2025-12-01", "2025-12-08"]
    assert all(week["requests"] >= week["delivered"] > week["opens"] for week in weeks)


def test_a_search_says_how_many_there_are(world: SendGridWorld) -> None:
    query = """{ sendgrid { searchContacts(query: "email LIKE '%@quartz.example'") { totalCount nodes { email } } } }"""

    found = world.data(query)["sendgrid"]["searchContacts"]

    at_quartz = sorted(person.email for person in PEOPLE if person.email.endswith("@quartz.example"))
    assert found["totalCount"] == len(at_quartz)
    assert sorted(node["email"] for node in found["nodes"]) == at_quartz


def test_a_list_that_is_no_list_is_a_mismatch(world: SendGridWorld) -> None:
    world.sandbox.faults.add(Fault(operation="suppressions.list", status=200, body='{"oops": 1}'))

    error = world.error("{ sendgrid { suppressions(kind: BLOCK) { nodes { email } } } }")

    assert isinstance(error, PayloadMismatch)
    assert error.path == "body"


def test_a_missing_value_harms_its_own_field_only(world: SendGridWorld) -> None:
    body = '{"contact_count": 1, "result": [{"id": "c1", "email": "ada@april.example", "created_at": "yesterday"}]}'
    world.sandbox.faults.add(Fault(operation="contacts.recent", status=200, body=body))

    result = world.ask("{ sendgrid { recentContacts { nodes { email firstName } totalCount } } }")

    assert result.errors is None
    assert result.data == {
        "sendgrid": {"recentContacts": {"nodes": [{"email": "ada@april.example", "firstName": None}], "totalCount": 1}}
    }
