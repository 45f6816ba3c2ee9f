from connectors.pipeline.circuit import Breaker
from connectors.policy import BreakerPolicy
from tests.clock import FakeClock


def test_a_half_open_breaker_admits_one_probe(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10, probes=1))
    circuit.failed(clock.now())
    clock.advance(10)

    assert circuit.admit(clock.now()) is None
    assert circuit.admit(clock.now()) == 0.0


def test_an_open_breaker_says_how_long_to_wait(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10))
    circuit.failed(clock.now())
    clock.advance(4)

    assert circuit.admit(clock.now()) == 6.0


def test_few_failures_among_many_successes_do_not_open(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=5, rate=0.5))
    for _ in range(20):
        circuit.succeeded(clock.now())
    for _ in range(9):
        circuit.failed(clock.now())

    assert circuit.state(clock.now()) == "closed"


def test_failures_older_than_the_window_do_not_count(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=2, window_s=30))
    circuit.failed(clock.now())
    clock.advance(31)
    circuit.failed(clock.now())

    assert circuit.state(clock.now()) == "closed"


def test_a_released_probe_makes_room_for_the_next(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10, probes=1))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.released()

    assert circuit.admit(clock.now()) is None


def test_all_probes_must_succeed_to_close(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10, probes=2))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.admit(clock.now())
    circuit.succeeded(clock.now())

    assert circuit.state(clock.now()) == "half-open"
    circuit.succeeded(clock.now())
    assert circuit.state(clock.now()) == "closed"


def test_a_failed_probe_opens_again_for_a_whole_cooldown(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.failed(clock.now())

    assert circuit.admit(clock.now()) == 10.0


def test_too_few_attempts_prove_nothing(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=5))
    for _ in range(4):
        circuit.failed(clock.now())

    assert circuit.state(clock.now()) == "closed"


def test_openings_are_counted(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=1, cooldown_s=10))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.failed(clock.now())

    assert circuit.opened == 2


def test_it_is_in_use_while_it_knows_enough_to_open_or_was_open_of_late(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(volume=2, window_s=30, cooldown_s=10))
    uses = [circuit.is_in_use(clock.now())]
    for _ in range(2):
        circuit.succeeded(clock.now())
        uses.append(circuit.is_in_use(clock.now()))
    clock.advance(30)
    uses.append(circuit.is_in_use(clock.now()))
    for _ in range(2):
        circuit.failed(clock.now())
    clock.advance(39)
    uses.append(circuit.is_in_use(clock.now()))
    clock.advance(1)
    uses.append(circuit.is_in_use(clock.now()))

    assert uses == [False, False, True, False, True, False]
