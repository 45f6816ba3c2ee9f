"""What a request says of who sent it, beside the operation."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from hmac import compare_digest
from math import inf
from typing import TYPE_CHECKING

from connectors.call import APP, Scope
from connectors.clock import Clock
from connectors.connector import ConfigurationError, Connector
from server.requests import AUTHORIZATION, TIMEOUT, Refused
from server.users import ANONYMOUS, NOBODY, ONE_USER, User, Users, users_from

if TYPE_CHECKING:
    from server.settings import Settings

TIMEOUT_VALUE = re.compile(rb"([0-9]{1,8})([HMSmun])")
UNITS_S = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


@dataclass(frozen=True, slots=True)
class Caller:
    """`timeout_s` is how long they wait for an answer. An `operator` has shown the operator's token.

    `user` is whose tokens their calls go out with, until `expires_at` (Unix time in seconds). `passed` are the header
    fields that they want upstreams to get; `principal` tells apart who asks, and who sends which of these.
    """

    timeout_s: float = inf
    operator: bool = False
    user: str = APP
    principal: str = APP
    expires_at: float = inf
    passed: Mapping[str, str] = field(default_factory=dict, repr=False)

    def scope(self, *, began: float, deadline: float) -> Scope:
        """What upstream calls on their behalf carry."""
        return Scope(principal=self.principal, user=self.user, began=began, deadline=deadline, headers=self.passed)


ANYONE = Caller()
STRANGER = Caller(user=ANONYMOUS, principal=ANONYMOUS)


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Who shows `operator_token` is an operator. Where there are `users`, each shows who they are.

    The header fields in `passes` are for upstreams.
    """

    operator_token: bytes | None = None
    users: Users | None = None
    passes: Set[bytes] = frozenset()

    @cached_property
    def fields(self) -> Set[bytes]:
        """The header fields that say something of the caller."""
        return {TIMEOUT, AUTHORIZATION, *self.passes, *((self.users.header,) if self.users else ())}

    def of(self, fields: Mapping[bytes, bytes]) -> Caller:
        """Who sent a request with these header fields. Raises `Refused` (400; 401 for a user who is none).

        No upstream gets the operator's token, though it gets that field of others.
        """
        timeout, authorization = fields.get(TIMEOUT), fields.get(AUTHORIZATION)
        operator = shows(authorization, self.operator_token)
        passed = {name: fields[name] for name in sorted(self.passes) if name in fields} if self.passes else {}
        if operator:
            passed.pop(AUTHORIZATION, None)
        user = self._user(fields, operator)
        if timeout is None and not operator and not passed and user in (ONE_USER, NOBODY):
            return ANYONE if user is ONE_USER else STRANGER
        return Caller(
            user=user.name,
            principal=principal_of(user.name, passed),
            expires_at=user.expires_at,
            passed={name.decode("latin-1"): value.decode("latin-1") for name, value in passed.items()},
            timeout_s=inf if timeout is None else timeout_in(timeout),
            operator=operator,
        )

    def _user(self, fields: Mapping[bytes, bytes], operator: bool) -> User:
        if self.users is None:
            return ONE_USER
        shown = fields.get(self.users.header)
        if shown is None or (operator and self.users.header == AUTHORIZATION):
            return NOBODY
        return self.users.shown_by(shown)


def principal_of(user: str, passed: Mapping[bytes, bytes]) -> str:
    """A name for a user, or for whoever has these secrets beside, that tells nothing of them."""
    if not passed:
        return user
    told = b"".join(b"%d:%b%d:%b" % (len(name), name, len(value), value) for name, value in passed.items())
    return f"client:{blake2b(told, digest_size=16, key=blake2b(user.encode()).digest()).hexdigest()}"


def timeout_in(value: bytes) -> float:
    """The seconds that `grpc-timeout` says. Raises `Refused` (400).

    Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
    """
    written = TIMEOUT_VALUE.fullmatch(value)
    if not written or not int(written[1]):
        message = "`grpc-timeout` must be a number from 1 to 99999999 with a unit, such as 500m (ms) or 2S (seconds)."
        raise Refused(400, message)
    return int(written[1]) * UNITS_S[written[2]]


def shows(authorization: bytes | None, token: bytes | None) -> bool:
    """Whether a header shows `token`; how long that takes to say does not tell how much of it was right."""
    if authorization is None or token is None:
        return False
    scheme, _, shown = authorization.partition(b" ")
    return scheme.lower() == b"bearer" and compare_digest(shown.strip(), token)


def callers_from(settings: "Settings", connectors: Iterable[Connector], clock: Clock) -> Callers:
    """How callers are told apart. Raises `ConfigurationError` where upstreams would get the tokens of our users."""
    users = users_from(settings, clock.time)
    passes = frozenset(there.passes.encode("latin-1") for there in connectors if there.passes)
    if users and users.header in passes:
        raise ConfigurationError(
            f"PUNNET_USERS_HEADER must not be {settings.users_header}: its value goes on to an upstream"
        )
    token = settings.operator_token.get_secret_value().encode() if settings.operator_token else None
    return Callers(operator_token=token, users=users, passes=passes)
