# flowd: `make up` runs it, `make test` checks it; both set up what they need. `make help` lists the rest.

PYTHON  ?= python3.11
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
PLUGINS := $(sort $(wildcard plugins/*/pyproject.toml))

.DEFAULT_GOAL := help
.PHONY: help up demo test lint types layers unit integration timescale lock schema dashboards pictures bench clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A python3.11 may be called python3; anything from 3.11 on will do.
$(READY): requirements.lock pyproject.toml $(PLUGINS)
	@py=$$(command -v $(PYTHON) || command -v python3) || { echo "flowd needs Python 3.11 or newer"; exit 2; }; \
	$$py -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$py is older than Python 3.11"; exit 2; }; \
	test -x $(BIN)/python || $$py -m venv $(VENV) || { \
	  rm -rf $(VENV); echo "cannot make a virtual environment: install python3-venv (Debian, Ubuntu)"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  -e . $(patsubst %/pyproject.toml,-e ./%,$(PLUGINS))
	@touch $@

up: $(READY) ## install flowd and run it in the foreground with the sample flowd.yaml (Ctrl-C stops it)
	@mkdir -p inbox
	@exec $(BIN)/flowd run

demo: $(READY) ## run flowd on made-up income, in a folder of its own
	@exec $(BIN)/flowd demo

# What measures the machine has it to itself; all else goes to several processes, a file at a time. One failing, the other runs too.
PYTEST := $(BIN)/python -m pytest
SPREAD := -m "not serial" -n auto --dist loadfile --no-loadscope-reorder

test: lint types layers ## lint, types, layers, then every test
	$(PYTEST) -m serial; alone=$$?; $(PYTEST) $(SPREAD) && exit $$alone

lint: $(READY) ## ruff: style and likely mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

layers: $(READY) ## imports go one way
	$(BIN)/lint-imports

unit: $(READY) ## the tests without I/O, in seconds
	$(BIN)/python -m pytest tests/unit -q

integration: $(READY) ## the tests on a real PostgreSQL
	$(PYTEST) tests/integration -m serial; alone=$$?; $(PYTEST) tests/integration $(SPREAD) && exit $$alone

timescale: $(READY) ## the tests on TimescaleDB (its WebAssembly build, needs Node)
	$(BIN)/python -m pytest tests/timescale

schema: $(READY) ## write timescale/schema.sql anew from the migrations
	$(BIN)/python -m flowd.storage.schema_dump timescale/schema.sql

dashboards: $(READY) ## write grafana/dashboards/*.json anew from the code beside them
	$(BIN)/python -m grafana

pictures: $(READY) ## draw the dashboards for docs/images (needs Node, Chromium, faketime, Prometheus; some ten minutes)
	$(BIN)/python -m tests.pictures

bench: $(READY) ## print the benchmarks (ratios against a named reference; nothing is asserted)
	@for name in ingest connections accuracy analytics panels; do echo "== $$name"; $(BIN)/python -m bench.$$name || exit 1; done

# Our own packages (the index has a flowd of somebody else) are these folders, and are not in the lock.
OURS := $(foreach plugin,$(PLUGINS),$(shell sed -n 's/^name = "\(.*\)"/\1/p' $(plugin))@$(patsubst %/pyproject.toml,%,$(plugin)))
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
  --no-header --override .lock-override --no-emit-package flowd-daemon \
  $(foreach one,$(OURS),--no-emit-package $(firstword $(subst @, ,$(one))))
lock: ## pin every dependency anew, with hashes and without index addresses (needs uv); what runs is a part of what tests
	@printf '%s\n' "flowd-daemon @ file://$(CURDIR)" $(foreach one,$(OURS),"$(subst @, @ file://$(CURDIR)/,$(one))") > .lock-override
	$(COMPILE) --extra dev pyproject.toml $(PLUGINS) -o requirements.lock && \
	echo 'setuptools>=77' | $(COMPILE) --constraint requirements.lock --extra holidays - pyproject.toml $(PLUGINS) \
	  -o requirements.run.lock; code=$$?; rm -f .lock-override; exit $$code

clean: ## remove what was made, but no data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache tests/timescale/node_modules tests/.tools
	find . -name __pycache__ -prune -exec rm -rf {} +
