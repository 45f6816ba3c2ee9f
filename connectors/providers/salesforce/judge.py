"""Salesforce answers every refusal with a SOAP fault, nearly always under HTTP 500; the code says what it means.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

from dataclasses import replace

import httpx2

from connectors.judgement import Outcome, Verdict, by_status
from connectors.protocols.soap.faults import by_fault

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

    `REQUEST_LIMIT_EXCEEDED` comes without a wait. HTTP says more than an unlisted code where its status is not 500.
    """
    verdict = by_fault(response, now)
    if verdict.reason in OUTCOMES:
        return Verdict(OUTCOMES[verdict.reason], verdict.reason, in_doubt=verdict.reason == "UNKNOWN_EXCEPTION")
    if response.status_code >= 400 and response.status_code != 500:
        return replace(verdict, outcome=by_status(response, now).outcome, retry=None)
    return replace(verdict, retry=None)
