from connectors.protocols.graphql.ask import Ask
from connectors.providers.github.points import points

LABELS = Ask("labels", {"first": 60})
ISSUES = Ask("issues", {"first": 50}, (LABELS,))
REPOSITORIES = Ask("repositories", {"first": 100}, (ISSUES,))


def test_the_example_in_githubs_manual() -> None:
    assert points([Ask("viewer", fields=(REPOSITORIES,))]) == 51


def test_nothing_is_free() -> None:
    assert points([Ask("viewer", fields=(Ask("login"),))]) == 1
