"""From the environment to a store of tokens."""

from typing import TYPE_CHECKING

from connectors.database import Database

if TYPE_CHECKING:
    from connectors.auth.seal import Seal
    from connectors.auth.store.sql import SqlTokens
    from connectors.auth.store.sql_vouchers import SqlVouchers


def opened(database: Database, keys: str) -> "SqlTokens":
    """The store in `database`, sealed with `keys`. It loads SQLAlchemy, so it is opened where it is needed only.

    Raises `ConfigurationError` without keys: tokens are never written in the clear.
    """
    from connectors.auth.store.sql import SqlTokens

    return SqlTokens(database, _seal(keys))


def vouchers_in(database: Database, keys: str) -> "SqlVouchers":
    """The vouchers in `database`. Raises as `opened` does."""
    from connectors.auth.store.sql_vouchers import SqlVouchers

    return SqlVouchers(database, _seal(keys))


def _seal(keys: str) -> "Seal":
    from connectors.auth.seal import HOW_TO_MAKE_ONE, Seal
    from connectors.connector import ConfigurationError

    if not keys:
        raise ConfigurationError(
            f"PUNNET_ENCRYPTION_KEY must be set where tokens of users are to be kept: {HOW_TO_MAKE_ONE}"
        )
    try:
        return Seal(keys)
    except ValueError as error:
        raise ConfigurationError(f"PUNNET_ENCRYPTION_KEY: {error}") from error
