"""What the API sends.

Source: https://jsonplaceholder.typicode.com/guide/
"""

from typing import TypedDict


class PostPayload(TypedDict):
    """A post; `userId` is its author's."""

    id: int
    userId: int
    title: str
    body: str


class UserPayload(TypedDict):
    """An author; of address and company nothing is read."""

    id: int
    name: str
    username: str
    email: str
    phone: str
    website: str
