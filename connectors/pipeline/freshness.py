"""For how long an answer may be used again, by HTTP and by the manifest. Pure decisions; times are Unix times.

Entries belong to one principal, so the rules are those of a private cache: `private` and `s-maxage` do not concern us.
Source: RFC 9111 (HTTP caching) and RFC 5861 (stale answers).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from connectors.headers import date
from connectors.judgement import Outcome
from connectors.policy import OperationCache

DIRECTIVE = re.compile(r'([\w!#$%&\'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?')

MOST_S = 2.0**31
"""What stands for all longer times (RFC 9111, section 1.2.2)."""

NOT_RENEWED = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "set-cookie",
        "transfer-encoding",
    )
)
"""Headers of a 304 that say nothing about the answer it confirms (RFC 9111, sections 3.1 and 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """An answer that its origin made at `born` is fresh for `fresh_s` seconds.

    After that it may be used for `refreshing_s` while a newer one is fetched, and for `failing_s` where none is to be
    had. Where it comes from the future, as the clock has been set back, it is taken to be as old as it is far away.
    """

    born: float
    fresh_s: float
    refreshing_s: float = 0.0
    failing_s: float = 0.0

    def age_s(self, now: float) -> float:
        return abs(now - self.born)

    def stale_s(self, now: float) -> float:
        """For how long it has been stale; 0 while it is fresh."""
        return max(0.0, self.age_s(now) - self.fresh_s)

    def fresh(self, now: float) -> bool:
        """RFC 9111, section 4.2."""
        return self.age_s(now) < self.fresh_s

    def good_while_refreshing(self, now: float) -> bool:
        """RFC 5861, section 3."""
        return self.age_s(now) <= self.fresh_s + self.refreshing_s and self.refreshing_s > 0

    def good_while_failing(self, now: float) -> bool:
        """RFC 5861, section 4."""
        return self.age_s(now) <= self.fresh_s + self.failing_s and self.failing_s > 0

    @property
    def over_at(self) -> float:
        """From when on it is of no use unless the upstream confirms it."""
        return self.born + self.fresh_s + max(self.refreshing_s, self.failing_s)


def freshness(
    headers: Mapping[str, str], outcome: Outcome, rule: OperationCache, *, asked: float, received: float
) -> Freshness | None:
    """For how long an answer may be used that was asked for and received at these times; `None` if not at all.

    `headers` are named in lower case. What the answer says goes over the `rule`, unless the rule insists.
    Source: RFC 9111, sections 3, 4.2 and 4.2.4.
    """
    if "*" in headers.get("vary", ""):
        return None
    told = {} if rule.insists else directives(headers.get("cache-control", ""))
    if "no-store" in told:
        return None
    fresh_s = None if rule.insists else lifetime_s(headers, told, received)
    if fresh_s is None:
        born, fresh_s = asked, rule.negative_ttl_s if outcome is Outcome.NOT_FOUND else rule.ttl_s
    else:
        born = received - initial_age_s(headers, asked=asked, received=received)
    if outcome is Outcome.NOT_FOUND or "no-cache" in told or "must-revalidate" in told:
        return Freshness(born=born, fresh_s=fresh_s)
    return Freshness(
        born=born,
        fresh_s=fresh_s,
        refreshing_s=_seconds(told, "stale-while-revalidate", rule.stale_while_revalidate_s),
        failing_s=_seconds(told, "stale-if-error", rule.stale_if_error_s),
    )


def lifetime_s(headers: Mapping[str, str], told: Mapping[str, str], received: float) -> float | None:
    """The freshness lifetime that an answer gives itself; `None` if it says nothing of it.

    What cannot be read is taken for stale. Source: RFC 9111, sections 4.2.1 and 5.3.
    """
    if "no-cache" in told or (not told and "no-cache" in headers.get("pragma", "")):
        return 0.0
    if "max-age" in told:
        return _seconds(told, "max-age", 0.0)
    if "expires" in headers:
        expires = date(headers["expires"])
        made = date(headers.get("date", ""))
        return 0.0 if expires is None else max(0.0, expires - (received if made is None else made))
    return None


def initial_age_s(headers: Mapping[str, str], *, asked: float, received: float) -> float:
    """How old an answer is on its arrival. Source: RFC 9111, section 4.2.3."""
    made = date(headers.get("date", ""))
    apparent_s = 0.0 if made is None else max(0.0, received - made)
    age = headers.get("age", "")
    told_s = min(float(age), MOST_S) if age.isascii() and age.isdecimal() else 0.0
    return max(apparent_s, told_s + received - asked)


def directives(cache_control: str) -> dict[str, str]:
    """The directives of a `Cache-Control` field, in lower case; the first counts where one is repeated.

    Source: RFC 9111, sections 4.2.1 and 5.2.
    """
    told: dict[str, str] = {}
    for name, quoted, plain in DIRECTIVE.findall(cache_control):
        told.setdefault(name.lower(), quoted or plain)
    return told


def validators(headers: Mapping[str, str]) -> dict[str, str]:
    """The request headers that ask whether an answer still holds. Source: RFC 9111, section 4.3.1."""
    asking = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {question: headers[name] for question, name in asking if name in headers}


def renewed(kept: httpx2.Headers, confirmation: httpx2.Headers) -> httpx2.Headers:
    """The headers of a kept answer after a 304 confirmed it, which says how old it is now.

    Source: RFC 9111, sections 3.2 and 4.3.4.
    """
    fresh = httpx2.Headers([pair for pair in kept.multi_items() if pair[0] != "age"])
    for name, value in confirmation.items():
        if name not in NOT_RENEWED:
            fresh[name] = value
    return fresh


def _seconds(told: Mapping[str, str], name: str, otherwise: float) -> float:
    """A number of seconds; 0 for what is no number."""
    if name not in told:
        return otherwise
    return min(float(told[name]), MOST_S) if told[name].isascii() and told[name].isdecimal() else 0.0
