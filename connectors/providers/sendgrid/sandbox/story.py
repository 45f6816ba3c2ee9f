"""What the account holds: templates, contacts in lists, suppressed addresses, mails of the last month."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from connectors.sandbox.people import EPOCH, Person

Json = dict[str, Any]

TEMPLATES = ("Welcome", "Receipt", "Password reset", "Weekly digest", "Invitation", "Payment failed", "Trial ending")
STATUSES = ("delivered", "delivered", "delivered", "processed", "not_delivered")
METRICS = (
    "blocks bounce_drops bounces clicks deferred delivered invalid_emails opens processed requests spam_report_drops "
    "spam_reports unique_clicks unique_opens unsubscribe_drops unsubscribes"
).split()
SUPPRESSED: dict[str, tuple[int, Json]] = {
    "bounces": (11, {"reason": "550 5.1.1 The email account does not exist.", "status": "5.1.1"}),
    "blocks": (17, {"reason": "554 5.7.1 Rejected by policy.", "status": "5.7.1"}),
    "spam_reports": (23, {"ip": "192.0.2.7"}),
    "invalid_emails": (41, {"reason": "Mail domain mentioned in email address is unknown"}),
    "unsubscribes": (29, {}),
}
"""By kind: every how many people one is suppressed, and what is known of it."""


@dataclass
class Account:
    """Everything by id or address; `outbox` holds what was handed over, in order, `scheduled` what is called off."""

    templates: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    suppressions: dict[str, dict[str, Json]] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    outbox: list[Json] = field(default_factory=list)
    batches: dict[str, bool] = field(default_factory=dict)


def uuid(*words: object) -> str:
    """An id that is the same in every run."""
    return str(UUID(bytes=blake2b(repr(words).encode(), digest_size=16).digest(), version=4))


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def tell(people: tuple[Person, ...]) -> Account:
    """The account, told anew."""
    account = Account()
    for n, name in enumerate(TEMPLATES):
        template = _template(n, name)
        account.templates[template["id"]] = template
    for person in people:
        list_id = uuid("list", person.company.index)
        account.lists.setdefault(list_id, {"id": list_id, "name": person.company.name, "contact_count": 0})
        account.lists[list_id]["contact_count"] += 1
        account.contacts[uuid("contact", person.email)] = _contact(person, list_id)
        message = _message(person, list(account.templates)[person.index % len(TEMPLATES)])
        account.messages[message["msg_id"]] = message
    for kind, (every, known) in SUPPRESSED.items():
        account.suppressions[kind] = {
            person.email: {"created": int(person.joined_at.timestamp()), "email": person.email, **known}
            for person in reversed(people)
            if person.index % every == 3
        }
    return account


def _template(n: int, name: str) -> Json:
    generation = "legacy" if n % 3 == 2 else "dynamic"
    id = uuid("template", n) if generation == "legacy" else f"d-{uuid('template', n).replace('-', '')}"
    changed = (EPOCH - timedelta(days=n)).strftime("%Y-%m-%d %H:%M:%S")
    versions = [
        {
            "id": uuid("version", n, number),
            "template_id": id,
            "active": int(number == 1),
            "name": f"{name} {number + 1}",
            "subject": f"{name}, {{{{first_name}}}}",
            "editor": "code",
            "updated_at": changed,
        }
        for number in range(2)
    ]
    return {"id": id, "name": name, "generation": generation, "updated_at": changed, "versions": versions}


def _contact(person: Person, list_id: str) -> Json:
    return {
        "id": uuid("contact", person.email),
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone_number": person.phone,
        "city": person.city,
        "country": person.country,
        "list_ids": [list_id],
        "segment_ids": [],
        "custom_fields": {"title": person.title},
        "created_at": instant(person.joined_at),
        "updated_at": instant(person.joined_at + timedelta(days=1)),
    }


def _message(person: Person, template_id: str) -> Json:
    sent = EPOCH - timedelta(minutes=137 * person.index + 5)
    status = STATUSES[person.index % len(STATUSES)]
    opened = person.index % 3 if status == "delivered" else 0
    events: list[Json] = [{"event_name": "processed", "processed": instant(sent)}]
    if status == "delivered":
        events.append({"event_name": "delivered", "processed": instant(sent + timedelta(seconds=2))})
    if status == "not_delivered":
        reason = "550 5.1.1 The email account does not exist."
        events.append({"event_name": "bounced", "processed": instant(sent + timedelta(seconds=2)), "reason": reason})
    events += [{"event_name": "opened", "processed": instant(sent + timedelta(hours=n + 1))} for n in range(opened)]
    return {
        "msg_id": f"{uuid('message', person.index).replace('-', '')[:22]}.filterdrecv-0",
        "from_email": "hello@punnet.example",
        "to_email": person.email,
        "subject": f"News for {person.first_name}",
        "status": status,
        "opens_count": opened,
        "clicks_count": opened // 2,
        "last_event_time": events[-1]["processed"],
        "template_id": template_id,
        "categories": ["newsletter"],
        "events": events,
        "api_key_id": "orchard",
        "asm_group_id": 1,
        "originating_ip": "192.0.2.1",
        "outbound_ip": "192.0.2.2",
        "outbound_ip_type": "shared",
        "teammate": "",
        "unique_args": "{}",
    }
