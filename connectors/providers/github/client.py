"""GitHub's GraphQL API. What is selected of each object is the caller's to say, as Asks in GitHub's own names."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

from graphql import build_schema

from connectors.errors import (
    CursorExpired,
    NotAuthorized,
    NotFound,
    PayloadMismatch,
    RateLimited,
    UpstreamError,
    UpstreamRejected,
)
from connectors.protocols.graphql.answer import by_code, code_of
from connectors.protocols.graphql.ask import Ask
from connectors.protocols.graphql.client import GraphQL
from connectors.providers.github.payloads import (
    OrganizationPayload,
    RepositoryPayload,
    UserPayload,
)
from connectors.providers.github.points import points
from connectors.upstream import Endpoint

SDL = Path(__file__).with_name("schema.graphql").read_text()
SCHEMA = build_schema(SDL, assume_valid=True)  # a test of the sandbox looks whether it is

HEADERS = {"User-Agent": "punnet", "X-Github-Next-Global-ID": "1"}
"""GitHub wants to know who calls, and gives ids in their lasting form only when asked to. The API has no versions.

Source: https://docs.github.com/en/graphql/guides/migrating-graphql-global-node-ids
"""

PAUSE_S = 60.0
"""How long to wait where GitHub says that it is too much and not for how long.

Source: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

MAX_PAGE = 100
MAX_NODES = 100

Selection = tuple[Ask, ...]

Change = Literal[
    "addAssigneesToAssignable",
    "addComment",
    "addLabelsToLabelable",
    "closeIssue",
    "createIssue",
    "deleteIssueComment",
    "removeAssigneesFromAssignable",
    "removeLabelsFromLabelable",
    "reopenIssue",
    "updateIssue",
    "updateIssueComment",
]
CREATING: frozenset[Change] = frozenset(("addComment", "createIssue"))
"""What makes something new each time: GitHub gives `clientMutationId` back, and knows no repetitions by it."""

DELETING: frozenset[Change] = frozenset(("deleteIssueComment",))

CONTENT, CHANGES = "content", "changes"
"""The allowances of what makes something new, and of all other writes."""


class Forbidden(NotAuthorized):
    """The token is good, and may not do this one thing. `reason` is GitHub's word for it."""

    def __init__(self, upstream: str, operation: str, reason: str) -> None:
        super().__init__(upstream, operation, f"the token may not do this ({reason})")
        self.reason = reason


class Unprocessable(UpstreamRejected):
    """What was sent makes no sense to GitHub. `explanation` is GitHub's own text, for whoever sent it."""

    def __init__(self, upstream: str, operation: str, explanation: str | None) -> None:
        super().__init__(upstream, operation, status=200, reason="UNPROCESSABLE")
        self.explanation = explanation


class GitHubClient:
    """One scope's view of GitHub. What is asked for at the same time goes as one document and counts as one call.

    A call is named after the root fields it holds: `user`, `repository+viewer`. Parts that failed are error values in
    the payload. Every method raises `NotAuthorized` where the token does not reach, and `RateLimited`.
    """

    upstream = "github"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._graphql = GraphQL(endpoint, SCHEMA, headers=HEADERS, refusal=refusal, cost=points)

    async def viewer(self, select: Selection) -> UserPayload:
        """The user that the token belongs to.

        Source: https://docs.github.com/en/graphql/reference/queries#viewer
        """
        return cast(UserPayload, await self._graphql.ask(Ask("viewer", fields=select)))

    async def user(self, login: str, select: Selection) -> UserPayload | None:
        """A user by login, in any case of letters; `None` where there is none (an organization is none).

        Source: https://docs.github.com/en/graphql/reference/queries#user
        """
        return cast(UserPayload | None, await self._found(Ask("user", {"login": login}, select)))

    async def users(self, logins: Sequence[str], select: Selection) -> list[UserPayload | UpstreamError | None]:
        """Users in the order of their logins, asked as one document of up to 100; a failure is an error value.

        Source: https://docs.github.com/en/graphql/reference/queries#user
        """

        async def one(login: str) -> UserPayload | UpstreamError | None:
            try:
                return await self.user(login, select)
            except UpstreamError as error:
                return error

        return await asyncio.gather(*(one(login) for login in logins))

    async def organization(self, login: str, select: Selection) -> OrganizationPayload | None:
        """An organization by login; `None` where there is none.

        Source: https://docs.github.com/en/graphql/reference/queries#organization
        """
        return cast(OrganizationPayload | None, await self._found(Ask("organization", {"login": login}, select)))

    async def repository(self, owner: str, name: str, select: Selection) -> RepositoryPayload | None:
        """A repository by its owner's login and its name, renamed ones too; `None` where the token sees none.

        Source: https://docs.github.com/en/graphql/reference/queries#repository
        """
        return cast(
            RepositoryPayload | None, await self._found(Ask("repository", {"owner": owner, "name": name}, select))
        )

    async def nodes(self, ids: Sequence[str], type_: str, select: Selection) -> list[Any]:
        """Objects of one type in the order of their node ids, at most 100.

        `None` for a miss and for an object of another type, an error value for a failure.
        Source: https://docs.github.com/en/graphql/reference/queries#nodes
        """
        narrowed = tuple(replace(ask, on=type_) for ask in select)
        found = await self._graphql.ask(Ask("nodes", {"ids": list(ids)}, (Ask("__typename"), *narrowed)))
        if len(found) != len(ids):
            raise PayloadMismatch(self.upstream, "nodes", path="nodes", expected=f"{len(ids)} places")
        return [self._of_type(node, type_) for node in found]

    async def field(self, node_id: str, type_: str, field: Ask) -> Any:
        """One field of one object. `None` where GitHub gives null for it.

        Raises `NotFound` for an object that is gone, and the error that stands for the field.
        Source: https://docs.github.com/en/graphql/reference/queries#node
        """
        node = await self._graphql.ask(Ask("node", {"id": node_id}, (replace(field, on=type_),)))
        if node is None:
            raise NotFound(self.upstream, "node", status=200, reason="NOT_FOUND")
        if field.place not in node:
            raise PayloadMismatch(self.upstream, "node", path=field.name, expected="what was asked for")
        found = node[field.place]
        if isinstance(found, UpstreamError):
            raise found
        return found

    async def change(self, name: Change, given: Mapping[str, Any], select: Selection) -> dict[str, Any]:
        """What one of GitHub's mutations gives, of which `select` names the parts; `given` is its input.

        Raises `NotFound` where one of the ids is nobody's, `Forbidden` and `Unprocessable`. What a repetition finds
        gone after a lost answer has been deleted.
        Source: https://docs.github.com/en/graphql/reference/mutations
        """
        ask = Ask(name, {"input": dict(given)}, (Ask("clientMutationId"), *select))
        creates = name in CREATING
        try:
            payload = await self._graphql.mutate(ask, idempotent=not creates, bucket=CONTENT if creates else CHANGES)
        except NotFound:
            if name not in DELETING or not self._endpoint.in_doubt():
                raise
            payload = {"clientMutationId": given.get("clientMutationId")}
        if payload is None:
            raise PayloadMismatch(self.upstream, name, path=name, expected="an object")
        return cast(dict[str, Any], payload)

    async def _found(self, ask: Ask) -> Any:
        try:
            return await self._graphql.ask(ask)
        except NotFound:
            return None

    def _of_type(self, node: Any, type_: str) -> Any:
        if node is None or isinstance(node, NotFound):
            return None
        if isinstance(node, UpstreamError):
            return node
        if not isinstance(node, dict) or "__typename" not in node:
            return PayloadMismatch(self.upstream, "nodes", path="nodes", expected="objects with a `__typename`")
        return node if node["__typename"] == type_ else None


def refusal(upstream: str, operation: str, error: Mapping[str, Any]) -> UpstreamError:
    """GitHub's word for what went wrong, which stands in `type`."""
    code = code_of(error)
    if code == "RATE_LIMITED":
        return RateLimited(upstream, operation, retry_after_s=PAUSE_S)
    if code == "INVALID_CURSOR_ARGUMENTS":
        return CursorExpired(upstream, operation)
    if code in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        return Forbidden(upstream, operation, code)
    if code == "UNPROCESSABLE":
        message = error.get("message")
        return Unprocessable(upstream, operation, message if isinstance(message, str) else None)
    return by_code(upstream, operation, error)
