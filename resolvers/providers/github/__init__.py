"""How GitHub's part of the graph gets its values."""

from resolvers.providers.github.events import fields

__all__ = ["fields"]
