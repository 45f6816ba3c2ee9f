"""What HubSpot sends, under its own names: the parts that we read.

Values of properties are strings, whatever they stand for, and null or empty where there is none; times are ISO 8601.
Source: https://developers.hubspot.com/docs/api/crm/understanding-the-crm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from connectors.errors import UpstreamError

Kind = Literal["contacts", "companies", "deals", "tickets"]
"""The kinds of objects, as addresses have them."""


class ObjectPayload(TypedDict):
    """An object of any kind, with the properties that were asked for."""

    id: str
    properties: dict[str, str | None]
    createdAt: str
    updatedAt: str
    archived: bool


class WrittenPayload(ObjectPayload):
    """An object that was written, with the properties that were given. `new` is there where it was put."""

    new: NotRequired[bool]
    objectWriteTraceId: NotRequired[str]


class DetailPayload(TypedDict):
    """What is wrong with one property. `context` has its name as `propertyName`."""

    message: str
    code: NotRequired[str]
    context: NotRequired[dict[str, list[str]]]


class ErrorPayload(TypedDict):
    """Why something was not done. In the answer to a batch, `context` says to which keys it did not happen."""

    status: str
    category: str
    message: str
    correlationId: NotRequired[str]
    subCategory: NotRequired[str]
    context: NotRequired[dict[str, list[str]]]
    errors: NotRequired[list[DetailPayload]]


class AssociationTypePayload(TypedDict):
    """A way in which two objects belong together. `label` is null for the plain one."""

    category: str
    typeId: int
    label: str | None


class AssociationPayload(TypedDict):
    """What an object is associated with."""

    toObjectId: int | str
    associationTypes: list[AssociationTypePayload]


@dataclass(frozen=True)
class Way:
    """A way in which two objects are to belong together: a type of associations by category and HubSpot's number."""

    category: str
    type_id: int


class AssociatedPayload(TypedDict):
    """Two objects belong together. HubSpot tells `labels` only of those that were given types."""

    labels: list[str]


@dataclass(frozen=True)
class Pair:
    """Two objects by their ids, and how they belong together: no `ways` stand for the plain one, or for all."""

    from_id: str
    to_id: str
    ways: tuple[Way, ...] = ()


class OwnerPayload(TypedDict):
    """A user of HubSpot, as the owner of objects."""

    id: str
    email: NotRequired[str | None]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    userId: NotRequired[int]
    type: NotRequired[str]
    archived: bool
    createdAt: str
    updatedAt: str


class FilterPayload(TypedDict):
    """A condition. `value` or `values` (or, for `BETWEEN`, `highValue` as well) by `operator`."""

    propertyName: str
    operator: str
    value: NotRequired[str]
    values: NotRequired[list[str]]
    highValue: NotRequired[str]


@dataclass(frozen=True)
class Found:
    """What a batch came to: `objects` in any order, and what went wrong by key. A key in neither is a miss."""

    objects: list[ObjectPayload]
    failed: Mapping[str, UpstreamError]
