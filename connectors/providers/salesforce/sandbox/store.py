"""The sandbox's records: accounts, contacts, opportunities and cases of people who do not exist."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from connectors.providers.salesforce.ids import long_id, suffix
from connectors.sandbox.people import EPOCH, Person

FieldType = Literal["id", "string", "textarea", "email", "double", "int", "boolean", "datetime", "date"]
Value = str | bool | int | Decimal | datetime | date | None
Record = dict[str, Value]

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STAGES = (
    ("Prospecting", 10, False, False),
    ("Qualification", 20, False, False),
    ("Proposal/Price Quote", 75, False, False),
    ("Negotiation/Review", 90, False, False),
    ("Closed Won", 100, True, True),
    ("Closed Lost", 0, True, False),
)
SUBJECTS = ("Invoice shows the wrong address", "Cannot sign in", "Delivery is late", "Question about the contract")
DEPARTMENTS = ("Finance", "Operations", "Research", "Sales")


@dataclass(frozen=True)
class Column:
    """One column. `target` is the kind of record a reference points at; `length` bounds a string."""

    type: FieldType = "string"
    length: int = 255
    required: bool = False
    readonly: bool = False
    external_id: bool = False
    target: str | None = None


@dataclass
class Table:
    """The records of one kind by id. `prefix` begins every id; `relations` names the references (`Account`)."""

    name: str
    prefix: str
    columns: dict[str, Column]
    relations: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Record] = field(default_factory=dict)
    made: int = 0

    def column(self, name: str) -> str | None:
        """A column's own spelling; case does not count when it is asked for."""
        return next((one for one in self.columns if one.lower() == name.lower()), None)

    def next_id(self) -> str:
        self.made += 1
        number, digits = self.made, ""
        for _ in range(7):
            number, digit = divmod(number, 62)
            digits = BASE62[digit] + digits
        short = f"{self.prefix}gK000{digits}"
        return short + suffix(short)


@dataclass(eq=False)
class Refusal(Exception):
    """Why one record was not written. `fields` are the columns to blame."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


AN_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
SYSTEM = {
    "Id": Column("id", readonly=True),
    "CreatedDate": Column("datetime", readonly=True),
    "LastModifiedDate": Column("datetime", readonly=True),
    "SystemModstamp": Column("datetime", readonly=True),
    "IsDeleted": Column("boolean", readonly=True),
    "External_Id__c": Column(length=64, external_id=True),
}
SCHEMA: dict[str, tuple[str, dict[str, Column], dict[str, str]]] = {
    "Account": (
        "001",
        {
            "Name": Column(required=True),
            "Industry": Column(length=40),
            "Website": Column(),
            "Phone": Column(length=40),
            "AnnualRevenue": Column("double"),
            "NumberOfEmployees": Column("int"),
            "BillingCity": Column(length=40),
            "BillingCountry": Column(length=80),
        },
        {},
    ),
    "Contact": (
        "003",
        {
            "FirstName": Column(length=40),
            "LastName": Column(length=80, required=True),
            "Name": Column(readonly=True),
            "Email": Column("email", length=80),
            "Phone": Column(length=40),
            "Title": Column(length=128),
            "Department": Column(length=80),
            "MailingCity": Column(length=40),
            "MailingCountry": Column(length=80),
            "AccountId": Column("id", target="Account"),
            "GitHub_Login__c": Column(length=39),
        },
        {"Account": "AccountId"},
    ),
    "Opportunity": (
        "006",
        {
            "Name": Column(length=120, required=True),
            "StageName": Column(required=True),
            "Amount": Column("double"),
            "CloseDate": Column("date", required=True),
            "Probability": Column("double"),
            "IsClosed": Column("boolean", readonly=True),
            "IsWon": Column("boolean", readonly=True),
            "AccountId": Column("id", target="Account"),
        },
        {"Account": "AccountId"},
    ),
    "Case": (
        "500",
        {
            "CaseNumber": Column(readonly=True),
            "Subject": Column(),
            "Description": Column("textarea", length=32_000),
            "Status": Column(),
            "Priority": Column(),
            "Origin": Column(),
            "ClosedDate": Column("datetime", readonly=True),
            "IsClosed": Column("boolean", readonly=True),
            "ContactId": Column("id", target="Contact"),
            "AccountId": Column("id", target="Account"),
        },
        {"Account": "AccountId", "Contact": "ContactId"},
    ),
}


class Store:
    """All tables, filled once from `people` and changed from then on."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        self.tables = {
            name: Table(name, prefix, {**SYSTEM, **columns}, relations)
            for name, (prefix, columns, relations) in SCHEMA.items()
        }
        self._fill(people)

    def table(self, name: str) -> Table | None:
        """A table by its name in any case."""
        return next((table for table in self.tables.values() if table.name.lower() == name.lower()), None)

    def create(self, kind: str, values: Mapping[str, Any], now: datetime) -> str:
        """A new record's id. Values may be strings, as SOAP gives them. Raises `Refusal`."""
        table = self.tables[kind]
        clean = self._checked(table, values)
        missing = tuple(name for name, one in table.columns.items() if one.required and clean.get(name) in (None, ""))
        if missing:
            raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        return self._insert(table, clean, now)

    def update(self, kind: str, record_id: str, values: Mapping[str, Any], now: datetime) -> str:
        """The record's id in its long form. Raises `Refusal`."""
        table = self.tables[kind]
        row = table.rows[self.known_id(table, record_id)]
        clean = self._checked(table, values)
        emptied = tuple(name for name in clean if table.columns[name].required and clean[name] in (None, ""))
        if emptied:
            raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(emptied)}]", emptied)
        row.update(clean, LastModifiedDate=now, SystemModstamp=now)
        _derive(table.name, row)
        return str(row["Id"])

    def upsert(self, kind: str, column: str, key: str, values: Mapping[str, Any], now: datetime) -> tuple[str, bool]:
        """The record whose external id `column` is `key`: its id, and whether it was created. Raises `Refusal`."""
        table = self.tables[kind]
        found = [row for row in table.rows.values() if _same(row.get(column), key)]
        if not found:
            return self.create(kind, {**values, column: key}, now), True
        return self.update(kind, str(found[0]["Id"]), values, now), False

    def delete(self, record_id: str) -> str:
        """Raises `Refusal` where there is no such record."""
        table = next((one for one in self.tables.values() if record_id.startswith(one.prefix)), None)
        if table is None:
            raise Refusal("MALFORMED_ID", f"malformed id {record_id}")
        known = self.known_id(table, record_id)
        del table.rows[known]
        return known

    def known_id(self, table: Table, record_id: str) -> str:
        """The long form of the id of a record that exists. Raises `Refusal`."""
        known = long_id(record_id)
        if known is None or not known.startswith(table.prefix):
            raise Refusal("MALFORMED_ID", f"{table.name} ID: id value of incorrect type: {record_id}", ("Id",))
        if known not in table.rows:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        return known

    def _checked(self, table: Table, values: Mapping[str, Any]) -> Record:
        clean: Record = {}
        for given, value in values.items():
            name = table.column(given)
            if name is None:
                raise Refusal("INVALID_FIELD", f"No such column '{given}' on sobject of type {table.name}", (given,))
            column = table.columns[name]
            if column.readonly:
                message = f"Unable to create/update fields: {name}. Please check the security settings of this field."
                raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, (name,))
            clean[name] = self._value(name, column, value)
        return clean

    def _value(self, name: str, column: Column, value: Any) -> Value:
        if value is None or value == "":
            return None
        try:
            converted = typed(column.type, value)
        except ValueError:
            message = f"{name}: value not of required type: {value}"
            raise Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (name,)) from None
        if isinstance(converted, str) and len(converted) > column.length:
            message = f"{name}: data value too large: {converted} (max length={column.length})"
            raise Refusal("STRING_TOO_LONG", message, (name,))
        if column.type == "email" and not AN_EMAIL.match(str(converted)):
            raise Refusal("INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {converted}", (name,))
        if column.target:
            try:
                return self.known_id(self.tables[column.target], str(converted))
            except Refusal:
                message = f"{name}: id value of incorrect type: {converted}"
                raise Refusal("MALFORMED_ID", message, (name,)) from None
        return converted

    def _insert(self, table: Table, values: Record, now: datetime) -> str:
        record_id = table.next_id()
        row: Record = dict.fromkeys(table.columns)
        row.update(values, Id=record_id, CreatedDate=now, LastModifiedDate=now, SystemModstamp=now, IsDeleted=False)
        if table.name == "Case":
            row["CaseNumber"] = f"{1000 + table.made:08}"
        _derive(table.name, row)
        table.rows[record_id] = row
        return record_id

    def _fill(self, people: tuple[Person, ...]) -> None:
        chance = random.Random(500)  # noqa: S311  # invented data, the same in every run
        accounts: dict[int, str] = {}
        for person in sorted(people, key=lambda one: one.company.index):
            company = person.company
            if company.index in accounts:
                continue
            accounts[company.index] = self._insert(
                self.tables["Account"],
                {
                    "Name": company.name,
                    "Industry": company.industry,
                    "Website": f"https://{company.domain}",
                    "Phone": f"+1666{company.index:07}",
                    "AnnualRevenue": Decimal(chance.randrange(1_000, 90_000)) * 1000,
                    "NumberOfEmployees": chance.randrange(20, 9000),
                    "BillingCity": person.city,
                    "BillingCountry": person.country,
                    "External_Id__c": f"company-{company.index}",
                },
                EPOCH - timedelta(days=120 - company.index),
            )
        for person in people:
            account = accounts[person.company.index]
            contact = self._insert(
                self.tables["Contact"],
                {
                    "FirstName": person.first_name,
                    "LastName": person.last_name,
                    "Email": person.email,
                    "Phone": person.phone,
                    "Title": person.title,
                    "Department": chance.choice(DEPARTMENTS),
                    "MailingCity": person.city,
                    "MailingCountry": person.country,
                    "AccountId": account,
                    "GitHub_Login__c": person.login,
                    "External_Id__c": f"person-{person.index}",
                },
                person.joined_at,
            )
            if person.index % 3 == 0:
                stage = chance.choice(STAGES)
                self._insert(
                    self.tables["Opportunity"],
                    {
                        "Name": f"{person.company.name} - {person.last_name}",
                        "StageName": stage[0],
                        "Amount": Decimal(chance.randrange(500, 250_000)),
                        "CloseDate": (person.joined_at + timedelta(days=chance.randrange(10, 90))).date(),
                        "AccountId": account,
                    },
                    person.joined_at + timedelta(hours=1),
                )
            for _ in range(chance.choice((0, 0, 1, 2))):
                self._insert(
                    self.tables["Case"],
                    {
                        "Subject": (subject := chance.choice(SUBJECTS)),
                        "Description": f"{subject}.\nPlease call {person.first_name} back.",
                        "Status": chance.choice(("New", "Working", "Escalated", "Closed")),
                        "Priority": chance.choice(("Low", "Medium", "High")),
                        "Origin": chance.choice(("Email", "Phone", "Web")),
                        "ContactId": contact,
                        "AccountId": account,
                    },
                    person.joined_at + timedelta(hours=2),
                )


def typed(kind: FieldType, value: Any) -> Value:
    """A value from SOAP's text or REST's JSON as what its column holds. Raises `ValueError`."""
    text = str(value)
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if kind == "int":
        return int(text)
    if kind == "double":
        try:
            return Decimal(text)
        except InvalidOperation as error:
            raise ValueError(text) from error
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "datetime":
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return text


def _same(value: Value, key: str) -> bool:
    return isinstance(value, str) and value.lower() == key.lower()


def _derive(kind: str, row: Record) -> None:
    """What Salesforce works out itself."""
    if kind == "Contact":
        row["Name"] = " ".join(str(row[part]) for part in ("FirstName", "LastName") if row[part])
    elif kind == "Opportunity":
        _, probability, closed, won = next(
            (one for one in STAGES if one[0] == row["StageName"]), (None, 0, False, False)
        )
        row.update(IsClosed=closed, IsWon=won)
        if row["Probability"] is None:
            row["Probability"] = Decimal(probability)
    elif kind == "Case":
        row["Status"] = row["Status"] or "New"
        row["IsClosed"] = row["Status"] == "Closed"
        if row["IsClosed"] and row["ClosedDate"] is None:
            row["ClosedDate"] = row["LastModifiedDate"]
