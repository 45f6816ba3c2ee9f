"""What Slack's answers mean: most of its errors come under HTTP 200, as `{"ok": false, "error": ...}`.

Source: https://docs.slack.dev/apis/web-api#responses and https://docs.slack.dev/apis/web-api/rate-limits
"""

import httpx2
import orjson

from connectors.judgement import FINE, Outcome, Verdict, by_status, patience_s

OUT_OF_REACH = frozenset(
    "access_denied ekm_access_denied enterprise_is_restricted missing_scope no_permission not_allowed_token_type "
    "org_login_required team_access_not_granted two_factor_setup_required".split()
)
"""The token is good, and does not reach this far."""

UNAUTHORIZED = OUT_OF_REACH | frozenset("account_inactive invalid_auth not_authed token_expired token_revoked".split())
"""The token is refused, here or everywhere."""

THROTTLED = frozenset(("ratelimited", "rate_limited"))

GONE = frozenset(("file_deleted",))
"""Words for "not found" beside those that say so."""

FAILED = frozenset(("fatal_error", "internal_error", "service_unavailable"))
"""Slack is broken."""

IN_DOUBT = frozenset(("fatal_error", "internal_error"))
"""Some of what was to be done may have been, by Slack's own words."""


def judge(response: httpx2.Response, now: float) -> Verdict:
    """The verdict of HTTP, and of the `error` in an answer that is not `ok`."""
    if response.status_code != 200 or b'"ok":true' in response.content[:12]:
        return by_status(response, now)
    reason = reason_of(response.content)
    if reason is None:
        return FINE
    if reason in THROTTLED:
        return Verdict(Outcome.THROTTLED, reason, patience_s(response, now))
    if reason in UNAUTHORIZED:
        return Verdict(Outcome.UNAUTHORIZED, reason)
    if reason in FAILED:
        return Verdict(Outcome.FAILED, reason, patience_s(response, now), in_doubt=reason in IN_DOUBT)
    if reason.endswith("_not_found") or reason in GONE:
        return Verdict(Outcome.NOT_FOUND, reason)
    return Verdict(Outcome.REJECTED, reason)


def reason_of(content: bytes) -> str | None:
    """The code of an answer's error; `None` where it has none."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(answer, dict) or answer.get("ok") is not False:
        return None
    error = answer.get("error")
    return error if isinstance(error, str) and error else "unknown_error"
