from datetime import datetime
from math import ceil

from graphql import GraphQLError

from connectors.database import Unwritable
from connectors.errors import RateLimited
from resolvers.errors import presented
from tests.clock import FakeClock


def test_a_text_that_the_database_has_no_place_for_is_bad_input() -> None:
    error = GraphQLError("a text must be without NUL", original_error=Unwritable("a text must be without NUL"))

    shown = presented(error, FakeClock())
    assert shown == {"message": "a text must be without NUL", "extensions": {"code": "BAD_USER_INPUT"}}


def test_who_tries_again_at_the_second_that_is_said_does_not_come_too_early() -> None:
    clock = FakeClock()
    clock.advance(0.2)
    error = GraphQLError("", original_error=RateLimited("toy", "things.list", retry_after_s=10))

    retry_at = str(presented(error, clock)["extensions"]["retryAt"])

    assert datetime.fromisoformat(retry_at).timestamp() == ceil(clock.time() + 10) > clock.time() + 10
