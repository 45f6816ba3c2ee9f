"""The page where users let an app into their account, as PayPal has it."""

from connectors.sandbox.authorization import Dialect, Taking

USERS = {
    "PAYPAL_CLIENT_ID": "punnet-paypal-app",
    "PAYPAL_CLIENT_SECRET": "punnet-paypal-users",
    "PAYPAL_SCOPES": "openid email https://uri.paypal.com/services/invoicing",
}

DIALECT = Dialect(
    title="PayPal",
    client_id=USERS["PAYPAL_CLIENT_ID"],
    client_secret=USERS["PAYPAL_CLIENT_SECRET"],
    authorize="/signin/authorize",
    token="/v1/oauth2/token",  # noqa: S106
    taking=Taking(path="/v1/oauth2/token/terminate"),
    prefixes=("A21AA-users-", "R23AA-users-", None),
    pkce=False,
    lifetime_s=28_800,
)
