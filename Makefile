# Every target sets up what it needs; once that is done, none of them asks the network for anything.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := $(wildcard contracts adapters gateway mock_services ops tests)
QUICK_TESTS := $(wildcard tests/unit tests/architecture tests/contracts)
PYTEST_FLAGS ?=
# Two at a time, a file's tests together: each process starts its own PostgreSQL and Kafka.
PARALLEL := -n 2 --dist loadfile

.PHONY: help run test fuzz check lint bench image sbom lock clean

help:  ## This page
	@echo "Targets (each sets up $(VENV) by itself):"
	awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.ready-run $(if $(STACK),$(VENV)/.ready-dev)  ## Start everything and tell its story; ONCE=1 ends by itself; STACK=1 on PostgreSQL and Kafka
	@exec $(BIN)/lgsp run $(if $(ONCE),--once) $(if $(STACK),--stack)

test: $(VENV)/.ready-dev  ## All tests, with a real PostgreSQL and Kafka; PYTEST_FLAGS="-k name" narrows it
	@exec $(BIN)/python -m pytest -q $(PARALLEL) $(PYTEST_FLAGS)

fuzz: $(VENV)/.ready-dev  ## The foreign suites for longer; FUZZ_FLAGS are passed on
	@exec $(BIN)/python -m pytest -q tests/fuzz --fuzz-examples 100 $(FUZZ_FLAGS)

check: lint  ## Format, style, types, import rules, migrations, and the quick tests
	@exec $(BIN)/python -m pytest -q $(PARALLEL) $(PYTEST_FLAGS) $(QUICK_TESTS)

lint: $(VENV)/.ready-dev  ## Format, style, types, import rules and migrations only
	@$(BIN)/ruff format --check --quiet --output-format concise $(CODE)
	$(BIN)/ruff check --quiet $(CODE)
	$(BIN)/mypy --no-error-summary $(CODE)
	imports=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$imports"; exit 1; }
	drift=$$($(BIN)/python -m gateway.store.migrations check) || { echo "$$drift"; exit 1; }

bench: $(VENV)/.ready-dev  ## Measure speed and size; BENCH_FLAGS are passed on
	@exec $(BIN)/python -m ops.bench $(BENCH_FLAGS)

image: $(VENV)/.ready-dev  ## Build the container image with docker or buildah, and run `lgsp doctor` in it
	@exec $(BIN)/python -m ops.image

sbom: $(VENV)/.ready-dev  ## What an installation is made of, with hashes, as CycloneDX: build/sbom.cdx.json
	@mkdir -p build
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-format JSON --output-reproducible --output-file build/sbom.cdx.json
	echo "build/sbom.cdx.json"

LOCK_FLAGS := --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: $(VENV)/.ready-dev  ## Choose versions anew; UPGRADE=1 takes the newest
	@$(BIN)/uv pip compile $(LOCK_FLAGS) $(if $(UPGRADE),--upgrade) --group build pyproject.toml \
		--output-file requirements.lock
	$(BIN)/uv pip compile $(LOCK_FLAGS) $(if $(UPGRADE),--upgrade) --group dev --constraint requirements.lock \
		pyproject.toml --output-file requirements-dev.lock

clean:  ## Remove the environment, caches and build results; data stays
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready-run: requirements.lock pyproject.toml $(VENV)/.made
	@echo "Setting up $(VENV) from $< ..."
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml $(VENV)/.made
	@echo "Setting up $(VENV) from $< ..."
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/.ready-run

# An environment knows its own path: one that was moved or copied along with its folder is made anew.
ifneq ($(file <$(VENV)/.made),$(CURDIR))
.PHONY: $(VENV)/.made
endif

$(VENV)/.made:
	@python=
	for name in $${PYTHON:-python3.11 python3 python}; do
		if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then python=$$name; break; fi
	done
	if [ -z "$$python" ]; then
		echo "Python 3.11 was not found: install it (Debian 12: apt-get install python3 python3-venv)," \
			"or name it: make PYTHON=/path/to/python3.11" >&2
		exit 1
	fi
	rm -rf $(VENV)
	if ! "$$python" -m venv $(VENV) >/dev/null 2>&1; then
		rm -rf $(VENV)
		echo "$$python cannot make a virtual environment because its ensurepip is missing:" \
			"run \"apt-get install python3-venv\" (or your system's package of that name), then make again." >&2
		exit 1
	fi
	printf %s "$(CURDIR)" >$@
