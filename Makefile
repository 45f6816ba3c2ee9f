# make run       the gateway with sandbox upstreams on http://127.0.0.1:8000; needs Python >= 3.11 and nothing else
# make test      every check and every test; needs Node.js as well
# make web       GraphiQL from its source
# make contracts what providers publish of their APIs, for the tests to compare with
# make schema    the schema that the tests compare with
# make pins      constraints.txt, with the newest versions of everything

.DEFAULT_GOAL := run
.PHONY: run test contracts web schema pins
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin

run: $(VENV)/installed
	PUNNET_SANDBOX=1 $(BIN)/punnet serve

test: $(VENV)/installed-test tests/node/node_modules/.package-lock.json contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=auto --dist=worksteal

contracts: | $(VENV)/installed-test
	$(BIN)/python -m tests.contracts.fetch

web: web/node_modules/.package-lock.json
	cd web && npm run --silent build

schema: $(VENV)/installed
	$(BIN)/punnet schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql tests/schema.graphql

pins: | $(BIN)/python
	rm -rf $(VENV)/pins
	$(BIN)/python -m venv $(VENV)/pins
	$(VENV)/pins/bin/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	$(VENV)/pins/bin/python -m pip freeze --exclude-editable > constraints.txt
	rm -rf $(VENV)/pins

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $(VENV)/installed $@

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "$$python -m venv $(VENV)"; $$python -m venv $(VENV); exit; \
		fi; \
	done; \
	echo "Punnet needs Python 3.11 or later, and there is none as python3 or python3.x on the PATH." >&2; exit 1

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --silent
	touch $@
