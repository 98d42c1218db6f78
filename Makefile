# АІКОМ: every task has one name here. `make help` lists them.
# Needs Python 3.11–3.13 and a package registry; everything else is set up by itself.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
MAKEFLAGS += --no-print-directory
# Images set it for themselves; here every process of the suite would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,14))' 2>/dev/null && echo $$p && break; done; true)
PORT ?= 8000
# One more than the two cores of the machine that must do it in time: workers wait for browsers.
JOBS ?= 3
PUPILS ?= 4000000
ONLY ?=
ACCEPT ?=
ARGS ?=
PY := .venv/bin/python

.PHONY: help setup demo demo-reset test pictures check fix bench fuzz mutants country docs release-api locks clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## the environment, the accelerator and the browser bundles (seconds when nothing changed)
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 was not found: install one, or make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -I aikom/bootstrap.py

demo: setup ## everything on this machine: database, broker, demo world, portal at http://localhost:8000 (PORT=…)
	@PORT=$(PORT) exec $(PY) -m aikom.supervisor

demo-reset: setup ## forget the demo world and make it anew at the next `make demo`
	@$(PY) -m aikom.supervisor --reset

test: ## set up and run all tests (ARGS="-k word tests/registry", JOBS=3)
	@test -n "$(PYTHON)" || $(MAKE) setup
	@$(PYTHON) -I aikom/bootstrap.py --browser
	@$(PY) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(or $(ARGS),-m "not house")

pictures: ## every page at four widths against its kept picture (ACCEPT=1 keeps what is, ARGS="-k home")
	@test -n "$(PYTHON)" || $(MAKE) setup
	@$(PYTHON) -I aikom/bootstrap.py --browser
	@PICTURES=1 ACCEPT=$(ACCEPT) $(PY) -m pytest -n $(JOBS) $(ARGS) tests/pictures

check: setup ## every static check; all run, all failures are told
	@$(PY) -m tests.checks

fix: setup ## what tools can correct by themselves
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

bench: setup ## measurements as JSON lines (ONLY=signatures)
	@$(PY) -m tests.bench $(ONLY)

fuzz: setup ## spoil signatures for a while (SECONDS=600); findings stay in the corpus
	@$(PY) -m tests.signatures.fuzz.run --seconds $(or $(SECONDS),600)

mutants: setup ## break one line of a scope, lock or policy at a time; the suite must notice (ONLY=registry/orders SECONDS=3600)
	@$(PY) -m tests.mutants --only "$(ONLY)" --seconds $(or $(SECONDS),0) --jobs $(JOBS)

country: setup ## a whole synthetic country in a database of its own (PUPILS=4000000)
	@$(PY) -m aikom.country $(PUPILS)

docs: setup ## write the generated pages of docs/ anew
	@$(PY) -m tests.checks --write-docs

release-api: setup ## promise partners the API of this code: write docs/api/v1.json
	@$(PY) -m tests.checks --release-api

locks: setup ## resolve pyproject.toml into aikom/requirements/*.txt (KEEP=1: only what is new)
	@set -- runtime '' embedded '--extra embedded' dev '--extra embedded --extra dev'; while [ $$# -gt 0 ]; do \
	  var/uv/bin/uv pip compile -q $(if $(KEEP),,--upgrade) pyproject.toml $$2 --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o aikom/requirements/$$1.txt; shift 2; done

clean: ## stop the embedded servers and delete everything that was made here
	@if [ -x $(PY) ]; then $(PY) -m kernel.embedded wipe; $(PY) -m kernel.embedded wipe --test; fi
	@rm -rf var .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
