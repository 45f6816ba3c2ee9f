"""From the environment to a store of tokens."""

from typing import TYPE_CHECKING

from connectors.database import Database

if TYPE_CHECKING:
    from connectors.auth.store.sql import SqlTokens


def opened(database: Database, keys: str) -> "SqlTokens":
    """The store in `database`, sealed with `keys`. It loads SQLAlchemy, so it is opened where it is needed only.

    Raises `ConfigurationError` without keys: tokens are never written in the clear.
    """
    from connectors.auth.seal import HOW_TO_MAKE_ONE, Seal
    from connectors.auth.store.sql import SqlTokens
    from connectors.connector import ConfigurationError

    if not keys:
        raise ConfigurationError(
            f"PUNNET_ENCRYPTION_KEY must be set where tokens of users are to be kept: {HOW_TO_MAKE_ONE}"
        )
    try:
        return SqlTokens(database, Seal(keys))
    except ValueError as error:
        raise ConfigurationError(f"PUNNET_ENCRYPTION_KEY: {error}") from error
