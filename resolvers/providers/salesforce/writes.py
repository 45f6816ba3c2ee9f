"""What can be changed: records of the usual kinds one at a time, and of any kind up to 200 at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Optional
from uuid import uuid4

import strawberry
from strawberry.scalars import JSON

from connectors.providers.salesforce.client import MAX_RECORDS, SalesforceClient
from connectors.providers.salesforce.ids import long_id
from resolvers.context import Info
from resolvers.providers.salesforce import reads
from resolvers.providers.salesforce.convert import ACCOUNTS, CASES, CONTACTS, LEADS, OPPORTUNITIES, TASKS, RecordKind
from resolvers.providers.salesforce.fetching import as_written
from resolvers.providers.salesforce.outcomes import outcome
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.salesforce import (
    SalesforceAccountInput,
    SalesforceAccountResult,
    SalesforceAccountSaved,
    SalesforceCaseInput,
    SalesforceCaseResult,
    SalesforceCaseSaved,
    SalesforceContactInput,
    SalesforceContactResult,
    SalesforceContactSaved,
    SalesforceDeleteResult,
    SalesforceLeadInput,
    SalesforceLeadResult,
    SalesforceLeadSaved,
    SalesforceOpportunityInput,
    SalesforceOpportunityResult,
    SalesforceOpportunitySaved,
    SalesforceRecordDeleted,
    SalesforceRecordNotFound,
    SalesforceRecordResult,
    SalesforceRecordSaved,
    SalesforceTaskInput,
    SalesforceTaskResult,
    SalesforceTaskSaved,
)
from schema.relay import parse_global_id, upstream_id_of

A_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
NOT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ID, REFERENCE = "Id", "_id"

fields = reads.fields

AllowDuplicates = Annotated[
    bool, strawberry.argument(description="Save what a duplicate rule of the org only warns of.")
]
AllOrNone = Annotated[bool, strawberry.argument(description="Write none of them where one is refused.")]
Object = Annotated[str, strawberry.argument(description="The kind of records: `Contact`, `Invoice__c` ...")]
ExternalId = Annotated[
    str, strawberry.argument(description="The column that tells records apart: an external id, `External_Id__c`.")
]
New = Annotated[
    list[JSON],
    strawberry.argument(
        description="Up to 200 records: objects of strings, numbers, booleans and nulls under Salesforce's names."
    ),
]
Known = Annotated[list[JSON], strawberry.argument(description="Up to 200 records as for creating, each with its `Id`.")]
Named = Annotated[
    list[JSON], strawberry.argument(description="Up to 200 records as for creating, each with its external id.")
]


def record_id(value: str) -> str:
    """Salesforce's id of a record of any kind, given that or a global id. Raises `BadInput` for another provider's."""
    try:
        kind, upstream_id = parse_global_id(value)
    except BadInput:
        return value
    if not kind.startswith("Salesforce"):
        raise BadInput(f"{value[:80]!r} is the id of a {kind[:80]}, not of a record in Salesforce")
    return upstream_id


def checked(columns: Any, place: str) -> dict[str, Any]:
    """Columns of one record as they can be sent. Raises `BadInput`."""
    if not isinstance(columns, Mapping):
        raise BadInput(f"{place} must be an object")
    for name, value in columns.items():
        if not A_NAME.fullmatch(name):
            raise BadInput(f"{place}: {name[:80]!r} is not the name of a column")
        if not isinstance(value, str | int | float | None):
            raise BadInput(f"{place}: the value of `{name}` must be a string, a number, a boolean or null")
        if isinstance(value, str):
            fit_for_xml(value, f"{place}: the value of `{name}`")
    return dict(columns)


def fit_for_xml(value: str, place: str) -> str:
    """A text as it is. Raises `BadInput` for one that cannot be sent."""
    if NOT_FOR_XML.search(value):
        raise BadInput(f"{place} has a control character in it")
    return value


def bounded(records: Sequence[Any], name: str) -> None:
    """Raise `BadInput` for none and for too many."""
    if not 1 <= len(records) <= MAX_RECORDS:
        raise BadInput(f"`{name}` takes 1 to {MAX_RECORDS} records, not {len(records)}")


def sent(given: Any, kind: RecordKind) -> dict[str, Any]:
    """What a client gave, as Salesforce's columns."""
    columns = checked({} if given.columns is None else given.columns, "`columns`")
    for attribute, value in vars(given).items():
        if attribute == "columns" or value is strawberry.UNSET:
            continue
        if isinstance(value, str):
            value = fit_for_xml(record_id(value) if attribute.endswith(REFERENCE) else value, f"`{attribute}`")
        columns[kind.columns[attribute]] = value
    return columns


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How one kind of records is written: what is given, and what becomes of it."""

    kind: RecordKind
    input: Any
    saved: Callable[..., Any]
    result: Any


def writes(writing: Writing) -> None:
    """The mutations of one kind: create and update."""
    kind, noun = writing.kind, writing.kind.noun

    def written(id: strawberry.ID, is_new: bool) -> Any:
        return writing.saved(upstream_id=id, is_new=is_new, written_ref=(str(id), uuid4().hex))

    async def create(info: Info, input: Any, allow_duplicates: AllowDuplicates = False) -> Any:
        salesforce = info.context.client(SalesforceClient)
        (result,) = await salesforce.create(kind.name, [sent(input, kind)], allow_duplicates=allow_duplicates)
        return outcome({**result, "created": True}, "create", written)

    async def update(info: Info, id: reads.Id, input: Any, allow_duplicates: AllowDuplicates = False) -> Any:
        wanted = upstream_id_of(id, kind.type.__name__)
        known = long_id(wanted)
        if known is None:
            return SalesforceRecordNotFound(upstream_id=strawberry.ID(wanted))
        salesforce, records = info.context.client(SalesforceClient), [(known, sent(input, kind))]
        (result,) = await salesforce.update(kind.name, records, allow_duplicates=allow_duplicates)
        return outcome(result, "update", written, known)

    one: Any = writing.input
    given = Annotated[one, strawberry.argument(description=f"The {noun}'s columns.")]
    for verb, resolver, description in (
        ("create", create, f"Make a {noun}. Salesforce cannot tell a repetition from a second one."),
        ("update", update, f"Set columns of a {noun}."),
    ):
        resolver.__name__ = f"salesforce_{verb}_{noun}"
        resolver.__doc__ = description
        resolver.__annotations__ |= {"input": given, "return": Optional[writing.result]}
        fields.mutation(calls=Calls(upstream="salesforce", operation=verb))(resolver)
    fields.link(
        writing.saved,  # type: ignore[arg-type]
        noun,
        via=as_written(kind),
        key=attrgetter("written_ref"),
        needs=("written_ref",),
        description=f"The {noun} as it is now.",
    )


for kind, input, saved, result in (
    (ACCOUNTS, SalesforceAccountInput, SalesforceAccountSaved, SalesforceAccountResult),
    (CONTACTS, SalesforceContactInput, SalesforceContactSaved, SalesforceContactResult),
    (OPPORTUNITIES, SalesforceOpportunityInput, SalesforceOpportunitySaved, SalesforceOpportunityResult),
    (CASES, SalesforceCaseInput, SalesforceCaseSaved, SalesforceCaseResult),
    (LEADS, SalesforceLeadInput, SalesforceLeadSaved, SalesforceLeadResult),
    (TASKS, SalesforceTaskInput, SalesforceTaskSaved, SalesforceTaskResult),
):
    writes(Writing(kind=kind, input=input, saved=saved, result=result))


def named(object: str) -> str:
    """The name of a kind of records. Raises `BadInput` for what cannot be one."""
    if not A_NAME.fullmatch(object):
        raise BadInput(f"`object`: {object[:80]!r} is not the name of a kind of records")
    return object


def recorded(id: strawberry.ID, is_new: bool) -> SalesforceRecordSaved:
    """The outcome of a record that was written."""
    return SalesforceRecordSaved(upstream_id=id, is_new=is_new)


@fields.mutation(calls=Calls(upstream="salesforce", operation="create"))
async def salesforce_create_records(
    info: Info,
    object: Object,
    records: New,
    all_or_none: AllOrNone = False,
    allow_duplicates: AllowDuplicates = False,
) -> list[SalesforceRecordResult | None] | None:
    """Make records of any kind. What became of each is told in the order of `records`.

    Salesforce cannot tell a repetition from more records: where a lost answer must cost nothing, upsert.
    """
    bounded(records, "records")
    values = [checked(one, f"`records[{number}]`") for number, one in enumerate(records)]
    results = await info.context.client(SalesforceClient).create(
        named(object), values, all_or_none=all_or_none, allow_duplicates=allow_duplicates
    )
    return [outcome({**result, "created": True}, "create", recorded) for result in results]


@fields.mutation(calls=Calls(upstream="salesforce", operation="update"))
async def salesforce_update_records(
    info: Info,
    object: Object,
    records: Known,
    all_or_none: AllOrNone = False,
    allow_duplicates: AllowDuplicates = False,
) -> list[SalesforceRecordResult | None] | None:
    """Set columns of records of any kind. What became of each is told in the order of `records`."""
    bounded(records, "records")
    values: list[tuple[str, dict[str, Any]]] = []
    for number, one in enumerate(records):
        columns = checked(one, f"`records[{number}]`")
        known = long_id(record_id(str(columns.pop(ID, ""))))
        if known is None:
            raise BadInput(f"`records[{number}]` has no `Id`, or none of a record in Salesforce")
        values.append((known, columns))
    results = await info.context.client(SalesforceClient).update(
        named(object), values, all_or_none=all_or_none, allow_duplicates=allow_duplicates
    )
    return [outcome(result, "update", recorded, id) for result, (id, _) in zip(results, values, strict=True)]


@fields.mutation(calls=Calls(upstream="salesforce", operation="upsert"))
async def salesforce_upsert_records(
    info: Info,
    object: Object,
    external_id_field: ExternalId,
    records: Named,
    all_or_none: AllOrNone = False,
    allow_duplicates: AllowDuplicates = False,
) -> list[SalesforceRecordResult | None] | None:
    """Set columns of those records that are there by an external id, and make the others.

    What became of each is told in the order of `records`. Done twice, it has the same effect.
    """
    bounded(records, "records")
    if not A_NAME.fullmatch(external_id_field) or external_id_field.lower() == ID.lower():
        raise BadInput("`externalIdField` must be the name of an external id; by `Id` records are updated")
    values = [checked(one, f"`records[{number}]`") for number, one in enumerate(records)]
    for number, one in enumerate(values):
        if not any(name.lower() == external_id_field.lower() and value for name, value in one.items()):
            raise BadInput(f"`records[{number}]` has no `{external_id_field}`")
    results = await info.context.client(SalesforceClient).upsert(
        named(object), external_id_field, values, all_or_none=all_or_none, allow_duplicates=allow_duplicates
    )
    return [outcome(result, "upsert", recorded) for result in results]


@fields.mutation(calls=Calls(upstream="salesforce", operation="delete"))
async def salesforce_delete_records(
    info: Info,
    ids: Annotated[
        list[strawberry.ID],
        strawberry.argument(description="Up to 200 of Salesforce's own or of the global ids, of records of any kinds."),
    ],
    all_or_none: AllOrNone = False,
) -> list[SalesforceDeleteResult | None] | None:
    """Delete records, with what belongs to them. What became of each is told in the order of `ids`."""
    bounded(ids, "ids")
    known = [long_id(record_id(one)) for one in ids]
    if None in known:
        raise BadInput(f"`ids[{known.index(None)}]` is not the id of a record in Salesforce")
    there = [one for one in known if one is not None]
    results = await info.context.client(SalesforceClient).delete(there, all_or_none=all_or_none)
    return [
        outcome(result, "delete", lambda id, _: SalesforceRecordDeleted(upstream_id=id), id)
        for result, id in zip(results, there, strict=True)
    ]
