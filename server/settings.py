"""What the operator decides: `PUNNET_...` variables, with defaults that suit one machine."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from connectors.connector import ConfigurationError, checked_url
from connectors.database import Database
from connectors.webhooks.outbox.records import OutboxPolicy
from connectors.wires.dialing import LOOPBACK
from schema.execution.limits import Limits

PREFIX = "PUNNET_"

WORDS = {
    "value_error": "{error}",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be 1 or 0",
    "greater_than": "must be more than {gt:,.0f}",
    "greater_than_equal": "must be {ge:,.0f} or more",
    "less_than_equal": "must be {le:,.0f} or less",
    "too_short": "must have {min_length} characters or more",
    "string_pattern_mismatch": "must be of the form {pattern}",
    "literal_error": "must be {expected}",
}
"""What pydantic's kinds of errors mean to an operator."""


class Settings(BaseModel):
    """Each field is the variable of its name in capitals, with `PUNNET_` in front.

    `allowed_hosts` are the names that requests may be for (this machine's own and `host` if unset, any where `host` is
    every address), `allowed_origins` the sites whose pages may ask; both separated by commas.
    `return_urls` are pages of yours, separated by commas: users who connected an account may be sent back to these and
    to what is below them.
    `cursor_secret` seals cursors; replicas that share clients need the same, unset it is new in every process.
    `database_url` is SQLite's or PostgreSQL's, used only where something must outlive the process; `encryption_key` (32
    bytes in base64, or several, separated by commas: the first one encrypts) keeps secrets in it unreadable.
    `redis_url` is the Redis or Valkey that replicas have in common; unset, each process keeps to itself.
    `cache_rules` is a TOML file that says how long answers of the upstreams may be used: see `connectors/rules.py`.
    `public_url` is where browsers and senders of webhooks reach us: for users who come back, and for those who sign it;
    `webhook_tolerance_s` is how far from now a webhook may have been signed, `webhook_max_body_bytes` how large it may
    be.
    `request_timeout_s` bounds an operation with all its upstream calls. `share_queries` lets identical queries in
    flight share one execution; answers that would be the same again are kept in `memory_bytes`, 0 keeps none.
    `workers` are processes. `log_format` follows the terminal if unset; `log_level` is the least of what is logged,
    and each request is an `info`.

    `max_tokens` to `max_upstream_calls` are what `Limits` says. `explain` lets clients ask what a query costs, `trace`
    how its calls went.
    `users_secret` (for HS256) or `users_key_file` (a public key in PEM, or a JWK set, for RS256 and ES256) checks the
    tokens by which users show who they are, in the header field `users_header`; a token must be for `users_audience`
    and by `users_issuer` where these are set. Without a key there is one user.
    Who shows `operator_token` may see how the upstreams are; unset, nobody may, and the graph does not have it.
    Where there is an `encryption_key` as well, operators register endpoints that webhooks are sent to. Each attempt may
    take `webhook_timeout_s`; `webhook_schedule_s` are the waits after failed ones, separated by commas;
    `webhook_concurrency` deliveries are under way to one endpoint at a time; what has ended is known for
    `webhook_retention_days`. `allow_private_addresses` lets endpoints be on this machine and in private networks, for
    development.
    `metrics` opens `/metrics` to everyone; unset, it is open where nobody but this machine is let in. Where it is
    closed, the operator's token opens it.
    `trusted_documents` is a JSON file with documents by their ids; `trusted_only` refuses all others.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    allowed_hosts: str | None = None
    allowed_origins: str | None = None
    return_urls: str | None = None
    sandbox: bool = False
    cursor_secret: SecretStr = Field(default_factory=lambda: SecretStr(secrets.token_hex()))
    database_url: SecretStr = SecretStr("sqlite:///punnet.sqlite3")
    encryption_key: SecretStr = SecretStr("")
    redis_url: SecretStr | None = None
    cache_rules: Path | None = None
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#@]+$")
    webhook_tolerance_s: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    webhook_max_body_bytes: int = Field(default=25 * 1024 * 1024, ge=1024)
    request_timeout_s: float = Field(default=30.0, gt=0, le=600, allow_inf_nan=False)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_tokens: int = Field(default=5_000, ge=1)
    max_depth: int = Field(default=20, ge=1, le=50)
    max_aliases: int = Field(default=100, ge=0)
    max_comparisons: int = Field(default=60_000, ge=0)
    max_upstream_calls: int = Field(default=1_000, ge=0)
    explain: bool = True
    trace: bool = True
    users_secret: SecretStr | None = Field(default=None, min_length=32)
    users_key_file: Path | None = None
    users_header: str = Field(default="Authorization", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    users_audience: str | None = None
    users_issuer: str | None = None
    operator_token: SecretStr | None = Field(default=None, min_length=16)
    webhook_timeout_s: float = Field(default=15.0, gt=0, le=60, allow_inf_nan=False)
    webhook_schedule_s: tuple[Annotated[float, Field(gt=0, le=30 * 86400)], ...] = (60, 300, 1500, 7200, 36000)
    webhook_concurrency: int = Field(default=10, ge=1, le=100)
    webhook_retention_days: float = Field(default=30.0, gt=0, le=3650)
    allow_private_addresses: bool = False
    metrics: bool | None = None
    trusted_documents: Path | None = None
    trusted_only: bool = False
    share_queries: bool = True
    memory_bytes: int = Field(default=16 * 1024 * 1024, ge=0)
    workers: int = Field(default=1, ge=1, le=256)
    graphiql: bool = True
    log_format: Literal["json", "console"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("webhook_schedule_s", mode="before")
    @classmethod
    def _are_waits(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: SecretStr) -> SecretStr:
        Database(value.get_secret_value())
        return value

    @field_validator("return_urls")
    @classmethod
    def _are_urls(cls, value: str | None) -> str | None:
        for url in (value or "").split(",") if value else ():
            checked_url("each", url.strip())
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        from redis.asyncio.connection import parse_url  # loads OpenTelemetry's SDK

        try:
            parse_url(value.get_secret_value())
        except ValueError:
            raise ValueError("must be a redis://, rediss:// or unix:// address") from None
        return value

    @property
    def private(self) -> bool:
        """Whether nobody but this machine is let in."""
        return self.host in LOOPBACK and not self.allowed_hosts

    @property
    def metrics_open(self) -> bool:
        """Whether `/metrics` is there for everyone who is let in."""
        return self.private if self.metrics is None else self.metrics

    @property
    def returns(self) -> tuple[str, ...]:
        """The `return_urls` one by one."""
        return tuple(url.strip() for url in self.return_urls.split(",")) if self.return_urls else ()

    @property
    def sends_webhooks(self) -> bool:
        """Whether there are operators to register endpoints, and a key to seal their secrets with."""
        return bool(self.operator_token and self.encryption_key.get_secret_value())

    @property
    def outbox(self) -> OutboxPolicy:
        """How webhooks are sent."""
        return OutboxPolicy(
            schedule_s=self.webhook_schedule_s,
            timeout_s=self.webhook_timeout_s,
            at_once=self.webhook_concurrency,
            retention_s=self.webhook_retention_days * 86400,
            allow_private=self.allow_private_addresses,
        )

    @property
    def limits(self) -> Limits:
        """How large an operation may be."""
        return Limits(
            tokens=self.max_tokens,
            depth=self.max_depth,
            aliases=self.max_aliases,
            comparisons=self.max_comparisons,
            calls=self.max_upstream_calls,
        )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; an empty variable counts as unset.

    Raises `ConfigurationError` that names each variable with a bad value, never the value.
    """
    variables = {name: environment.get(PREFIX + name.upper()) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in variables.items() if value})
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_said, error.errors()))) from error


def _said(fault: Mapping[str, Any]) -> str:
    """What is wrong with a variable, where it has several values: with which of them."""
    name, *place = fault["loc"]
    words = WORDS.get(fault["type"], "must be something else").format_map(fault.get("ctx", {}))
    return f"{PREFIX}{str(name).upper()}: {''.join(f'value {int(n) + 1} ' for n in place)}{words}"
