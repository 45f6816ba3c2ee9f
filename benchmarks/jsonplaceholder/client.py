"""The API's operations."""

import os
from collections.abc import Sequence
from typing import cast

from benchmarks.jsonplaceholder.payloads import PostPayload, UserPayload
from connectors.protocols.rest import Rest, encoded
from connectors.upstream import Endpoint

POSTS_PATH = os.environ.get("POSTS_PATH") or "/posts"
"""Where the posts are: upstreams with more of them have other paths."""


class JsonPlaceholderClient:
    """Posts and users, unpaged.

    Source: https://jsonplaceholder.typicode.com/guide/
    """

    upstream = "jsonplaceholder"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    async def list_posts(self) -> list[PostPayload]:
        """All posts, in the order of their ids."""
        return cast(list[PostPayload], await self._rest.get(POSTS_PATH, operation="posts.list"))

    async def list_posts_by_id(self, ids: Sequence[int]) -> list[PostPayload]:
        """The posts with these ids that there are, and perhaps others too."""
        path = f"{POSTS_PATH}?{encoded([('id', str(id)) for id in ids])}"
        return cast(list[PostPayload], await self._rest.get(path, operation="posts.list_by_id"))

    async def list_users(self) -> list[UserPayload]:
        """All users, in the order of their ids."""
        return cast(list[UserPayload], await self._rest.get("/users", operation="users.list"))

    async def list_users_by_id(self, ids: Sequence[int]) -> list[UserPayload]:
        """The users with these ids that there are, and perhaps others too."""
        path = f"/users?{encoded([('id', str(id)) for id in ids])}"
        return cast(list[UserPayload], await self._rest.get(path, operation="users.list_by_id"))
