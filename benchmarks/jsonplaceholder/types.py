"""The types of the public workload, under its own names."""

import strawberry


@strawberry.type(description="Somebody who writes posts.")
class User:
    id: int = strawberry.field(description="The number of the user.")
    name: str = strawberry.field(description="First and last name.")
    username: str = strawberry.field(description="The name to log in with.")
    email: str = strawberry.field(description="The email address.")
    phone: str | None = strawberry.field(description="A telephone number, as the user wrote it.")
    website: str | None = strawberry.field(description="A host name.")


@strawberry.type(description="A post.")
class Post:
    id: int = strawberry.field(description="The number of the post.")
    user_id: int = strawberry.field(description="The number of its author.")
    title: str = strawberry.field(description="The headline.")
    body: str = strawberry.field(description="The text, its lines separated by line feeds.")
