"""Errors that are about the client's request, with stable codes. The message says what and where."""

from typing import ClassVar


class Problem(Exception):
    """A request we cannot serve as it is. `code` appears as `extensions.code`."""

    code: ClassVar[str] = "BAD_USER_INPUT"


class BadInput(Problem):
    """An argument that is of the right type and still makes no sense."""


class InvalidCursor(Problem):
    """A cursor that we did not make, or not for this list with these arguments."""

    code = "INVALID_CURSOR"


class BackwardPaginationUnsupported(Problem):
    """`last` on a list whose upstream only reads forward."""

    code = "BACKWARD_PAGINATION_UNSUPPORTED"


class Forbidden(Problem):
    """Something that only operators may see."""

    code = "FORBIDDEN"


class TooSlow(Problem):
    """Whoever follows events does not keep up with them."""

    code = "SUBSCRIBER_TOO_SLOW"


class EventsUnavailable(Problem):
    """Events that do not come to this gateway."""

    code = "EVENTS_UNAVAILABLE"
