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
.PHONY: help run test check format bench screenshots deploy monitoring admin override resolve restore-user seed seed-clean seed-reset cleanup reconcile backfill statistics lock setup setup-python

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## start the emulators, play an app's walk-through, keep serving (ONCE=1: end after it)
	@$(VENV)/python -m dev.run

test: setup ## everything: format, lint, types, and all tests with the emulators (FEATURE=billing: the tests of one feature)
	@$(VENV)/python -m dev.checks all $(FEATURE)

check: setup-python ## the quick part of test: format, lint, types, unit tests; no Java, no Node
	@$(VENV)/python -m dev.checks quick

format: setup-python ## put the code into the form that check asks for
	@$(VENV)/ruff check --quiet --fix-only . && $(VENV)/ruff format .

bench: setup ## measure what docs/benchmarks.md says
	@$(VENV)/python -m bench

screenshots: setup ## take the pictures of docs/images anew
	@$(VENV)/python -m dev.screenshots

deploy: setup ## deploy functions, rules and indexes to a real project (PROJECT=its-id; SITE=1: and the web pages)
	@$(VENV)/python -m dev.deploy $(PROJECT)

# The operator's commands work on the emulators of make run; PROJECT=its-id makes it a real project, by your own
# Google credentials. DRY_RUN=1 shows what would be done, YES=1 does not ask. More: functions/venv/bin/python -m ops --help
ifndef PROJECT
EMULATED = FIRESTORE_EMULATOR_HOST=$(or $(FIRESTORE_EMULATOR_HOST),127.0.0.1:$(or $(FIRESTORE_PORT),8080)) \
	FIREBASE_AUTH_EMULATOR_HOST=$(or $(FIREBASE_AUTH_EMULATOR_HOST),127.0.0.1:$(or $(AUTH_PORT),9099))
endif
OPS = $(EMULATED) $(VENV)/python -m ops
OPS_OPTIONS = $(if $(PROJECT),--project $(PROJECT)) $(if $(DRY_RUN),--dry-run) $(if $(YES),--yes)
SEEDS = $(if $(SEED),--seed $(SEED)) $(if $(MONTHS),--months $(MONTHS)) $(if $(INTO),--into-real-project $(INTO))

admin: setup-python ## make whoever signed up with an email an admin (EMAIL=…)
	@$(OPS) admin --email "$(EMAIL)" $(if $(NOTE),--note "$(NOTE)") $(OPS_OPTIONS)

override: setup-python ## change plan or limits of many users (USERS=file or ON=plan, PLAN= LIMITS= UNTIL= NOTE=)
	@$(OPS) override $(if $(USERS),--users "$(USERS)") $(if $(ON),--everybody-on "$(ON)") $(if $(PLAN),--plan "$(PLAN)") \
		$(if $(LIMITS),--limits '$(LIMITS)') $(if $(RATES),--rates '$(RATES)') $(if $(OVERAGE),--overage $(OVERAGE)) \
		$(if $(UNTIL),--until "$(UNTIL)") $(if $(KEY),--key "$(KEY)") --note "$(NOTE)" $(OPS_OPTIONS)

resolve: setup-python ## list payment events that could not be placed, or resolve one (EVENT= UID= PLAN= PACK= NOTE=)
	@$(OPS) resolve $(if $(EVENT),--event "$(EVENT)") $(if $(UID),--user "$(UID)") $(if $(PLAN),--plan "$(PLAN)") \
		$(if $(PACK),--pack "$(PACK)") $(if $(NOTE),--note "$(NOTE)") $(OPS_OPTIONS)

restore-user: setup-python ## let a deleted user sign up again, with what they had used (UID=… NOTE=…)
	@$(OPS) restore-user --uid "$(UID)" --note "$(NOTE)" $(OPS_OPTIONS)

seed: setup-python ## make four users with months of generations (MONTHS=6 SEED=1)
	@$(OPS) seed $(SEEDS) $(OPS_OPTIONS)

seed-clean: setup-python ## remove what seed has made
	@$(OPS) seed-clean $(if $(INTO),--into-real-project $(INTO)) $(OPS_OPTIONS)

seed-reset: setup-python ## seed-clean, then seed
	@$(OPS) seed-reset $(SEEDS) $(OPS_OPTIONS)

cleanup: setup-python ## delete records of generations past RETENTION_DAYS
	@$(OPS) cleanup $(OPS_OPTIONS)

reconcile: setup-python ## compare counters with records (REPAIR=1: and put them right, ANEW=1: from the first user)
	@$(OPS) reconcile $(if $(REPAIR),--repair) $(if $(ANEW),--anew) $(OPS_OPTIONS)

backfill: setup-python ## make documents for all users of Firebase Auth (FROM="--generations --collection …": and count)
	@$(OPS) backfill $(if $(ANEW),--anew) $(FROM) $(OPS_OPTIONS)

statistics: setup-python ## count the statistics of past days anew from their records (FROM=2026-01-01 UNTIL=yesterday)
	@$(OPS) statistics --since "$(FROM)" $(if $(UNTIL),--until "$(UNTIL)") $(OPS_OPTIONS)

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
