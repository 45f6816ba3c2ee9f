"""What is written to people, whoever delivers it."""

from datetime import datetime

import strawberry


@strawberry.interface(description="Whoever wrote a message, as far as its upstream says.")
class MessageAuthor:
    email: str | None = strawberry.field(description="Email address.")


def of_each_kind() -> MessageAuthor | None:
    """Each kind of message has an `author` of its own."""
    raise NotImplementedError


@strawberry.interface(description="Something that was written to somebody, or by them.")
class Message:
    upstream_id: strawberry.ID = strawberry.field(description="The id its upstream knows it by.")
    excerpt: str | None = strawberry.field(
        description="What it says: a chat message's text, a mail's subject (SendGrid does not keep more)."
    )
    occurred_at: datetime | None = strawberry.field(
        description="When: a chat message was posted then, and to a mail something last happened then, such as its "
        "being opened (SendGrid's lists do not say when it was sent)."
    )
    author: MessageAuthor | None = strawberry.field(
        resolver=of_each_kind,
        description="Who wrote it: a member of the workspace, or the address that a mail came from; null for what no "
        "member wrote.",
    )
