"""How the sandbox reads parameters; the client's own encoder is the oracle."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.protocols.rest import flattened
from connectors.providers.stripe.sandbox.parameters import nested

NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
WORDS = st.text(max_size=8)
VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.dictionaries(NAMES, inner, min_size=1, max_size=3)
        | st.lists(WORDS, min_size=1, max_size=3)
        | st.lists(st.dictionaries(NAMES, inner, min_size=1, max_size=3), min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_flattened_can_be_nested_again(parameters: dict[str, object]) -> None:
    assert nested(flattened(parameters)) == parameters


def test_lists_may_be_numbered() -> None:
    assert nested([("expand[1]", "b"), ("expand[0]", "a")]) == {"expand": ["a", "b"]}


def test_keys_of_metadata_may_be_digits() -> None:
    assert nested([("metadata[0]", "a")]) == {"metadata": {"0": "a"}}
