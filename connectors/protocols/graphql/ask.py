"""What is asked of a GraphQL upstream, in its own names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ask:
    """One field: its name, the values of its arguments, and the fields asked of what it gives.

    Values are JSON's, enum values are plain strings; every value that is in `arguments` is sent, `None` too. `key` is
    the name that the answer has it under, by default its own. `on` asks for it only where its parent is of that type.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: "tuple[Ask, ...]" = ()
    key: str = ""
    on: str = ""

    @property
    def place(self) -> str:
        """The name that the answer has it under."""
        return self.key or self.name
