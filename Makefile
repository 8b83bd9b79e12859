# Two commands are all a newcomer needs: `make run` and `make test`. Each sets up what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
PORT ?= 8080
PLATFORM ?= shopware
PYTEST_ARGS ?= -n 2

.DEFAULT_GOAL := help
.PHONY: help run test lint types check bench format lock clean browser

help: ## Show these lines
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(READY) ## Start the service with a simulated Klaviyo and a demo shop, and print the addresses
	@$(BIN)/companion demo --port $(PORT) --platform $(PLATFORM)

test: $(READY_DEV) browser ## Run every test, on SQLite and on a real PostgreSQL, in a real browser where one is needed
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY_DEV) ## Style, import contracts and the house's sizes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

types: $(READY_DEV) ## mypy --strict
	@$(BIN)/mypy

check: lint types test ## Everything that guards a change

bench: $(READY_DEV) ## Measure, each figure against its yardstick in one run
	@$(BIN)/python -m tests.bench

format: $(READY_DEV) ## Put the code into shape
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format -q .

lock: ## Compile requirements/*.in into pinned, hashed files
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q pip-tools
	cd requirements && for name in dev base; do \
	  constraint=$$([ $$name = base ] && echo "--constraint dev.txt"); \
	  ../$(VENV)/lock/bin/pip-compile -q --generate-hashes --allow-unsafe --strip-extras \
	    --no-header --no-emit-index-url --no-emit-options $$constraint -o $$name.txt $$name.in; done

browser: ## Install Chromium where it is missing (Debian, as root)
	@command -v chromium >/dev/null || { [ "$$(id -u)" != 0 ] || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }; }

clean: ## Remove what the other targets made
	rm -rf $(VENV) var build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Companion needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(READY): $(VENV)/bin/python requirements/base.txt setup.cfg pyproject.toml
	@echo "Setting up (about a minute the first time) …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(READY_DEV): $(READY) requirements/dev.txt
	@echo "Setting up the tests …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
