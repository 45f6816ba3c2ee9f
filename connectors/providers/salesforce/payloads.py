"""Salesforce's own names. In the Partner API every value of a record is a string, whatever the column's type.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
"""

from typing import Any, TypedDict

RecordPayload = dict[str, Any]
"""A record by column name, with `type` and `Id` (`None` where it was not selected). Columns that were not selected are
absent, empty ones `None`, related records (`Account`) records again."""


class QueryResultPayload(TypedDict):
    """One batch of a query's records. `size` is the number of records of the whole query."""

    done: bool
    queryLocator: str | None
    size: int
    records: list[RecordPayload]


class SaveErrorPayload(TypedDict):
    """Why a record was not written. `duplicates` are the ids of those that a duplicate rule found it to be like."""

    statusCode: str
    message: str | None
    fields: list[str]
    duplicates: list[str]


class SaveResultPayload(TypedDict):
    """What became of one record. Only an upsert says whether it was `created`."""

    id: str | None
    success: bool
    created: bool | None
    errors: list[SaveErrorPayload]


class ConvertResultPayload(TypedDict):
    """What became of a lead that was to be converted. No `opportunityId` says that there was to be none."""

    leadId: str | None
    accountId: str | None
    contactId: str | None
    opportunityId: str | None
    success: bool
    errors: list[SaveErrorPayload]


class LoginResultPayload(TypedDict):
    """What `login` gives: a session, and the address of the user's own instance with its version in it."""

    sessionId: str | None
    serverUrl: str | None
    passwordExpired: bool
