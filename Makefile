# Two commands are enough on a fresh machine with Python 3.11+, git and make: `make demo` and `make test`.
# Beside it, on another Python: `make test PYTHON=/path/to/python3.13 VENV=.venv313`. Which parts CI repeats: `BOTH`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links pyproject.toml
JOBS ?= auto
# Runs wait beside their work: for answers, for a second try, for the end of an overlap.
TEST_JOBS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
TESTS ?= tests
# The searches are of pure rules: where the tests run on two Pythons, once is enough, and without a trace of each line.
DEEP ?= yes
SHALLOW := -m 'not deep'
# What can differ between Pythons: everything but the searches and what is played over and over (the kill matrix, most
# scenarios, foreign clients, containers, each system by itself, what all of them promise), and what only reads sources.
# Of the scenarios, those that go through every room.
BOTH := $(filter-out $(addprefix tests/,clients/ conformance/ container/ kill_matrix/ sandbox/ scenarios/ support/ systems/),$(wildcard tests/*/)) \
	$(filter-out tests/test_architecture.py,$(wildcard tests/test_*.py)) \
	$(addprefix tests/scenarios/test_,golden.py rotation.py exposure.py recovery.py sync.py find.py doctor.py)
SIZE ?= all
SIZES ?=

.PHONY: help demo test test-both search lint coverage container-test kill-matrix bench bench-scale lock clean

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/demo.stamp ## Rotate a key in a pretend world and watch each step
	@$(BIN)/neon-rotate demo

test: $(VENV)/dev.stamp ## Run the tests (those that need an engine, a client or a specification skip with a reason)
	@$(BIN)/python -m pytest -q -n $(TEST_JOBS) --dist worksteal $(TESTS)

test-both: $(VENV)/dev.stamp ## Run those tests whose outcome can differ between two Pythons
	@$(BIN)/python -m pytest -q -n $(TEST_JOBS) --dist worksteal $(SHALLOW) $(BOTH)

search: $(VENV)/dev.stamp ## Search every sequence of faults over the rules, and over their model (minutes of each core)
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal -m deep tests/protocol

lint: $(VENV)/dev.stamp ## Style, types, import contracts, workflows, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/actionlint .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/zizmor --offline --quiet --persona auditor --config .github/zizmor.yml action.yml .github/workflows/*.yml examples/*.yml
	$(BIN)/hadolint --ignore DL3006 --ignore DL3002 --ignore DL4006 Dockerfile

coverage: $(VENV)/dev.stamp ## Run the tests and hold every branch to be covered (DEEP=no: without the searches)
	@$(if $(filter yes,$(DEEP)),$(MAKE) --no-print-directory search)
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q -n $(TEST_JOBS) --dist worksteal $(SHALLOW) $(TESTS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

container-test: $(VENV)/dev.stamp ## Build the image and start it as the runner does (needs a container engine)
	@REQUIRE_DOCKER=1 $(BIN)/python -m pytest -q tests/container

kill-matrix: $(VENV)/dev.stamp ## Cut runs off at every request in every way (SIZE=ci: a kill at each, a slice of the rest)
	@KILL_MATRIX=$(SIZE) $(BIN)/python -m pytest -q -n $(TEST_JOBS) --dist worksteal tests/kill_matrix

bench: $(VENV)/dev.stamp ## Measure round trips, start-up, memory and container start against their limits
	@$(BIN)/python -m bench

bench-scale: $(VENV)/dev.stamp ## Rotate 1 to 10,000 repositories against GitHub's limits, and places of other services against theirs (SIZES="1 10 100": few, in 50 s)
	@$(BIN)/python -m bench.scale $(SIZES) $(if $(SIZES),,--plot bench/scale.svg)
	@$(BIN)/python -m bench.services $(if $(SIZES),100 gitlab,1000)

lock: $(VENV)/dev.stamp ## Resolve the requirements again
	$(COMPILE) --upgrade --output-file requirements/image.txt
	$(COMPILE) --upgrade --constraint requirements/image.txt --extra sandbox --group build --output-file requirements/demo.txt
	$(COMPILE) --upgrade --constraint requirements/demo.txt --extra sandbox --group dev --group tools --output-file requirements/dev.txt

clean: ## Remove what the commands above made
	rm -rf $(VENV) build dist .coverage .coverage.* *.egg-info .mypy_cache .ruff_cache .hypothesis

$(VENV)/demo.stamp: requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "Setting up in $(VENV) (once) …"
	@$(PIP_INSTALL) --requirement requirements/demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/demo.stamp
	@$(PIP_INSTALL) --requirement requirements/dev.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "neon-rotate needs Python 3.11 or later: make PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)
