"""What users see of the accounts that they have connected."""

import datetime

import strawberry

from schema.problems import Problem


class Unauthenticated(Problem):
    """Something that takes a user who has shown who they are."""

    code = "UNAUTHENTICATED"


@strawberry.type(description="A user's account at a provider, or that there could be one.")
class ProviderAccount:
    provider: str = strawberry.field(description="The provider's name here.")
    title: str = strawberry.field(description="The provider's name for people.")
    connected: bool = strawberry.field(description="Whether calls to the provider go out with this account.")
    reauthorization_required: bool = strawberry.field(
        description="Whether the account was connected and has ended: the user must connect it again."
    )
    account: str | None = strawberry.field(description="What the user knows the account by, where the provider says.")
    scopes: list[str] = strawberry.field(description="What the user has agreed to.")
    expires_at: datetime.datetime | None = strawberry.field(
        description="When the access token ends. It is renewed before, where the provider gives what that takes."
    )


@strawberry.type(description="Where a user's browser is to go, once and within minutes.")
class ConnectLink:
    url: str = strawberry.field(
        description="The link, for this user only. It is a path of this gateway where its public URL is not set."
    )
    expires_at: datetime.datetime = strawberry.field(description="When it is no longer good.")


@strawberry.type(description="What became of a connection that the user has ended.")
class Disconnection:
    provider: str = strawberry.field(description="The provider's name here.")
    revoked: bool = strawberry.field(
        description="Whether the provider has taken the token back. If not, it is only forgotten here."
    )
    problem: str | None = strawberry.field(description="The code of the error that kept the provider from it, if any.")
