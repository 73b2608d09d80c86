# Every target sets up what it needs by itself. Settings go behind it: make run FIRESTORE_PORT=8081

# The first Python on the path that the lock files know.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo $$each && exit; done; echo python3)
VENV := functions/venv/bin
UV := uv==0.13.8
COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --no-header \
	--no-emit-index-url --no-emit-find-links --system-certs

.DEFAULT_GOAL := help
.PHONY: help run test check format bench deploy monitoring lock setup setup-python

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## start the emulators, play an app's walk-through, keep serving (ONCE=1: end after it)
	@$(VENV)/python -m dev.run

test: setup ## everything: format, lint, types, and all tests with the emulators
	@$(VENV)/python -m dev.checks all

check: setup-python ## the quick part of test: format, lint, types, unit tests; no Java, no Node
	@$(VENV)/python -m dev.checks quick

format: setup-python ## put the code into the form that check asks for
	@$(VENV)/ruff check --quiet --fix-only . && $(VENV)/ruff format .

bench: setup ## measure what docs/benchmarks.md promises
	@$(VENV)/python -m bench

deploy: setup ## deploy functions, rules and indexes to a real project (PROJECT=its-id)
	@$(VENV)/python -m dev.deploy $(PROJECT)

monitoring: ## install metrics and alerts in a real project (PROJECT=its-id, CHANNELS=…, DRY_RUN=1)
	@monitoring/install.sh $(if $(DRY_RUN),--dry-run) $(PROJECT) $(CHANNELS)

lock: setup-python ## write the lock files anew from pyproject.toml and package.json
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check $(UV)
	@$(COMPILE) --upgrade pyproject.toml --output-file functions/requirements.txt
	@$(COMPILE) --upgrade --group dev --constraint functions/requirements.txt --output-file requirements-dev.txt
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund

setup: ## install everything that is pinned
	@$(PYTHON) -m dev.setup --node

setup-python:
	@$(PYTHON) -m dev.setup
