"""What a document uses up of GitHub's budget.

Source: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import Iterable

from connectors.protocols.graphql.ask import Ask

REQUESTS_PER_POINT = 100


def points(asks: Iterable[Ask]) -> float:
    """A hundredth of the requests that it takes to fill every list, each page as full as asked for; at least 1."""
    return max(1, round(_requests(asks, 1) / REQUESTS_PER_POINT))


def _requests(asks: Iterable[Ask], times: int) -> int:
    """What is asked `times` times, as its parents are the nodes of lists."""
    total = 0
    for ask in asks:
        size = ask.arguments.get("first") or ask.arguments.get("last")
        total += times if size else 0
        total += _requests(ask.fields, times * size if size else times)
    return total
