# The two commands are `make run` and `make test`; each sets up all it needs by itself.
# Only Python 3.11 or newer has to be there. Another one: make PYTHON=/path/to/python3.12 run
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: run test check mutants soak bench release lock fmt clean

run: $(VENV)/.run
	@$(BIN)/python -m bot run

test: $(VENV)/.dev
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# About half an hour on two quiet cores. MODULES="core.domain.quote core.store.ledger" tries only those.
mutants: $(VENV)/.dev
	@$(BIN)/python -m tests.mutants $(MODULES)

# About twenty minutes and 30 GB of disk for a while. ONLY="sale update" measures only those.
bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

# Faults for any number of minutes. Repeats what it found by its seed: make soak MINUTES=10 SEED=7
soak: $(VENV)/.dev
	@$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED))

release: $(VENV)/.run
	@$(BIN)/python -m bot migrate

fmt: $(VENV)/.dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Kopilka needs Python 3.11 or newer (not found on PATH)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kopilka needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian and Ubuntu, apt install python3-venv."; exit 1; }

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	@echo "Installing what Kopilka runs on (once, about half a minute)…"
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	@echo "Installing what Kopilka is tested with (once, about a minute)…"
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@ $(VENV)/.run

# Rewrites both lock files from pyproject.toml; for whoever changes a pin.
lock: | $(VENV)/bin/python
	@$(PIP) install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal -q -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
