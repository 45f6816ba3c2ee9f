"""What Prometheus is told at `/metrics`.

Requests and calls are counted where they end, in plain integers (`RequestTally`, `Tally`); only who asks pays for
writing them down. Source: https://prometheus.io/docs/practices/naming/ and
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from connectors.connector import Connector
from connectors.pipeline.circuit import State
from connectors.pipeline.tally import Histogram, OperationTally
from connectors.webhooks.hub import Hub
from connectors.webhooks.outbox.tally import OutboxTally
from connectors.webhooks.tally import InboxTally
from server.tally import RequestTally

STATES: tuple[State, ...] = ("closed", "open", "half-open")

Labels = Sequence[str]
Values = Iterable[tuple[Labels, float]]


class Metrics:
    """The page. `requests` are by transport, `connectors` by upstream; `hub` has the events that are followed.

    `outbox` counts the webhooks that are sent, `inbox` those that come in.

    `worker`, where there are several, names this process: whoever of them is asked tells of itself only.
    """

    def __init__(
        self,
        requests: Mapping[str, RequestTally],
        connectors: Mapping[str, Connector],
        worker: str | None = None,
        hub: Hub | None = None,
        outbox: OutboxTally | None = None,
        inbox: InboxTally | None = None,
    ) -> None:
        self._requests = requests
        self._connectors = connectors
        self._worker = worker
        self._hub = hub
        self._outbox = outbox
        self._inbox = inbox
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def page(self, accept: str) -> tuple[bytes, str]:
        """The page and its media type: OpenMetrics for who prefers it, else the text format of Prometheus."""
        encode, media_type = choose_encoder(accept)
        return encode(_OfWorker(self._registry, self._worker) if self._worker else self._registry), media_type

    def collect(self) -> Iterator[Metric]:
        """Everything counted so far; `prometheus_client` asks for it."""
        yield from self._of_requests()
        yield from self._of_operations()
        yield from self._of_upstreams()
        if self._hub:
            yield from self._of_events(self._hub)
        if self._outbox:
            yield from _of_outbox(self._outbox)
        if self._inbox:
            yield from _of_inbox(self._inbox)

    def _of_requests(self) -> Iterator[Metric]:
        requests = self._requests.items()
        yield _counter(
            "punnet_graphql_requests",
            "GraphQL requests that have been answered, by status as HTTP has it.",
            ("transport", "kind", "status"),
            (
                ((transport, kind, str(status)), count)
                for transport, tally in requests
                for (kind, status), count in tally.ended.items()
            ),
        )
        yield _histogram(
            "punnet_graphql_request_duration_seconds",
            "How long GraphQL requests took.",
            ("transport", "kind"),
            (
                ((transport, kind), durations)
                for transport, tally in requests
                for kind, durations in tally.durations.items()
            ),
        )
        yield _counter(
            "punnet_graphql_errors",
            "Errors in answers.",
            ("transport", "code"),
            (((transport, code), count) for transport, tally in requests for code, count in tally.errors.items()),
        )
        yield _counter(
            "punnet_graphql_executions",
            "GraphQL requests by the execution that answered them: their own, one shared, or one remembered.",
            ("transport", "execution"),
            (
                ((transport, execution), count)
                for transport, tally in requests
                for execution, count in tally.executions.items()
            ),
        )
        yield _gauge(
            "punnet_graphql_requests_in_flight",
            "GraphQL requests that wait for their answer.",
            ("transport",),
            (((transport,), tally.in_flight) for transport, tally in requests),
        )

    def _of_operations(self) -> Iterator[Metric]:
        """What is known of each operation of each upstream."""
        operations: list[tuple[tuple[str, str], OperationTally]] = [
            ((upstream, operation), tally)
            for upstream, connector in self._connectors.items()
            for operation, tally in connector.vitals.tally.operations.items()
        ]
        labels = ("upstream", "operation")
        yield _histogram(
            "punnet_upstream_call_duration_seconds",
            "How long calls took that were sent, with all their attempts and waits.",
            labels,
            ((names, tally.durations) for names, tally in operations),
        )
        yield _counter(
            "punnet_upstream_calls",
            "Calls by their outcome: of the answer, or the code of an error.",
            (*labels, "outcome"),
            (((*names, outcome), n) for names, tally in operations for outcome, n in tally.outcomes.items()),
        )
        yield _counter(
            "punnet_upstream_cache",
            "Calls by what the cache did for them.",
            (*labels, "result"),
            (((*names, result), n) for names, tally in operations for result, n in tally.cache.items()),
        )
        yield _counter(
            "punnet_upstream_retries",
            "Attempts beyond each call's first.",
            labels,
            ((names, tally.retries) for names, tally in operations),
        )
        yield _counter(
            "punnet_upstream_wait_seconds",
            "Time that calls waited for their turn and between attempts.",
            labels,
            ((names, tally.waited_s) for names, tally in operations),
        )
        yield _counter(
            "punnet_upstream_answer_bytes",
            "The size of the answers.",
            labels,
            ((names, tally.bytes) for names, tally in operations),
        )

    def _of_upstreams(self) -> Iterator[Metric]:
        """The state that the stages of each upstream are in, over all credentials."""
        upstreams = self._connectors.items()
        states: Counter[tuple[str, State]] = Counter()
        flying: Counter[tuple[str, str]] = Counter()
        waiting: Counter[tuple[str, str]] = Counter()
        for name, connector in upstreams:
            now = connector.clock.now()
            states.update({(name, state): 0 for state in STATES})
            states.update((name, circuit.state(now)) for circuit in connector.vitals.circuits.values())
            for (_, one), queue in connector.vitals.queues.items():
                bucket = one.partition(":")[0]
                flying[name, bucket] += queue.flying
                waiting[name, bucket] += queue.waiting
        yield _gauge(
            "punnet_circuits",
            "Circuit breakers by state, one for each credential and one for fetching them.",
            ("upstream", "state"),
            states.items(),
        )
        labels = ("upstream", "bucket")
        yield _gauge("punnet_upstream_calls_in_flight", "Calls sent and not answered.", labels, flying.items())
        yield _gauge("punnet_upstream_calls_waiting", "Calls that wait for their turn.", labels, waiting.items())
        yield _counter(
            "punnet_circuits_opened",
            "How often circuit breakers opened.",
            ("upstream",),
            (((name,), there.vitals.tally.openings) for name, there in upstreams),
        )
        yield _counter(
            "punnet_credentials_fetched",
            "How often new credentials were fetched.",
            ("upstream",),
            (((name,), there.vitals.tally.credentials) for name, there in upstreams),
        )
        yield _gauge(
            "punnet_cache_entries",
            "Answers that are kept in this process.",
            ("upstream",),
            (((name,), there.answers.count) for name, there in upstreams),
        )
        yield _gauge(
            "punnet_cache_bytes",
            "What they take in memory, about.",
            ("upstream",),
            (((name,), there.answers.weight) for name, there in upstreams),
        )

    def _of_events(self, hub: Hub) -> Iterator[Metric]:
        labels = ("provider",)
        yield _gauge(
            "punnet_event_subscribers",
            "Subscriptions that follow events of a provider.",
            labels,
            (((provider,), count) for provider, count in hub.subscribers.items()),
        )
        yield _counter(
            "punnet_events_published",
            "Events that this process gave to subscribers, wherever these are.",
            labels,
            (((provider,), count) for provider, count in hub.published.items()),
        )
        yield _counter(
            "punnet_event_subscribers_dropped",
            "Subscriptions that were ended because more events waited for them than may.",
            labels,
            (((provider,), count) for provider, count in hub.dropped.items()),
        )


def _of_outbox(tally: OutboxTally) -> Iterator[Metric]:
    yield _counter(
        "punnet_webhook_attempts",
        "Attempts to deliver a webhook, by outcome.",
        ("outcome",),
        (((outcome,), count) for outcome, count in tally.attempts.items()),
    )
    yield _histogram(
        "punnet_webhook_attempt_duration_seconds",
        "How long attempts to deliver a webhook took.",
        (),
        [((), tally.latencies)],
    )
    yield _gauge(
        "punnet_webhook_deliveries",
        "Webhooks on their way, and those whose last attempt failed, in all processes.",
        ("state",),
        (((state,), count) for state, count in tally.deliveries.items()),
    )


def _of_inbox(tally: InboxTally) -> Iterator[Metric]:
    yield _counter(
        "punnet_webhooks_received",
        "Events that came in and were stored.",
        ("provider",),
        (((provider,), count) for provider, count in tally.received.items()),
    )
    yield _counter(
        "punnet_webhooks_duplicates",
        "Events that came in and were there already.",
        ("provider",),
        (((provider,), count) for provider, count in tally.duplicates.items()),
    )
    yield _counter(
        "punnet_webhooks_refused",
        "Deliveries from which nothing was taken.",
        ("provider", "reason"),
        tally.refused.items(),
    )
    yield _counter(
        "punnet_webhook_events_left_out",
        "Events that could not be read, in deliveries from which others were taken.",
        ("provider",),
        (((provider,), count) for provider, count in tally.left_out.items()),
    )
    yield _counter(
        "punnet_webhook_events",
        "Events that are over: handled, superseded by later ones, or parked after the last attempt.",
        ("provider", "state"),
        tally.ended.items(),
    )
    yield _counter(
        "punnet_webhook_event_failures",
        "Attempts to handle an event that failed.",
        ("provider",),
        (((provider,), count) for provider, count in tally.failures.items()),
    )
    yield _histogram(
        "punnet_webhook_event_duration_seconds",
        "The time from the receipt of an event until it was handled.",
        ("provider",),
        (((provider,), durations) for provider, durations in tally.durations.items()),
    )


class _OfWorker(Collector):
    """What a registry has, every sample with the label `worker`."""

    def __init__(self, registry: CollectorRegistry, worker: str) -> None:
        self._registry = registry
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [one._replace(labels={**one.labels, "worker": self._worker}) for one in family.samples]
            yield family


def _counter(name: str, text: str, labels: Labels, values: Values) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for names, value in values:
        family.add_metric(names, value)
    return family


def _gauge(name: str, text: str, labels: Labels, values: Values) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for names, value in values:
        family.add_metric(names, value)
    return family


def _histogram(name: str, text: str, labels: Labels, values: Iterable[tuple[Labels, Histogram]]) -> Metric:
    family = HistogramMetricFamily(name, text, labels=labels)
    for names, histogram in values:
        ends = [*(str(bound) for bound in histogram.bounds_s), "+Inf"]
        family.add_metric(names, list(zip(ends, accumulate(histogram.counts), strict=True)), histogram.sum_s)
    return family
