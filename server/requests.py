"""From an HTTP request to a GraphQL request, or to a precise refusal.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from server.media import is_json

PLAN = b"x-punnet-plan"
"""The header field, with the value 1, of a request that wants to see what it costs."""

TRACE = b"x-punnet-trace"
"""The header field, with the value 1, of a request that wants to see what became of its upstream calls."""

CACHE = b"x-punnet-cache"
"""The header field, with the value 1, of a request that wants to see what came from the cache, and how old it is."""

TIMEOUT = b"grpc-timeout"
"""The header field that says how long the client waits: the one that gateways from HTTP to gRPC take as well."""

AUTHORIZATION = b"authorization"

FIELDS = frozenset(
    (
        *(b"accept", b"content-type", b"content-encoding", b"content-length", b"x-request-id"),
        *(PLAN, TRACE, CACHE),
    )
)

PARAMETERS = {"query": str, "variables": dict, "operationName": str, "extensions": dict, "documentId": str}
NOUNS = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}


MOST_VALUES, MOST_LEVELS = 20_000, 200
"""How many values variables may have, each of which is checked, and how deep inside one another."""


class Refused(Exception):
    """An HTTP request that holds no GraphQL request we can run. `code` goes out as `extensions.code`."""

    def __init__(
        self, status: int, message: str, *, code: str = "BAD_REQUEST", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


class ClientGone(Exception):
    """Nobody waits for an answer any more."""


@dataclass(frozen=True)
class GraphQLRequest:
    """What a client wants run; `operation_name` picks one of several operations in `query`.

    The document may be named instead of sent, by `document_id` or by `sha256`, its hash: then `query` may be empty.
    """

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    document_id: str | None = None
    sha256: str | None = None


def from_parameters(parameters: Mapping[str, Any]) -> GraphQLRequest:
    """The request that decoded parameters make; those we do not know are ignored. Raises `Refused` (400)."""
    for name, kind in PARAMETERS.items():
        if parameters.get(name) is not None:
            _expect(kind, name, parameters[name])
    query, document_id, sha256 = parameters.get("query"), parameters.get("documentId"), _hash_in(parameters)
    if query is None and document_id is None and sha256 is None:
        raise Refused(400, "The parameter `query` is missing.")
    variables, operation_name = parameters.get("variables") or {}, parameters.get("operationName") or None
    _measure(variables)
    return GraphQLRequest(query or "", variables, operation_name, document_id, sha256)


def _measure(variables: dict[str, Any]) -> None:
    """Raises `Refused` (400) for more values, or deeper ones, than anybody sends who means well."""
    values = levels = 0
    row: list[Any] = [variables]
    while row := [inner for one in row if isinstance(one, (dict, list)) for inner in _inside(one)]:
        values += len(row)
        levels += 1
        if values > MOST_VALUES or levels > MOST_LEVELS:
            most = f"{MOST_VALUES:,} values at most, {MOST_LEVELS} levels deep"
            raise Refused(400, f"The parameter `variables` holds too much: {most}.")


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _hash_in(parameters: Mapping[str, Any]) -> str | None:
    """The hash of an automatic persisted query."""
    named = (parameters.get("extensions") or {}).get("persistedQuery")
    if named is None:
        return None
    _expect(dict, "extensions.persistedQuery", named)
    if named.get("version") != 1:
        raise Refused(400, "PersistedQueryNotSupported", code="PERSISTED_QUERY_NOT_SUPPORTED")
    _expect(str, "extensions.persistedQuery.sha256Hash", named.get("sha256Hash"))
    return str(named["sha256Hash"])


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """The request in the query of a URL, where maps are written as JSON. Raises `Refused` (400)."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Refused(400, "The query of the URL is not UTF-8 text.") from error
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            raise Refused(400, f"The parameter `{name[:40]}` is there more than once.")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _decoded(parameters[name], f"The parameter `{name}`")
    return from_parameters(parameters)


def header_fields(headers: Iterable[tuple[bytes, bytes]], wanted: Set[bytes] = FIELDS) -> dict[bytes, bytes]:
    """The `wanted` header fields of a request; one that is there twice is a list (RFC 9110, 5.3)."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in wanted:
            fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


async def json_body(fields: Mapping[bytes, bytes], receive: Receive, max_bytes: int) -> bytes:
    """The body of a request that says it is JSON. Raises `Refused` (413, 415) and `ClientGone`.

    Only JSON is taken: a browser sends it to another site with that site's consent only, which keeps forged
    requests out (CSRF).
    """
    if not is_json(fields.get(b"content-type", b"").decode("latin-1")):
        raise Refused(415, "The body must be JSON in UTF-8: Content-Type: application/json.")
    if fields.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refused(415, "The body must not be compressed.", headers={"Accept-Encoding": "identity"})
    return await bounded_body(fields, receive, max_bytes)


def from_body(body: bytes) -> GraphQLRequest:
    """The request in a JSON body. Raises `Refused` (400)."""
    parameters = _decoded(body, "The body")
    if isinstance(parameters, list):
        raise Refused(400, "The body is a list: send one request at a time, batches are not supported.")
    if not isinstance(parameters, dict):
        raise Refused(400, f"The body must be an object, not {_noun(parameters)}.")
    return from_parameters(parameters)


async def bounded_body(fields: Mapping[bytes, bytes], receive: Receive, max_bytes: int) -> bytes:
    """The body of a request, as it is. Raises `Refused` (413) and `ClientGone`."""
    length = fields.get(b"content-length", b"")
    if length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body"):
            return bytes(body)


def _too_large(max_bytes: int) -> Refused:
    message = f"The body is larger than {max_bytes} bytes."
    return Refused(413, message, code="PAYLOAD_TOO_LARGE", headers={"Connection": "close"})


def _decoded(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, f"{what} is not valid JSON in UTF-8 ({where}).") from error


def _expect(kind: type, name: str, value: Any) -> None:
    if not isinstance(value, kind):
        raise Refused(400, f"The parameter `{name}` must be {NOUNS[kind]}, not {_noun(value)}.")


def _noun(value: Any) -> str:
    return NOUNS.get(type(value), "null")
