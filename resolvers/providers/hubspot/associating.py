"""What belongs together, changed: default and labelled associations, up to 100 pairs at once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import strawberry

from connectors.errors import UpstreamError
from connectors.providers.hubspot.client import MAX_BATCH, HubSpotClient
from connectors.providers.hubspot.payloads import AssociatedPayload, AssociationTypePayload, ErrorPayload, Pair, Way
from resolvers.context import Info
from resolvers.mapping import Reader, mapping
from resolvers.providers.hubspot import writes
from resolvers.providers.hubspot.convert import KINDS, ObjectKind
from resolvers.reading import integer, text
from schema.fields import Calls, Wanted
from schema.problems import BadInput
from schema.providers.hubspot import (
    HubSpotAssociated,
    HubSpotAssociateResult,
    HubSpotAssociationInput,
    HubSpotAssociationRefused,
    HubSpotAssociationType,
    HubSpotDisassociated,
    HubSpotDisassociateResult,
    HubSpotObjectNotFound,
    HubSpotObjectType,
    HubSpotQuery,
)
from schema.relay import upstream_id_of

fields = writes.fields

From = Annotated[HubSpotObjectType, strawberry.argument(description="The kind of the first object of each pair.")]
To = Annotated[HubSpotObjectType, strawberry.argument(description="The kind of the second object of each pair.")]
Pairs = Annotated[
    list[HubSpotAssociationInput], strawberry.argument(description=f"Up to {MAX_BATCH} pairs, each of them once.")
]
CREATE = Calls(upstream="hubspot", operation="associations.create")


@mapping("hubspot", "association type")
def to_association_type(read: Reader[AssociationTypePayload]) -> HubSpotAssociationType:
    return HubSpotAssociationType(
        category=read("category", text), type_id=read("typeId", integer), label=read.maybe("label", text)
    )


def kind_of(given: HubSpotObjectType) -> ObjectKind:
    """The kind of objects that a client means."""
    return next(kind for kind in KINDS if kind.name == str(given.value))


def sent(pairs: Sequence[HubSpotAssociationInput], from_kind: ObjectKind, to_kind: ObjectKind) -> list[Pair]:
    """Pairs as they go to HubSpot. Raises `BadInput` for none, too many, and one that is there twice."""
    if not 1 <= len(pairs) <= MAX_BATCH:
        raise BadInput(f"`pairs` takes 1 to {MAX_BATCH} pairs, not {len(pairs)}")
    made = [
        Pair(
            upstream_id_of(pair.from_id, from_kind.type.__name__),
            upstream_id_of(pair.to_id, to_kind.type.__name__),
            tuple(Way(str(way.category.value), way.type_id) for way in pair.types or ()),
        )
        for pair in pairs
    ]
    if len({(pair.from_id, pair.to_id) for pair in made}) < len(made):
        raise BadInput("`pairs` has a pair of objects twice: name all `types` in one")
    return made


def outcome(pair: Pair, answer: AssociatedPayload | ErrorPayload | UpstreamError) -> Any:
    """What came of one pair: a member of the result, or an error value."""
    if isinstance(answer, UpstreamError):
        return answer
    if "category" not in answer:
        from_id, to_id = strawberry.ID(pair.from_id), strawberry.ID(pair.to_id)
        return HubSpotAssociated(from_id=from_id, to_id=to_id, labels=answer["labels"])
    error = cast(ErrorPayload, answer)
    if error["category"] == "OBJECT_NOT_FOUND":
        context = error.get("context") or {}
        missing = pair.to_id if context.get("toObjectId") and not context.get("fromObjectId") else pair.from_id
        return HubSpotObjectNotFound(upstream_id=strawberry.ID(missing))
    return refused(error)


def refused(answer: ErrorPayload) -> HubSpotAssociationRefused:
    """HubSpot's refusal."""
    return HubSpotAssociationRefused(category=answer["category"], message=answer.get("message"))


@fields.on(HubSpotQuery, calls=Calls(upstream="hubspot", operation="associations.types", items=0))
async def association_types(
    info: Info,
    from_type: Annotated[HubSpotObjectType, strawberry.argument(description="The kind of the first objects.")],
    to_type: Annotated[HubSpotObjectType, strawberry.argument(description="The kind of the second objects.")],
) -> list[HubSpotAssociationType] | None:
    """The ways in which objects of one kind can belong to those of another, the account's own among them."""
    client, kinds = info.context.client(HubSpotClient), (kind_of(from_type).name, kind_of(to_type).name)
    return [to_association_type(one) for one in await client.get_association_types(*kinds)]


def associate_calls(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """One call for the pairs with types, one for those without."""
    return [Wanted(CREATE, keys=len({bool(pair.get("types")) for pair in given["pairs"]}))]


@fields.mutation(calls=associate_calls)
async def hubspot_associate(
    info: Info, from_type: From, to_type: To, pairs: Pairs
) -> list[HubSpotAssociateResult | None] | None:
    """Let objects belong together, beside what they belong together with. What came of each is told in their order."""
    from_kind, to_kind = kind_of(from_type), kind_of(to_type)
    wanted = sent(pairs, from_kind, to_kind)
    answers = await info.context.client(HubSpotClient).associate(from_kind.name, to_kind.name, wanted)
    return [outcome(pair, answer) for pair, answer in zip(wanted, answers, strict=True)]


@fields.mutation(calls=Calls(upstream="hubspot", operation="associations.archive"))
async def hubspot_disassociate(
    info: Info, from_type: From, to_type: To, pairs: Pairs
) -> HubSpotDisassociateResult | None:
    """Let objects no longer belong together; where all `pairs` have `types`, only no longer in these ways."""
    from_kind, to_kind = kind_of(from_type), kind_of(to_type)
    wanted = sent(pairs, from_kind, to_kind)
    if len({bool(pair.ways) for pair in wanted}) > 1:
        raise BadInput("either all `pairs` have `types`, or none has")
    answer = await info.context.client(HubSpotClient).disassociate(from_kind.name, to_kind.name, wanted)
    return HubSpotDisassociated(pairs=len(wanted)) if answer is None else refused(answer)
