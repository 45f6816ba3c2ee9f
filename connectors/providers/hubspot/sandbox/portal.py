"""What the HubSpot sandbox keeps: objects of each kind, what belongs together, and who owns what."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
OWNER, COMMON = "hubspot_owner_id", ("hs_object_id", "createdate", "hs_lastmodifieddate")
STAGES = "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other".split()
DEAL_STAGES = (
    "appointmentscheduled qualifiedtobuy presentationscheduled decisionmakerboughtin contractsent closedwon closedlost"
).split()
OPTIONS = {
    "lifecyclestage": STAGES,
    "dealstage": DEAL_STAGES,
    "hs_pipeline_stage": ["1", "2", "3", "4"],
    "hs_ticket_priority": ["LOW", "MEDIUM", "HIGH", "URGENT"],
}
NUMBERS = ("amount", "annualrevenue", "numberofemployees")
READ_ONLY = (*COMMON, "hs_is_closed", "hs_is_closed_won", "closed_date", "hs_ticket_id")
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "contacts": tuple(
        "email firstname lastname phone mobilephone jobtitle company website city country lifecyclestage "
        "hs_lead_status favorite_fruit lastmodifieddate".split()
    ),
    "companies": tuple(
        "name domain industry phone website city country description numberofemployees annualrevenue lifecyclestage "
        "customer_number".split()
    ),
    "deals": tuple(
        "dealname amount deal_currency_code dealstage pipeline closedate dealtype description hs_is_closed "
        "hs_is_closed_won".split()
    ),
    "tickets": tuple(
        "subject content hs_pipeline hs_pipeline_stage hs_ticket_priority source_type closed_date hs_ticket_id".split()
    ),
}
"""The properties of each kind, two custom ones among them: `favorite_fruit`, and `customer_number`, which is unique."""

USUAL: Mapping[str, tuple[str, ...]] = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "pipeline"),
    "tickets": ("content", "createdate", "hs_lastmodifieddate", "hs_pipeline", "hs_pipeline_stage", "subject"),
}
"""What comes where no properties are asked for."""

UNIQUE: Mapping[str, tuple[str, ...]] = {
    "contacts": ("email", "hs_object_id"),
    "companies": ("customer_number", "hs_object_id"),
    "deals": ("hs_object_id",),
    "tickets": ("hs_object_id", "hs_ticket_id"),
}
REQUIRED = {"tickets": ("hs_pipeline_stage",)}
LABELS: Mapping[tuple[str, str], tuple[int, int | None]] = {
    ("contacts", "companies"): (279, 1),
    ("companies", "contacts"): (280, 2),
    ("deals", "contacts"): (3, None),
    ("contacts", "deals"): (4, None),
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("tickets", "contacts"): (16, None),
    ("contacts", "tickets"): (15, None),
    ("tickets", "companies"): (339, 26),
    ("companies", "tickets"): (340, 25),
    ("deals", "tickets"): (27, None),
    ("tickets", "deals"): (28, None),
}
"""The type of the plain association from one kind to another, and that of the primary one."""

CUSTOM_LABELS: Mapping[tuple[str, str], tuple[int, str]] = {
    ("contacts", "companies"): (101, "Buyer"),
    ("companies", "contacts"): (102, "Buyer"),
    ("deals", "contacts"): (103, "Decision maker"),
    ("contacts", "deals"): (104, "Decision maker"),
}
"""The type of the association that the account has thought of itself, and what it is called."""


def written(moment: datetime) -> str:
    """A time as HubSpot writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Portal:
    """`objects` of a kind by id, in the order of ids; `associations` by two kinds and the first's id."""

    now: datetime
    objects: dict[str, dict[str, Json]] = field(default_factory=lambda: {kind: {} for kind in PROPERTIES})
    by_unique: dict[tuple[str, str, str], str] = field(default_factory=dict)
    associations: defaultdict[tuple[str, str, str], list[Json]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[str, Json] = field(default_factory=dict)
    last_id: int = 10_000_000_000

    def add(self, kind: str, properties: Mapping[str, str | None], created: datetime) -> Json:
        """A new object."""
        self.last_id += 17
        id, time = str(self.last_id), written(created)
        facts = {"hs_object_id": id, "createdate": time, "hs_lastmodifieddate": time}
        facts |= {"lastmodifieddate": time} if kind == "contacts" else {}
        facts |= {"hs_ticket_id": id} if kind == "tickets" else {}
        row = {"id": id, "properties": facts, "createdAt": time, "updatedAt": time, "archived": False}
        self.objects[kind][id] = row
        self._set(kind, row, properties)
        return row

    def change(self, kind: str, row: Json, properties: Mapping[str, str | None]) -> Json:
        """Set properties of an object."""
        row["updatedAt"] = row["properties"]["hs_lastmodifieddate"] = written(self.now)
        self._set(kind, row, properties)
        return row

    def find(self, kind: str, key: str, id_property: str | None = None) -> Json | None:
        """An object by its id, or by a property whose values are unique."""
        if id_property in (None, "hs_object_id"):
            return self.objects[kind].get(key)
        assert id_property is not None
        return self.objects[kind].get(self.by_unique.get((kind, id_property, key.lower()), ""))

    def types(self, kind: str, to_kind: str) -> list[Json]:
        """The ways in which objects of one kind can belong to those of another; the plain one is the last."""
        plain, first = LABELS[kind, to_kind]
        primary = [{"category": "HUBSPOT_DEFINED", "typeId": first, "label": "Primary"}] if first else []
        own = CUSTOM_LABELS.get((kind, to_kind))
        custom = [{"category": "USER_DEFINED", "typeId": own[0], "label": own[1]}] if own else []
        return [*primary, *custom, {"category": "HUBSPOT_DEFINED", "typeId": plain, "label": None}]

    def connect(self, kind: str, id: str, to_kind: str, to_id: str, labels: Sequence[str | None]) -> None:
        """Let two objects belong together in more ways, in both directions. An object has one primary company."""
        for one, one_id, other, other_id in ((kind, id, to_kind, to_id), (to_kind, to_id, kind, id)):
            places = self.associations[one, other, one_id]
            place = next((found for found in places if found["toObjectId"] == int(other_id)), None)
            if place is None:
                place = {"toObjectId": int(other_id), "associationTypes": []}
                places.append(place)
            wanted = {None, *labels, *(found["label"] for found in place["associationTypes"])}
            place["associationTypes"] = [found for found in self.types(one, other) if found["label"] in wanted]
            if "Primary" in labels and other == "companies":
                for found in places:
                    if found is not place:
                        self.disconnect(one, one_id, other, str(found["toObjectId"]), ("Primary",))

    def disconnect(self, kind: str, id: str, to_kind: str, to_id: str, labels: Sequence[str | None] = ()) -> None:
        """Let two objects no longer belong together, or no longer in some ways."""
        for one, one_id, other, other_id in ((kind, id, to_kind, to_id), (to_kind, to_id, kind, id)):
            places = self.associations[one, other, one_id]
            for place in [found for found in places if found["toObjectId"] == int(other_id)]:
                left = [found for found in place["associationTypes"] if labels and found["label"] not in labels]
                if left:
                    place["associationTypes"] = left
                else:
                    places.remove(place)

    def associate(self, kind: str, id: str, to_kind: str, to_id: str, *, primary: bool = False) -> None:
        """Let two objects belong together, in both directions."""
        for one, one_id, other, other_id in ((kind, id, to_kind, to_id), (to_kind, to_id, kind, id)):
            plain, first = LABELS[one, other]
            types = [{"category": "HUBSPOT_DEFINED", "typeId": plain, "label": None}]
            if primary and first is not None:
                types.insert(0, {"category": "HUBSPOT_DEFINED", "typeId": first, "label": "Primary"})
            self.associations[one, other, one_id].append({"toObjectId": int(other_id), "associationTypes": types})

    def _set(self, kind: str, row: Json, properties: Mapping[str, str | None]) -> None:
        values = row["properties"]
        for name, value in properties.items():
            values[name] = value.lower() if value and name in ("email", "domain") else value
        if kind == "deals":
            values["hs_is_closed"] = str(values.get("dealstage") in ("closedwon", "closedlost")).lower()
            values["hs_is_closed_won"] = str(values.get("dealstage") == "closedwon").lower()
        for name in UNIQUE[kind]:
            if values.get(name):
                self.by_unique[kind, name, values[name].lower()] = row["id"]


def faults(kind: str, properties: Mapping[str, Any], *, new: bool) -> list[Json]:
    """What is wrong with properties that are to be written, as HubSpot lists it."""
    found = [_fault(name, *wrong) for name, value in properties.items() if (wrong := _wrong(kind, name, value))]
    missing = [name for name in REQUIRED.get(kind, ()) if new and not properties.get(name)]
    return found + [_fault(name, "REQUIRED_PROPERTY_MISSING", f"{name} is required") for name in missing]


def _wrong(kind: str, name: str, value: Any) -> tuple[str, str] | None:
    if name in READ_ONLY:
        return "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'
    if name not in (*PROPERTIES[kind], OWNER):
        return "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'
    if not isinstance(value, str):
        return "INVALID_STRING", f'"{name}" must be a string'
    if value and name == "email" and not EMAIL.fullmatch(value):
        return "INVALID_EMAIL", f"Email address {value} is invalid"
    if value and name in OPTIONS and value not in OPTIONS[name]:
        return "INVALID_OPTION", f"{value} was not one of the allowed options: {OPTIONS[name]}"
    if value and name in NUMBERS and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return "INVALID_INTEGER", f"{value} was not a valid number"
    return None


def _fault(name: str, code: str, message: str) -> Json:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}
