"""The keys by which an upstream recognises that it is asked for the same once more."""

from uuid import uuid4

from schema.problems import BadInput


def sent_key(given: str | None, most_characters: int) -> str:
    """The client's idempotency key, or a new one; it is the same on every attempt that the pipeline makes."""
    if given is None:
        return str(uuid4())
    if not (0 < len(given) <= most_characters and given.isascii() and given.isprintable()):
        raise BadInput(f"`idempotencyKey` must be 1 to {most_characters} printable ASCII characters")
    return given
