"""What Google Calendar's answers mean.

Source: https://developers.google.com/workspace/calendar/api/guides/errors
"""

import re
from dataclasses import replace

import httpx2
import orjson

from connectors.judgement import Outcome, Verdict, by_status

THROTTLES = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"))
"""Reasons under which Google means 429 and often says 403. None of them says for how long."""

REASON = re.compile(r"[a-zA-Z.]{1,60}")


def judge(response: httpx2.Response, now: float) -> Verdict:
    """HTTP's own meaning, but that 403 is a throttle or a missing permission, by its reason."""
    verdict = by_status(response, now)
    if verdict.outcome is Outcome.OK:
        return verdict
    reason = reason_of(response)
    outcome = verdict.outcome
    if response.status_code == 403:
        outcome = Outcome.THROTTLED if reason in THROTTLES else Outcome.UNAUTHORIZED
    return replace(verdict, outcome=outcome, reason=reason or verdict.reason)


def reason_of(response: httpx2.Response) -> str | None:
    """The reason of the first error in the envelope; `None` where there is none."""
    try:
        reason = orjson.loads(response.content)["error"]["errors"][0]["reason"]
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else None
