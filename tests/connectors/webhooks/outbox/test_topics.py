import pytest

from connectors.webhooks.outbox.topics import covers, is_topic


@pytest.mark.parametrize(
    "text", ["*", "stripe.*", "stripe.charge.refunded", "stripe.charge.*", "shopify.orders/create"]
)
def test_a_topic_is_a_type_or_what_is_below_a_name_or_everything(text: str) -> None:
    assert is_topic(text)


@pytest.mark.parametrize(
    "text", ["", ".", "*.*", "stripe*", "*.refunded", "stripe.*.refunded", "stripe.", ".stripe", "a b", "ü", "x" * 201]
)
def test_nothing_else_is_one(text: str) -> None:
    assert not is_topic(text)


@pytest.mark.parametrize(
    ("topics", "covered"),
    [
        (["*"], True),
        (["stripe.*"], True),
        (["stripe.charge.*"], True),
        (["github.push", "stripe.charge.refunded"], True),
        (["stripe.charge"], False),
        (["strip.*", "stripe.charge.refunded.*", "stripe.charge.refundedx"], False),
        ([], False),
    ],
)
def test_topics_cover_what_they_name(topics: list[str], covered: bool) -> None:
    assert covers(topics, "stripe.charge.refunded") is covered
