from graphql import GraphQLError

from connectors.database import Unwritable
from resolvers.errors import presented
from tests.clock import FakeClock


def test_a_text_that_the_database_has_no_place_for_is_bad_input() -> None:
    error = GraphQLError("a text must be without NUL", original_error=Unwritable("a text must be without NUL"))

    shown = presented(error, FakeClock())
    assert shown == {"message": "a text must be without NUL", "extensions": {"code": "BAD_USER_INPUT"}}
