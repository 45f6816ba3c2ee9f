"""Whether spans are made, and where they go: the standard variables of OpenTelemetry say so.

Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.connector import ConfigurationError

if TYPE_CHECKING:
    from server.spans import Tracing

PROTOCOL = "http/protobuf"


def traces_endpoint(environment: Mapping[str, str]) -> str | None:
    """The address that spans are sent to; `None` where there is none, or tracing is switched off."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    base = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    return environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (base and f"{base.rstrip('/')}/v1/traces")


def tracing_from(environment: Mapping[str, str]) -> "Tracing | None":
    """Tracing where the environment asks for it. Raises `ConfigurationError` for a protocol that is not spoken here."""
    endpoint = traces_endpoint(environment)
    if not endpoint:
        return None
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if environment.get(name, PROTOCOL) != PROTOCOL:
            raise ConfigurationError(f"{name}: only {PROTOCOL} is spoken here")
    from server.spans import exported  # takes a tenth of the whole start to import

    return exported(endpoint, environment)
