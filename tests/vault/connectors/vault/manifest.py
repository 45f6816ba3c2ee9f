from tests.vault.manifest import UPSTREAM as UPSTREAM
