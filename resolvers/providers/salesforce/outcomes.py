"""What became of a record that was to be written, as a member of a result union or an error value.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import strawberry

from connectors.errors import NotAuthorized, UpstreamUnavailable
from connectors.providers.salesforce.payloads import SaveErrorPayload, SaveResultPayload
from schema.providers.salesforce import (
    SalesforceDuplicateFound,
    SalesforceRecordFault,
    SalesforceRecordNotFound,
    SalesforceRolledBack,
    SalesforceValidationFailed,
)

GONE = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"}
"""Codes that say that the record itself is not there, unless they name a column that refers to another."""

DUPLICATE = {"DUPLICATES_DETECTED", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"}
FORBIDDEN = {
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
}
BUSY = {"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE"}
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
THE_OTHER = re.compile(r"record with id: ([A-Za-z0-9]{15,18})\Z")


def outcome(result: SaveResultPayload, operation: str, saved: Callable[..., Any], given_id: str | None = None) -> Any:
    """`saved(id, is_new)` where it was written, else why not. `given_id` was to be changed."""
    if result["success"]:
        return saved(strawberry.ID(str(result["id"])), bool(result["created"]))
    return refusal(result["errors"], operation, given_id)


def refusal(errors: Sequence[SaveErrorPayload], operation: str, given_id: str | None = None) -> Any:
    """What the first of the errors says of a record that was not written."""
    error = errors[0] if errors else SaveErrorPayload(statusCode="UNKNOWN", message=None, fields=[], duplicates=[])
    code, message = error["statusCode"], error["message"]
    if given_id and code in GONE and set(error["fields"]) <= {"Id"}:
        return SalesforceRecordNotFound(upstream_id=strawberry.ID(given_id))
    if code in DUPLICATE:
        return SalesforceDuplicateFound(status_code=code, message=message, existing_ids=_others(error))
    if code == ROLLED_BACK:
        return SalesforceRolledBack(message=message)
    if code in FORBIDDEN:
        return NotAuthorized("salesforce", operation, f"the user may not write this record ({code})")
    if code in BUSY:
        return UpstreamUnavailable("salesforce", operation, f"the record was not written ({code}): try again")
    return SalesforceValidationFailed(faults=_faults(errors or [error]))


def _others(error: SaveErrorPayload) -> list[strawberry.ID]:
    """The records that are there already; where no rule tells, the message may."""
    named = THE_OTHER.search(error["message"] or "")
    return [strawberry.ID(id) for id in error["duplicates"] or ([named[1]] if named else [])]


def _faults(errors: Sequence[SaveErrorPayload]) -> list[SalesforceRecordFault]:
    return [
        SalesforceRecordFault(status_code=one["statusCode"], message=one["message"], fields=one["fields"])
        for one in errors
    ]
