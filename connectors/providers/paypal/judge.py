"""What PayPal's answers mean.

Source: https://developer.paypal.com/api/rest/responses/ and https://developer.paypal.com/api/rest/reference/rate-limiting/
"""

import re
from dataclasses import replace

import httpx2
import orjson

from connectors.judgement import Outcome, Verdict, by_status

CODE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
"""What PayPal's names of errors and issues look like. Descriptions beside them may quote the request."""


def judge(response: httpx2.Response, now: float) -> Verdict:
    """HTTP's own meaning, with PayPal's issue as the reason; missing permission (403) is a matter of credentials."""
    verdict = by_status(response, now)
    if verdict.outcome is Outcome.OK:
        return verdict
    outcome = Outcome.UNAUTHORIZED if response.status_code == 403 else verdict.outcome
    return replace(verdict, outcome=outcome, reason=issue_of(response) or verdict.reason)


def issue_of(response: httpx2.Response) -> str | None:
    """The first issue that PayPal details, else the error's name; `None` where there is neither."""
    try:
        body = orjson.loads(response.content)
        details = body.get("details") or [{}]
        words = [details[0].get("issue"), body.get("name"), body.get("error")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return next((word for word in words if isinstance(word, str) and CODE.fullmatch(word)), None)
