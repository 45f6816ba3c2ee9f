"""Topics: which events an endpoint is told of."""

import re
from collections.abc import Iterable

TOPIC = re.compile(r"\*|[!-)+-~]{1,200}(\.\*)?")


def is_topic(text: str) -> bool:
    """Whether it is a type of events (`stripe.charge.refunded`), all below a name (`stripe.*`), or everything (`*`)."""
    return TOPIC.fullmatch(text) is not None and (text == "*" or text[0] != "." != text[-1])


def covers(topics: Iterable[str], type: str) -> bool:
    """Whether events of a type are among `topics`."""
    return any(
        topic in ("*", type) or (topic.endswith(".*") and type.startswith(topic.removesuffix("*"))) for topic in topics
    )
