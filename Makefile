# Everything that people and CI run, in one place: `make` lists it. Only Python 3.11-3.13 is needed beforehand;
# arguments for the command behind a target go in ARGS, as in: make test ARGS="tests/detectors -k velocity"

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready
# Each benchmark is a program of its own.
BENCHES ?= $(shell grep -l __main__ tests/bench/*.py)
FUZZ := .cache/fuzz/venv
FUZZ_SECONDS ?= 60
# The last with wheels for every Python from 3.11 to 3.13.
ATHERIS_VERSION := 3.0.0
# Parsers to fuzz, of the table in tests/fuzz/targets.py; all where none is named.
TARGET ?=
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9
PYTHON ?=
PROCESSES ?= 2
ARGS ?=
COMPILE = $(UV) --quiet pip compile --no-config --no-emit-index-url --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --custom-compile-command "make lock" $(ARGS)
# What the Dockerfile builds Wardwatch's own wheel with.
BUILD_REQUIRES = .cache/uv/bin/python -c \
	'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

# The first interpreter that starts and that pyproject.toml accepts (version managers leave names that do not start).
define FIND_PYTHON
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; \
		then echo $$python; exit; fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make venv PYTHON=/path/to/python" >&2; exit 1
endef

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(READY) ## Make .venv with the pinned dependencies and Wardwatch itself

$(READY): requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)) && echo "Installing into .venv with $$($$python --version)" \
		&& { test -x $(BIN)/python || $$python -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

.PHONY: demo
demo: $(READY) ## Watch a simulated hospital, with everything embedded, until Ctrl-C
	@$(BIN)/wardwatch demo $(ARGS)

.PHONY: check
check: lint types test ## All that CI checks (the tests include those of the docs)

.PHONY: lint
lint: $(READY) ## Check the style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: fmt
fmt: $(READY) ## Repair the style where that can be done by a program
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: types
types: $(READY) ## Check the types
	@$(BIN)/mypy

.PHONY: test
test: $(READY) ## Run the tests, without bench and chaos, in two processes (PROCESSES=0: in this one)
	@$(BIN)/pytest --numprocesses=$(PROCESSES) --dist=loadfile --ignore=tests/bench --ignore=tests/chaos $(ARGS)

.PHONY: docs
docs: $(READY) ## Run the tests of the docs alone
	@$(BIN)/pytest tests/docs $(ARGS)

.PHONY: cov
cov: $(READY) ## Run the tests and show what they do not reach
	@$(BIN)/pytest --ignore=tests/bench --ignore=tests/chaos --cov-branch --cov-report=term-missing:skip-covered \
		--cov=alerting --cov=detectors --cov=models --cov=monitor --cov=streams $(ARGS)

.PHONY: bench
bench: $(READY) ## Measure speed and memory against the baselines; one of them with BENCHES=tests/bench/NAME.py
	@for file in $(BENCHES); do OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
		$(BIN)/python -m tests.bench.$$(basename $$file .py) $(ARGS); done

.PHONY: golden
golden: $(READY) ## Write the files again that are made from the code (docs/settings.md, docs/schemas)
	@$(BIN)/python -m tests.golden

.PHONY: chaos
chaos: $(READY) ## Kill workers at random points on a real broker
	@$(BIN)/pytest tests/chaos -s $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## Fuzz every parser for FUZZ_SECONDS each; some of them with TARGET="x12 fhir"
	@if $(MAKE) --no-print-directory $(FUZZ)/.ready; then \
		PYTHONPATH="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
			$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --atheris $(FUZZ)/bin/python $(ARGS) $(TARGET); \
	else \
		echo "Atheris cannot be installed here (it has wheels for Linux alone): damaged samples without coverage"; \
		$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(ARGS) $(TARGET); \
	fi

# Holds Atheris and nothing else: what it fuzzes are the packages of .venv, which has the same interpreter.
$(FUZZ)/.ready: requirements-fuzz.lock $(READY)
	@$(BIN)/python -m venv --clear $(FUZZ)
	@$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $(FUZZ)/.ready

.PHONY: kafka
kafka: $(READY) ## Run a real Apache Kafka on 127.0.0.1:9092 until Ctrl-C (needs Java 17 and Maven)
	@$(BIN)/python -m tests.services.kafka

.PHONY: lock
lock: $(UV) ## Pin the dependencies again; newest versions with ARGS=--upgrade
	@$(COMPILE) pyproject.toml --extra dev --extra embedded --extra pictures --output-file requirements.lock
	@$(COMPILE) pyproject.toml --constraints requirements.lock --output-file requirements-runtime.lock
	@echo atheris==$(ATHERIS_VERSION) | $(COMPILE) - --output-file requirements-fuzz.lock
	@$(BUILD_REQUIRES) | $(COMPILE) - --constraints requirements.lock --output-file requirements-build.lock

$(UV): Makefile
	@python=$$($(FIND_PYTHON)) && $$python -m venv .cache/uv
	@.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $(UV)

.PHONY: clean
clean: ## Remove all that the other targets made
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
