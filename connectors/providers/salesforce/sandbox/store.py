"""The sandbox's records: their columns, and what may be written into them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from connectors.providers.salesforce.ids import long_id, suffix

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


@dataclass(frozen=True)
class Column:
    """One column. `targets` are the kinds of records a reference points at; `length` bounds a string."""

    type: FieldType = "string"
    length: int = 255
    required: bool = False
    readonly: bool = False
    external_id: bool = False
    targets: tuple[str, ...] = ()


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

    def having(self, **wanted: str) -> list[Record]:
        """The records that have all of these texts, in any case."""
        lower = {name: value.lower() for name, value in wanted.items()}
        return [
            row
            for row in self.rows.values()
            if all(isinstance(found := row[name], str) and found.lower() == text for name, text in lower.items())
        ]

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
    """Why one record was not written. `fields` are the columns to blame, `matches` the records that it resembles."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()


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
            "AccountId": Column("id", targets=("Account",)),
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
            "AccountId": Column("id", targets=("Account",)),
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
            "ContactId": Column("id", targets=("Contact",)),
            "AccountId": Column("id", targets=("Account",)),
        },
        {"Account": "AccountId", "Contact": "ContactId"},
    ),
    "Lead": (
        "00Q",
        {
            "FirstName": Column(length=40),
            "LastName": Column(length=80, required=True),
            "Name": Column(readonly=True),
            "Company": Column(required=True),
            "Title": Column(length=128),
            "Email": Column("email", length=80),
            "Phone": Column(length=40),
            "Website": Column(),
            "Status": Column(),
            "LeadSource": Column(),
            "Industry": Column(length=40),
            "Rating": Column(length=40),
            "City": Column(length=40),
            "Country": Column(length=80),
            "IsConverted": Column("boolean", readonly=True),
            "ConvertedDate": Column("date", readonly=True),
            "ConvertedAccountId": Column("id", readonly=True, targets=("Account",)),
            "ConvertedContactId": Column("id", readonly=True, targets=("Contact",)),
            "ConvertedOpportunityId": Column("id", readonly=True, targets=("Opportunity",)),
        },
        {
            "ConvertedAccount": "ConvertedAccountId",
            "ConvertedContact": "ConvertedContactId",
            "ConvertedOpportunity": "ConvertedOpportunityId",
        },
    ),
    "Task": (
        "00T",
        {
            "Subject": Column(),
            "Description": Column("textarea", length=32_000),
            "Status": Column(),
            "Priority": Column(),
            "ActivityDate": Column("date"),
            "IsClosed": Column("boolean", readonly=True),
            "CompletedDateTime": Column("datetime", readonly=True),
            "WhoId": Column("id", targets=("Contact", "Lead")),
            "WhatId": Column("id", targets=("Account", "Opportunity", "Case")),
            "AccountId": Column("id", readonly=True, targets=("Account",)),
        },
        {"Account": "AccountId"},
    ),
    "LeadStatus": (
        "01J",
        {
            "MasterLabel": Column(readonly=True),
            "ApiName": Column(readonly=True),
            "IsConverted": Column("boolean", readonly=True),
            "IsDefault": Column("boolean", readonly=True),
            "SortOrder": Column("int", readonly=True),
        },
        {},
    ),
}
DUPLICATE_RULE, DUPLICATES_FOUND = "One_Per_Address", "Use one of these records?"
ONE_PER_ADDRESS = ("Contact", "Lead")
"""Kinds of which the org's duplicate rule warns where the last name and the email address are those of another."""


class Store:
    """All tables."""

    def __init__(self) -> None:
        self.tables = {
            name: Table(name, prefix, {**SYSTEM, **columns}, relations)
            for name, (prefix, columns, relations) in SCHEMA.items()
        }

    def table(self, name: str) -> Table | None:
        """A table by its name in any case."""
        return next((table for table in self.tables.values() if table.name.lower() == name.lower()), None)

    def snapshot(self) -> dict[str, dict[str, Record]]:
        """All records as they are, for `put_back`."""
        return {name: {id: dict(row) for id, row in table.rows.items()} for name, table in self.tables.items()}

    def put_back(self, snapshot: dict[str, dict[str, Record]]) -> None:
        """Undo what was written since."""
        for name, rows in snapshot.items():
            self.tables[name].rows = rows

    def create(self, kind: str, values: Mapping[str, Any], now: datetime, *, allow_duplicates: bool = False) -> str:
        """A new record's id. Values may be strings, as SOAP gives them. Raises `Refusal`."""
        table = self.tables[kind]
        clean = self._checked(table, values)
        missing = tuple(name for name, one in table.columns.items() if one.required and clean.get(name) in (None, ""))
        if missing:
            raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        self._check_alone(table, clean, None, allow_duplicates=allow_duplicates)
        return self.insert(table, clean, now)

    def update(
        self, kind: str, record_id: str, values: Mapping[str, Any], now: datetime, *, allow_duplicates: bool = False
    ) -> str:
        """The record's id in its long form. Raises `Refusal`."""
        table = self.tables[kind]
        row = table.rows[self.known_id(table, record_id)]
        if kind == "Lead" and row["IsConverted"]:
            raise converted()
        clean = self._checked(table, values)
        emptied = tuple(name for name in clean if table.columns[name].required and clean[name] in (None, ""))
        if emptied:
            raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(emptied)}]", emptied)
        self._check_alone(table, {**row, **clean}, row, allow_duplicates=allow_duplicates)
        row.update(clean, LastModifiedDate=now, SystemModstamp=now)
        self._derive(table.name, row)
        return str(row["Id"])

    def upsert(
        self,
        kind: str,
        column: str,
        key: str,
        values: Mapping[str, Any],
        now: datetime,
        *,
        allow_duplicates: bool = False,
    ) -> tuple[str, bool]:
        """The record whose external id `column` is `key`: its id, and whether it was created. Raises `Refusal`."""
        table = self.tables[kind]
        found = table.having(**{column: key})
        if not found:
            return self.create(kind, {**values, column: key}, now, allow_duplicates=allow_duplicates), True
        id = str(found[0]["Id"])
        return self.update(kind, id, values, now, allow_duplicates=allow_duplicates), False

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
        if column.targets:
            prefixed = (
                self.tables[one] for one in column.targets if str(converted).startswith(self.tables[one].prefix)
            )
            try:
                return self.known_id(next(prefixed, self.tables[column.targets[0]]), str(converted))
            except Refusal:
                message = f"{name}: id value of incorrect type: {converted}"
                raise Refusal("MALFORMED_ID", message, (name,)) from None
        return converted

    def _check_alone(self, table: Table, values: Record, own: Record | None, *, allow_duplicates: bool) -> None:
        """Refuse an external id that another record has, and what the duplicate rule warns of."""
        is_new = {name for name, value in values.items() if value and (own is None or own[name] != value)}
        for name in (name for name, column in table.columns.items() if column.external_id and name in is_new):
            for twin in table.having(**{name: str(values[name])}):
                message = f"duplicate value found: {name} duplicates value on record with id: {twin['Id']}"
                raise Refusal("DUPLICATE_VALUE", message)
        if allow_duplicates or table.name not in ONE_PER_ADDRESS or not is_new & {"Email", "LastName"}:
            return
        alike = table.having(Email=str(values.get("Email") or ""), LastName=str(values["LastName"]))
        matches = tuple(str(row["Id"]) for row in alike if row is not own)
        if matches:
            raise Refusal("DUPLICATES_DETECTED", DUPLICATES_FOUND, matches=matches)

    def insert(self, table: Table, values: Record, now: datetime) -> str:
        """The id of a new record whose values are right."""
        record_id = table.next_id()
        row: Record = dict.fromkeys(table.columns)
        row.update(values, Id=record_id, CreatedDate=now, LastModifiedDate=now, SystemModstamp=now, IsDeleted=False)
        if table.name == "Case":
            row["CaseNumber"] = f"{1000 + table.made:08}"
        self._derive(table.name, row)
        table.rows[record_id] = row
        return record_id

    def _derive(self, kind: str, row: Record) -> None:
        """What Salesforce works out itself."""
        if kind in ("Contact", "Lead"):
            row["Name"] = " ".join(str(row[part]) for part in ("FirstName", "LastName") if row[part])
        elif kind == "Opportunity":
            _, probability, closed, won = next(
                (one for one in STAGES if one[0] == row["StageName"]), (None, 0, False, False)
            )
            row.update(IsClosed=closed, IsWon=won)
            if row["Probability"] is None:
                row["Probability"] = Decimal(probability)
        if kind == "Lead":
            row["Status"] = row["Status"] or "Open - Not Contacted"
            row["IsConverted"] = row["ConvertedDate"] is not None
        elif kind == "Task":
            row["Status"], row["Priority"] = row["Status"] or "Not Started", row["Priority"] or "Normal"
            row["IsClosed"] = row["Status"] == "Completed"
            row["CompletedDateTime"] = (
                (row["CompletedDateTime"] or row["LastModifiedDate"]) if row["IsClosed"] else None
            )
            row["AccountId"] = self._account_of(row)
        elif kind == "Case":
            row["Status"] = row["Status"] or "New"
            row["IsClosed"] = row["Status"] == "Closed"
            if row["IsClosed"] and row["ClosedDate"] is None:
                row["ClosedDate"] = row["LastModifiedDate"]

    def _account_of(self, task: Record) -> Value:
        """The account that a task is about: itself, that of the record it is about, or that of the person."""
        what, who = str(task["WhatId"] or ""), str(task["WhoId"] or "")
        if what.startswith(self.tables["Account"].prefix):
            return what
        holders = [
            self.tables[kind].rows.get(id) for kind, id in (("Opportunity", what), ("Case", what), ("Contact", who))
        ]
        return next((holder["AccountId"] for holder in holders if holder), None)


def converted() -> Refusal:
    """Why nothing is done to a lead."""
    return Refusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def kind_of(record_id: str) -> str:
    """The kind of record that an id of the sandbox's own stands for."""
    return next(name for name, (prefix, *_) in SCHEMA.items() if record_id.startswith(prefix))


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
