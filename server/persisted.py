"""Documents that a client names rather than sends: trusted ones, and those that were sent before.

Source: https://github.com/graphql/graphql-over-http/blob/main/spec/Appendix%20A%20--%20Persisted%20Documents.md and
https://www.apollographql.com/docs/apollo-server/performance/apq (automatic persisted queries)
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from sys import getsizeof

import orjson
from cachetools import LRUCache

from connectors.connector import ConfigurationError
from server.requests import GraphQLRequest
from server.settings import Settings

HASHED = "sha256:"
"""What an id begins with that is the hash of its document."""

ENTRY_BYTES = 500
"""What a text takes beside itself: its hash, and the objects of the cache."""


class Unknown(Exception):
    """A request for a document that we do not have, or do not take. `code` goes out as `extensions.code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Persisted:
    """`trusted` documents by id, and the latest of those that clients sent with their hash, `max_bytes` of them in all.

    With `only`, no document is taken that is not trusted, whether it is named or sent.
    """

    def __init__(
        self, trusted: Mapping[str, str] | None = None, *, only: bool = False, max_bytes: int = 4_000_000
    ) -> None:
        texts = dict(trusted or {})
        self._trusted = {hash_of(text): text for text in texts.values()} | texts
        self._only = only
        self._texts = frozenset(texts.values())
        self._sent: LRUCache[str, str] = LRUCache(max_bytes, getsizeof=_weight)

    def text_of(self, request: GraphQLRequest) -> str:
        """The document that a request is about. Raises `Unknown`."""
        named = request.document_id or request.sha256
        if named and not request.query:
            text = self._named(named.removeprefix(HASHED))
            if text is not None:
                return text
            if self._only:
                raise self._untrusted()
            raise Unknown("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        if self._only and request.query not in self._texts:
            raise self._untrusted()
        if request.sha256 is not None and hash_of(request.query) != request.sha256:
            raise Unknown("PERSISTED_QUERY_HASH_MISMATCH", "`sha256Hash` is not the SHA-256 of `query`.")
        return request.query

    def keep(self, request: GraphQLRequest) -> None:
        """Remember a document that was sent and turned out to be valid, if its hash came with it."""
        if request.sha256 is not None and _weight(request.query) <= self._sent.maxsize:
            self._sent[request.sha256] = request.query

    def _named(self, name: str) -> str | None:
        return self._trusted.get(name) or self._sent.get(name)

    def _untrusted(self) -> Unknown:
        return Unknown("DOCUMENT_NOT_TRUSTED", "Only documents that the operator has listed are run here.")


def _weight(text: str) -> int:
    return ENTRY_BYTES + getsizeof(text)


def hash_of(text: str) -> str:
    """SHA-256 in hexadecimal, of the text in UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def persisted(settings: Settings) -> Persisted:
    """As the operator wants it. Raises `ConfigurationError`."""
    if settings.trusted_only and settings.trusted_documents is None:
        raise ConfigurationError("PUNNET_TRUSTED_ONLY needs PUNNET_TRUSTED_DOCUMENTS beside it")
    trusted = read_trusted(settings.trusted_documents) if settings.trusted_documents else {}
    return Persisted(trusted, only=settings.trusted_only)


def read_trusted(path: Path) -> dict[str, str]:
    """The documents in a JSON file, by id. Raises `ConfigurationError` for anything else."""
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"PUNNET_TRUSTED_DOCUMENTS: {path} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"PUNNET_TRUSTED_DOCUMENTS: {path} is not JSON: {error}") from error
    if not (isinstance(found, dict) and all(isinstance(text, str) for text in found.values())):
        raise ConfigurationError(f"PUNNET_TRUSTED_DOCUMENTS: {path} must be an object of ids and documents")
    return found
