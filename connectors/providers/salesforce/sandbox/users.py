"""The page where users let an app into their org, as Salesforce has it."""

from typing import Any

from connectors.sandbox.authorization import Dialect, Issued, Taking, plain

USERS = {"SALESFORCE_CLIENT_ID": "3MVG9punnet", "SALESFORCE_CLIENT_SECRET": "punnet-salesforce-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """With the address of the org, and without an end."""
    told = plain(issued, None, address)
    identity = f"{address}/id/00DgK0000000001/005gK{issued.person.index:010}"
    return {**told, "instance_url": address, "id": identity, "signature": "c2lnbmF0dXJl", "issued_at": "1767225600000"}


DIALECT = Dialect(
    title="Salesforce",
    client_id=USERS["SALESFORCE_CLIENT_ID"],
    client_secret=USERS["SALESFORCE_CLIENT_SECRET"],
    authorize="/services/oauth2/authorize",
    token="/services/oauth2/token",  # noqa: S106
    taking=Taking(path="/services/oauth2/revoke", open=True),
    prefixes=("00DgK0000000001!users.", "5Aep861users", None),
    lifetime_s=7_200,
    answer=answer,
)
