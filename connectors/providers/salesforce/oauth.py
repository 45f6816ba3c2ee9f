"""How users let us into their Salesforce orgs.

Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm and
https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_revoke_token.htm
"""

import httpx2

from connectors.auth.oauth2 import users
from connectors.auth.session import Session
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.errors import PayloadMismatch
from connectors.providers.salesforce.login import signed, trusted
from connectors.providers.salesforce.partner import SOAP_PATH
from connectors.upstream import Given

BASE_URL = "https://login.salesforce.com/services/oauth2"
SCOPES = "api refresh_token"


def by_users(given: Given) -> StoredAuth:
    """Each user's own session, at the address of their org. An answer does not say when it ends.

    Where the app rotates its refresh tokens, one is good once.
    """
    asked = httpx2.URL(given.moved(f"{BASE_URL}/token"))

    def at_instance(request: httpx2.Request, token: Token) -> httpx2.Request:
        """The request in the user's session, if its address may be trusted with one."""
        address = token.more.get("instance_url")
        if not isinstance(address, str) or not trusted(address, asked):
            expected = "an https address of Salesforce"
            raise PayloadMismatch("salesforce", "oauth2.token", path="instance_url", expected=expected)
        return signed(request, Session(token.access_token, address.rstrip("/") + SOAP_PATH))

    return users(
        given,
        authorization_url=f"{BASE_URL}/authorize",
        token_url=f"{BASE_URL}/token",
        client_id=given["SALESFORCE_CLIENT_ID"],
        client_secret=given["SALESFORCE_CLIENT_SECRET"],
        authentication="client_secret_post",
        scopes=tuple(given.get("SALESFORCE_SCOPES", SCOPES).split()),
        revocation_url=f"{BASE_URL}/revoke",
        account=org_of,
        sign=at_instance,
    )


def org_of(token: Token) -> str | None:
    """The host of the user's org."""
    address = token.more.get("instance_url")
    try:
        return httpx2.URL(address).host or None if isinstance(address, str) else None
    except httpx2.InvalidURL:
        return None
