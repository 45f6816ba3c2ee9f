"""What Stripe's mutations share. Each carries an idempotency key, so that a lost answer costs nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from resolvers.idempotency import sent_key
from schema.problems import BadInput

MAX_KEY_CHARACTERS = 255

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="Up to 255 characters that name this one wish. Sent again with the same key, it is not done again."
    ),
]


def key_of(given: str | None) -> str:
    """The key that Stripe gets: the client's, or a new one."""
    return sent_key(given, MAX_KEY_CHARACTERS)


def sent_metadata(given: JSON | None) -> Mapping[str, str] | None:
    """Metadata as Stripe takes it."""
    if given is None:
        return None
    if not (isinstance(given, dict) and all(isinstance(value, str) for value in given.values())):
        raise BadInput("`metadata` must be an object whose values are strings")
    return given


def is_object(payload: Mapping[str, Any]) -> bool:
    """Whether it is what was asked for; an error has no id."""
    return "id" in payload
