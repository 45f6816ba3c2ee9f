"""What SendGrid's answers mean.

Source: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses and
https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
"""

import re
from dataclasses import replace

import httpx2
import orjson

from connectors.judgement import Outcome, Verdict, by_status, patience_s, ratelimit_headers

FIELD = re.compile(r"[A-Za-z_][\w.\[\]-]{0,99}")
"""What a field's name looks like: an error that names one is told by it, as its message may quote the request."""


def judge(response: httpx2.Response, now: float) -> Verdict:
    """HTTP's own meaning, but for a key without the scope (403) and the wait after a 429, which ends at a moment."""
    status = response.status_code
    quota = ratelimit_headers(response, now)
    if status < 300:
        return Verdict(Outcome.OK, quota=quota)
    if status == 403:
        return Verdict(Outcome.UNAUTHORIZED, "the key lacks the scope")
    if status == 429:
        return Verdict(Outcome.THROTTLED, "HTTP 429", patience_s(response, now), quota=quota)
    verdict = by_status(response, now)
    return replace(verdict, reason=field_of(response) or verdict.reason)


def field_of(response: httpx2.Response) -> str | None:
    """The first field that SendGrid finds fault with, such as `personalizations.0.to`; `None` where it names none."""
    try:
        field = orjson.loads(response.content)["errors"][0]["field"]
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    return field if isinstance(field, str) and FIELD.fullmatch(field) else None
