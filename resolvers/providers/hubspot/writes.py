"""What can be changed: objects are created, updated, and put by a property whose values are unique."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Optional, cast

import strawberry

from connectors.errors import NotFound, UpstreamError
from connectors.providers.hubspot.client import MAX_BATCH, HubSpotClient
from connectors.providers.hubspot.payloads import ErrorPayload, WrittenPayload
from resolvers.context import Info
from resolvers.providers.hubspot import reads
from resolvers.providers.hubspot.convert import (
    COMPANIES,
    CONTACTS,
    DEALS,
    TICKETS,
    ObjectKind,
    to_invalid,
    written,
)
from resolvers.providers.hubspot.fetching import as_written
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.hubspot import (
    HubSpotCompanyInput,
    HubSpotCompanyResult,
    HubSpotCompanySaved,
    HubSpotContactExists,
    HubSpotContactInput,
    HubSpotContactResult,
    HubSpotContactSaved,
    HubSpotDealInput,
    HubSpotDealResult,
    HubSpotDealSaved,
    HubSpotObjectNotFound,
    HubSpotTicketInput,
    HubSpotTicketResult,
    HubSpotTicketSaved,
)
from schema.relay import upstream_id_of

EXISTING_ID = re.compile(r"Existing ID: ([0-9]+)")

fields = reads.fields


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How one kind of objects is written: what is given, and what becomes of it."""

    kind: ObjectKind
    input: Any
    saved: Callable[..., Any]
    result: Any


def outcome(writing: Writing, answer: WrittenPayload | ErrorPayload | UpstreamError, is_new: bool | None = None) -> Any:
    """What came of writing one object: a member of the kind's result, or an error value."""
    if isinstance(answer, UpstreamError):
        return answer
    if "properties" in answer:
        made = cast(WrittenPayload, answer)
        id, time = strawberry.ID(made["id"]), str(made.get("updatedAt"))
        return writing.saved(upstream_id=id, is_new=made.get("new", is_new), written_ref=(id, time))
    if answer["category"] == "CONFLICT" and writing.kind is CONTACTS:
        existing = EXISTING_ID.search(str(answer.get("message")))
        return HubSpotContactExists(existing_id=strawberry.ID(existing[1]) if existing else None)
    return to_invalid(answer)


def sent(given: Any, kind: ObjectKind) -> dict[str, str]:
    """What a client gave, as HubSpot's properties."""
    values = {"owner_ref": given.owner_id} | vars(given)
    properties = {
        name: written(values[attribute])
        for attribute, (name, _) in kind.properties.items()
        if values.get(attribute) is not None
    }
    custom = given.properties or {}
    if not (isinstance(custom, dict) and all(isinstance(value, str) for value in custom.values())):
        raise BadInput("`properties` must be an object whose values are strings")
    return {**properties, **custom}


By = Annotated[
    str,
    strawberry.argument(
        description="HubSpot's name of a property whose values are unique: `email`, or one of the account's."
    ),
]


def writes(writing: Writing) -> None:
    """The mutations of one kind: create, update, upsert."""
    kind, noun = writing.kind, writing.kind.noun

    async def create(info: Info, input: Any) -> Any:
        answer = await info.context.client(HubSpotClient).create_object(kind.name, sent(input, kind))
        return outcome(writing, answer, is_new=True)

    async def update(info: Info, id: reads.Id, input: Any) -> Any:
        upstream_id = upstream_id_of(id, kind.type.__name__)
        try:
            answer = await info.context.client(HubSpotClient).update_object(kind.name, upstream_id, sent(input, kind))
        except NotFound:
            return HubSpotObjectNotFound(upstream_id=strawberry.ID(upstream_id))
        return outcome(writing, answer, is_new=False)

    async def upsert(info: Info, input: Sequence[Any], by: By) -> Any:
        if not 1 <= len(input) <= MAX_BATCH:
            raise BadInput(f"`input` takes 1 to {MAX_BATCH} objects, not {len(input)}")
        records: list[tuple[str, dict[str, str]]] = []
        for number, one in enumerate(input):
            properties = sent(one, kind)
            key = properties.pop(by, "")
            if not key:
                raise BadInput(f"`input[{number}]` has no `{by}`")
            records.append((key, properties))
        answers = await info.context.client(HubSpotClient).upsert_objects(kind.name, by, records)
        return [outcome(writing, answer) for answer in answers]

    def mutation(verb: str, resolver: Callable[..., Any], given: Any, result: Any, description: str) -> None:
        resolver.__name__ = f"hubspot_{verb}_{kind.name if verb == 'upsert' else noun}"
        resolver.__doc__ = description
        resolver.__annotations__ |= {"input": given, "return": Optional[result]}
        fields.mutation(calls=Calls(upstream="hubspot", operation=f"{kind.name}.{verb}"))(resolver)

    one: Any = writing.input
    given = Annotated[one, strawberry.argument(description=f"The {noun}'s properties.")]
    several = Annotated[list[one], strawberry.argument(description=f"Up to {MAX_BATCH}, each with the property `by`.")]
    mutation("create", create, given, writing.result, f"Add a {noun}.")
    mutation("update", update, given, writing.result, f"Set properties of a {noun}.")
    mutation(
        "upsert",
        upsert,
        several,
        list[Optional[writing.result]],  # type: ignore[name-defined]
        f"Update those {kind.name} that are there by a property whose values are unique, and add the others. "
        "What comes of each is told in the order of `input`.",
    )
    fields.link(
        writing.saved,  # type: ignore[arg-type]
        noun,
        via=as_written(kind),
        key=attrgetter("written_ref"),
        needs=("written_ref",),
        description=f"The {noun} as it is now.",
    )


for writing in (
    Writing(kind=CONTACTS, input=HubSpotContactInput, saved=HubSpotContactSaved, result=HubSpotContactResult),
    Writing(kind=COMPANIES, input=HubSpotCompanyInput, saved=HubSpotCompanySaved, result=HubSpotCompanyResult),
    Writing(kind=DEALS, input=HubSpotDealInput, saved=HubSpotDealSaved, result=HubSpotDealResult),
    Writing(kind=TICKETS, input=HubSpotTicketInput, saved=HubSpotTicketSaved, result=HubSpotTicketResult),
):
    writes(writing)
