"""Whether providers' own descriptions of their APIs have what our clients ask and our sandboxes answer."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from connectors.connector import discover
from tests.contracts.contract import terms_of
from tests.contracts.driving import drive
from tests.providers.worlds import World

NAMES = [path.stem for path in sorted(Path(__file__).parent.glob("*.toml"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_asked_and_answered_as_the_contract_has_it(name: str) -> None:
    terms, world = terms_of(name), World(discover()[name])
    drive(world)

    breaches = {
        breach
        for exchange in world.tampered.exchanges
        if exchange.operation not in terms.outside
        for breach in terms.contract.breaches(exchange)
    }
    excused = {breach for breach in breaches if any(fnmatchcase(breach, one) for one in terms.exceptions)}
    in_vain = [one for one in terms.exceptions if not any(fnmatchcase(breach, one) for breach in excused)]
    there = {route.name for route in world.sandbox.routes} - terms.outside

    assert breaches - excused == set()
    assert in_vain == []
    assert there - {call.operation for call in world.sandbox.calls} == set()
