"""What both dialects of the sandbox share: sessions, queries that are being read, and the records."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.clock import Clock
from connectors.providers.salesforce.ids import suffix
from connectors.providers.salesforce.sandbox.soql import Result, run
from connectors.providers.salesforce.sandbox.store import Record, Store, Table

USERNAME = "gateway@sandbox.example"
PASSWORD = "sandbox-password"  # noqa: S105  # of the sandbox, which anyone may use
SECURITY_TOKEN = "SandboxToken"  # noqa: S105
ORGANIZATION = "00DgK0000000001"
USER = "005gK0000000001"
LAST_LOGIN_VERSION = 64.0
LOCATOR_LIFE = timedelta(days=2)
MIN_BATCH, MAX_BATCH = 200, 2000
MESSAGES = {
    "INVALID_LOGIN": "Invalid username, password, security token; or user locked out.",
    "INVALID_SESSION_ID": "Session expired or invalid",
    "INVALID_QUERY_LOCATOR": "invalid query locator",
    "NOT_FOUND": "The requested resource does not exist",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "SERVER_UNAVAILABLE": "Server unavailable, try again later.",
}


@dataclass(eq=False)
class Problem(Exception):
    """A refusal of a whole call, in either dialect. `row` and `column` are a query's."""

    code: str
    message: str = ""
    row: int = -1
    column: int = -1

    @property
    def text(self) -> str:
        return self.message or MESSAGES.get(self.code, self.code)


@dataclass(frozen=True)
class Listing:
    """What a query locator stands for."""

    result: Result
    expires_at: float


@dataclass(frozen=True)
class Batch:
    """One batch of a query's rows. `locator` finds the next, `None` at the end."""

    result: Result
    rows: tuple[Record, ...]
    locator: str | None


class Org:
    """One org. Every method but `now` raises `Problem`; queries raise `QueryFault` too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self.sessions: set[str] = set()
        self._logins = 0
        self._listings: dict[str, Listing] = {}

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)

    def log_in(self, version: str, username: str, password: str) -> str:
        """A new session id."""
        if float(version) > LAST_LOGIN_VERSION:
            message = f"The SOAP Login operation is not available in the API version specified ({version})."
            raise Problem("INVALID_OPERATION", message)
        if (username, password) != (USERNAME, PASSWORD + SECURITY_TOKEN):
            raise Problem("INVALID_LOGIN")
        self._logins += 1
        session = f"{ORGANIZATION}!AQ.sandbox.{self._logins}"
        self.sessions.add(session)
        return session

    def authorize(self, session: str | None) -> None:
        if session not in self.sessions:
            raise Problem("INVALID_SESSION_ID")

    def end_sessions(self) -> None:
        self.sessions.clear()

    def forget_locators(self) -> None:
        self._listings.clear()

    def begin(self, soql: str, size: int) -> Batch:
        """The first batch of a query."""
        result = run(self.store, soql)
        if len(result.rows) <= size:
            return Batch(result, result.rows, None)
        name = f"01ggK{len(self._listings):010}"
        name += suffix(name)
        self._listings[name] = Listing(result, self._clock.time() + LOCATOR_LIFE.total_seconds())
        return self.go_on(f"{name}-0", size)

    def go_on(self, locator: str, size: int) -> Batch:
        """The batch that a locator stands for: the query's id, and the number of rows in front of it."""
        name, _, start = locator.rpartition("-")
        listing = self._listings.get(name)
        if listing is None or not start.isdigit() or self._clock.time() >= listing.expires_at:
            raise Problem("INVALID_QUERY_LOCATOR")
        rows, end = listing.result.rows, int(start) + size
        return Batch(listing.result, rows[int(start) : end], f"{name}-{end}" if end < len(rows) else None)

    def table(self, kind: str) -> Table:
        table = self.store.table(kind)
        if table is None:
            raise Problem("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        return table

    def external_id(self, table: Table, name: str) -> str:
        """The column by which records are found instead of by their id."""
        column = table.column(name)
        if column is None or not (table.columns[column].external_id or column == "Id"):
            raise Problem("INVALID_FIELD", f"Field name provided, {name} is not an External ID or indexed field")
        return column


def batch_size(asked: str | None, default: int) -> int:
    """What a caller may have: 200 to 2,000 records."""
    return min(max(int(asked), MIN_BATCH), MAX_BATCH) if asked and asked.isdigit() else default
