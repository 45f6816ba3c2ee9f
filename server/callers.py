"""What a request says of who sent it, beside the operation."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from hmac import compare_digest
from math import inf

from server.requests import AUTHORIZATION, TIMEOUT, Refused

TIMEOUT_VALUE = re.compile(rb"([0-9]{1,8})([HMSmun])")
UNITS_S = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


@dataclass(frozen=True, slots=True)
class Caller:
    """`timeout_s` is how long they wait for an answer. An `operator` has shown the operator's token.

    `passed` are the header fields that they want upstreams to get; `principal` tells apart who sends which.
    """

    timeout_s: float = inf
    operator: bool = False
    principal: str = "app"
    passed: Mapping[str, str] = field(default_factory=dict, repr=False)


ANYONE = Caller()


def caller_of(fields: Mapping[bytes, bytes], operator_token: bytes | None, passes: Set[bytes] = frozenset()) -> Caller:
    """Who sent a request with these header fields. Raises `Refused` (400).

    Those in `passes` are for upstreams, but for the operator's token: no upstream gets that.
    """
    timeout, authorization = fields.get(TIMEOUT), fields.get(AUTHORIZATION)
    operator = shows(authorization, operator_token)
    passed = {name: fields[name] for name in sorted(passes) if name in fields} if passes else {}
    if operator:
        passed.pop(AUTHORIZATION, None)
    if timeout is None and authorization is None and not passed:
        return ANYONE
    return Caller(
        principal=principal_of(passed),
        passed={name.decode("latin-1"): value.decode("latin-1") for name, value in passed.items()},
        timeout_s=inf if timeout is None else timeout_in(timeout),
        operator=operator,
    )


def principal_of(passed: Mapping[bytes, bytes]) -> str:
    """A name for whoever has these secrets, that tells nothing of them."""
    if not passed:
        return "app"
    told = b"".join(b"%d:%b%d:%b" % (len(name), name, len(value), value) for name, value in passed.items())
    return f"client:{blake2b(told, digest_size=16).hexdigest()}"


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
