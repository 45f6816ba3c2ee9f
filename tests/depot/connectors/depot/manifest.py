from tests.depot.manifest import UPSTREAM as UPSTREAM
