# Needs Python >= 3.11 with pip and venv, nothing else. `make PYTHON=python3.12 run` takes another interpreter.
# The first that runs and is new enough: a name on the PATH may be a shim that does not.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# The command `khaosat` without building a package: pip alone is enough.
LAUNCHER = printf '\#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m bot "$$@"\n' '$(CURDIR)' '$(CURDIR)' > $(BIN)/khaosat && chmod +x $(BIN)/khaosat

.PHONY: run test lint fmt bench chaos power corpus tables shots lock clean

run: .venv/.run  ## start web chat, staff console and, with a token, the Telegram bot
	@$(BIN)/python -m bot run

test: .venv/.dev  ## the whole suite; PostgreSQL and browser tests run where those are installed
	@$(BIN)/python -m pytest -q -n auto --dist worksteal

lint: .venv/.dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fmt: .venv/.dev
	$(BIN)/ruff check --fix -q . || true
	$(BIN)/ruff format .

bench: .venv/.dev  ## engine, storage and whole updates per second, and forms in workbooks
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.bench_xlsform

ROUNDS ?= 20
MODE ?= polling
SIGNAL ?= KILL
chaos: .venv/.dev  ## kill (SIGNAL=TERM: stop) the real process ROUNDS times while people answer (MODE=polling or webhook), and count what was lost
	$(BIN)/python -m tests.chaos --rounds $(ROUNDS) --mode $(MODE) --signal $(SIGNAL)

CUTS ?= 200
power: .venv/.dev  ## cut the current CUTS times while people answer, and count what was lost (needs a C compiler)
	$(BIN)/python -m tests.power.cuts --cuts $(CUTS)

DIR ?= $(KHAOSAT_SHARED)/corpus/xlsform
corpus: .venv/.dev  ## hold the engine against a folder of forms, walks and cases of others: make corpus DIR=…
	@$(BIN)/python -m tests.corpus $(DIR)

tables: .venv/.dev  ## make the tables of docs/xlsform.md anew
	$(BIN)/python -m tests.xlsform_table

shots: .venv/.dev  ## make the pictures in docs/pictures anew (needs chromium)
	$(BIN)/python -m tests.pictures

lock: .venv/.dev  ## renew requirements.txt and requirements-dev.txt from pyproject.toml
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade --extra postgres pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra postgres --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "khaosat needs Python 3.11 or newer, and none was found. Try: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Setting up (once, about half a minute)…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@$(LAUNCHER)
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	@echo "Setting up for tests (once, about a minute)…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(LAUNCHER)
	@touch $@ .venv/.run

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
