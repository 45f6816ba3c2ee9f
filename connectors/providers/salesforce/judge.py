"""Salesforce answers every refusal with a SOAP fault, nearly always under HTTP 500; the code says what it means.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import httpx2

from connectors.judgement import Outcome, Verdict, by_status, retry_after_s
from connectors.protocols.soap.faults import fault_of
from connectors.protocols.soap.xml import NotXml, UnsafeXml

OUTCOMES = {
    "INVALID_SESSION_ID": Outcome.UNAUTHORIZED,
    "INVALID_LOGIN": Outcome.UNAUTHORIZED,
    "LOGIN_MUST_USE_SECURITY_TOKEN": Outcome.UNAUTHORIZED,
    "LOGIN_DURING_RESTRICTED_DOMAIN": Outcome.UNAUTHORIZED,
    "LOGIN_DURING_RESTRICTED_TIME": Outcome.UNAUTHORIZED,
    "PASSWORD_LOCKOUT": Outcome.UNAUTHORIZED,
    "PASSWORD_EXPIRED": Outcome.UNAUTHORIZED,
    "ORG_LOCKED": Outcome.UNAUTHORIZED,
    "REQUEST_LIMIT_EXCEEDED": Outcome.THROTTLED,
    "SERVER_UNAVAILABLE": Outcome.FAILED,
    "UNABLE_TO_LOCK_ROW": Outcome.FAILED,
    "QUERY_TIMEOUT": Outcome.FAILED,
    "UNKNOWN_EXCEPTION": Outcome.FAILED,
}


def judge(response: httpx2.Response, now: float) -> Verdict:
    """By the fault's code; a code not listed above is a refusal that repeating does not change.

    `REQUEST_LIMIT_EXCEEDED` comes without a wait.
    """
    try:
        fault = fault_of(response)
    except (NotXml, UnsafeXml) as error:
        markup = "html" in response.headers.get("content-type", "")
        unsafe = isinstance(error, UnsafeXml) and not markup
        return Verdict(Outcome.REJECTED, "unsafe XML") if unsafe else by_status(response, now)
    if fault is None:
        return by_status(response, now)
    outcome = OUTCOMES.get(fault.reason)
    if outcome is None:
        outcome = Outcome.REJECTED if response.status_code in (200, 500) else by_status(response, now).outcome
    return Verdict(outcome, fault.reason, retry_after_s(response.headers.get("retry-after"), now))
