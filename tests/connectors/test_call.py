"""What an answer is evicted by."""

import pytest

from connectors.call import Call


@pytest.mark.parametrize(
    ("operation", "about", "tags"),
    [
        ("customers.get", ("cus_1",), {"*", "customers.*", "customers.get", "cus_1"}),
        ("conversations.history.list", (), {"*", "conversations.history.*", "conversations.history.list"}),
        ("query", (), {"*", "query"}),
        ("node+viewer", (), {"*", "node", "viewer"}),
    ],
)
def test_an_answer_is_evicted_by_its_operation_its_kind_and_what_it_is_about(
    operation: str, about: tuple[str, ...], tags: set[str]
) -> None:
    assert set(Call(operation=operation, safe=True, about=about).tags) == tags
