"""GitHub, emulated: the schema that we use, executed over what `invented` holds, with GitHub's limits and errors."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    parse,
    validate,
    value_from_ast_untyped,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.protocols.graphql.document import operation_name, roots_of
from connectors.providers.github.changes import CREATING, Changes
from connectors.providers.github.client import SCHEMA
from connectors.providers.github.invented import Hub, stamp
from connectors.providers.github.listing import Node, Refused
from connectors.providers.github.sandbox_users import DIALECT
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

TOKEN = "ghp_" + "PunnetSandbox" * 3
DOCS = "https://docs.github.com/graphql"

POINTS = 5000
WINDOW_S = 3600
MAX_NODES = 500_000
CREATED_A_MINUTE = 80


class GitHubSandbox(Sandbox):
    """One address, `POST /graphql`. An operation is named after its root fields, sorted and joined: `user+viewer`.

    `points` are those that are left in the current hour of `time`, a Unix clock. `hub` holds the data.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.hub = Hub(people)
        self.points = POINTS
        self.time: Callable[[], float] = time.time
        self._reset_at = 0
        self._created: list[float] = []
        self._changes = Changes(self.hub, self._written_time).roots()
        self.tokens = {TOKEN}
        self.authorization = AuthorizationServer(DIALECT, people, self.tokens, now=lambda: self.time())

    @property
    def routes(self) -> Sequence[Route]:
        return (Route("/graphql", self._answer_document, methods=["POST"], name="graphql"),)

    async def operation(self, request: Request, route: Route) -> str:
        try:
            return operation_name(roots_of(parsed(orjson.loads(await request.body())["query"])))
        except (orjson.JSONDecodeError, TypeError, KeyError, GraphQLError):
            return route.name

    def failure(self, status: int) -> Response:
        if status == 401:
            return JSONResponse({"message": "Bad credentials", "documentation_url": DOCS, "status": "401"}, status)
        if status < 500:
            message = {404: "Not Found", 403: "Resource not accessible by personal access token"}.get(status, "Refused")
            return JSONResponse({"message": message, "documentation_url": DOCS, "status": str(status)}, status)
        message = "Something went wrong while executing your query. This may be the result of a timeout."
        return JSONResponse({"data": None, "errors": [{"message": message}]}, status)

    def throttled(self, retry_after_s: float) -> Response:
        """The primary limit, which comes under 200 and says when the next hour begins."""
        reset_at = math.ceil(self.time() + retry_after_s)
        body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for the token's user."}]}
        return JSONResponse(body, headers=self._limits(remaining=0, reset_at=reset_at))

    def expire(self) -> Response:
        return self.failure(401)

    async def _answer_document(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not request.headers.get("user-agent"):
            return JSONResponse({"message": "Request forbidden by administrative rules."}, 403)
        if scheme.lower() not in ("bearer", "token") or token not in self.tokens:
            return self.failure(401)
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return JSONResponse({"message": "Problems parsing JSON", "documentation_url": DOCS, "status": "400"}, 400)
        query = body.get("query") if isinstance(body, dict) else None
        if not isinstance(query, str):
            return self._json({"errors": [{"message": "A query attribute must be specified and must be a string."}]})
        variables = body.get("variables") or {}
        try:
            document = parsed(query)
        except GraphQLSyntaxError as error:
            return self._json({"errors": [_entry(error)]})
        faults = faults_in(query)
        if faults:
            return self._json({"errors": [_entry(fault) for fault in faults]})
        return self._run(document, variables)

    def _run(self, document: DocumentNode, variables: Mapping[str, Any]) -> Response:
        requests, nodes = _Cost(document, variables).total()
        if nodes > MAX_NODES:
            limit = f"which exceeds the maximum limit of {MAX_NODES:,}."
            message = f"This query requests up to {nodes:,} possible nodes {limit}"
            return self._json({"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}]})
        cost = max(1, round(requests / 100))
        self._renew()
        if self.points < cost:
            return self.throttled(self._reset_at - self.time())
        writes = is_mutation(document)
        if writes and self._creates_too_much(document):
            return self._too_much()
        self.points -= cost
        roots = self._changes if writes else self._roots(cost, nodes)
        result = execute_sync(SCHEMA, document, roots, variable_values=dict(variables))
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_entry(error) for error in result.errors]
        return self._json(answer)

    def _creates_too_much(self, document: DocumentNode) -> bool:
        """Whether this would be too much that is new within a minute; if not, it is noted."""
        new = sum(name in CREATING for name in roots_of(document))
        now = self.time()
        self._created = [moment for moment in self._created if moment > now - 60]
        if len(self._created) + new > CREATED_A_MINUTE:
            return True
        self._created += [now] * new
        return False

    def _too_much(self) -> Response:
        """The secondary limit, of which the headers say nothing but how long to wait."""
        message = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
        return JSONResponse({"message": message, "documentation_url": DOCS}, 403, headers={"retry-after": "60"})

    def _written_time(self) -> str:
        return stamp(datetime.fromtimestamp(self.time(), UTC))

    def _roots(self, cost: int, nodes: int) -> dict[str, Any]:
        hub = self.hub
        limit = {
            "cost": cost,
            "limit": POINTS,
            "nodeCount": nodes,
            "remaining": self.points,
            "used": POINTS - self.points,
            "resetAt": datetime.fromtimestamp(self._reset_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

        def node_or_error(id: str) -> Node | Refused:
            try:
                return hub.node(id)
            except Refused as error:
                return error

        return {
            "viewer": hub.viewer,
            "rateLimit": lambda info, dryRun: limit,
            "user": lambda info, login: hub.account("User", login),
            "organization": lambda info, login: hub.account("Organization", login),
            "repository": lambda info, owner, name, followRenames: hub.repository(owner, name),
            "node": lambda info, id: hub.node(id),
            "nodes": lambda info, ids: [node_or_error(id) for id in ids],
        }

    def _renew(self) -> None:
        if self.time() >= self._reset_at:
            self._reset_at, self.points = math.ceil(self.time()) + WINDOW_S, POINTS

    def _json(self, body: Mapping[str, Any]) -> Response:
        self._renew()
        return JSONResponse(body, headers=self._limits(remaining=self.points, reset_at=self._reset_at))

    def _limits(self, *, remaining: int, reset_at: int) -> dict[str, str]:
        return {
            "cache-control": "no-cache",
            "x-ratelimit-limit": str(POINTS),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-used": str(POINTS - remaining),
            "x-ratelimit-reset": str(reset_at),
            "x-ratelimit-resource": "graphql",
        }


@lru_cache(maxsize=256)
def parsed(query: str) -> DocumentNode:
    """A document, parsed once: this server takes its time for that. Raises `GraphQLSyntaxError`."""
    return parse(query)


@lru_cache(maxsize=256)
def faults_in(query: str) -> list[GraphQLError]:
    """What is wrong with a document that can be parsed."""
    return validate(SCHEMA, parsed(query))


def is_mutation(document: DocumentNode) -> bool:
    """Whether a document writes."""
    operations = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return any(one.operation is OperationType.MUTATION for one in operations)


class _Cost:
    """How many requests for lists a document comes to, and how many nodes it may give: every page as full as asked for.

    Source: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._document = document
        self._variables = variables
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._requests = 0
        self._nodes = 0

    def total(self) -> tuple[int, int]:
        """Requests and nodes."""
        for definition in self._document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._add(definition.selection_set, 1)
        return self._requests, self._nodes

    def _add(self, selections: SelectionSetNode | None, times: int) -> None:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                size = self._size(selection)
                if size is not None:
                    self._requests += times
                    self._nodes += times * size
                self._add(selection.selection_set, times if size is None else times * size)
            elif isinstance(selection, InlineFragmentNode):
                self._add(selection.selection_set, times)
            elif isinstance(selection, FragmentSpreadNode):
                self._add(self._fragments[selection.name.value].selection_set, times)

    def _size(self, field: FieldNode) -> int | None:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                value = value_from_ast_untyped(argument.value, dict(self._variables))
                return max(0, value) if isinstance(value, int) else None
        return None


def _entry(error: GraphQLError) -> dict[str, Any]:
    """One of `errors`: GitHub's own refusals have a `type`."""
    entry = dict(error.formatted)
    if isinstance(error.original_error, Refused):
        entry = {"type": error.original_error.type, **entry}
    return entry
