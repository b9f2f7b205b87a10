# make run · make test · make lint — each installs what it needs first. `make help` lists all targets.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export QINGKONG_HOME ?= $(CURDIR)/var
SASS_AND_SCRIPTS := $(shell find src/qingkong/web/assets -type f 2>/dev/null)
CATALOGUES := $(shell find src -name '*.po' 2>/dev/null)

.PHONY: help setup setup-dev run test test-deep test-postgres lint bench bench-report load adversary sbom clean
help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 18

# --- installing -------------------------------------------------------------------------------------------------

$(BIN)/python:
	@echo "==> 建立 Python 环境 / making the Python environment ($(VENV))"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "需要 Python 3.11–3.13 / needs Python 3.11 to 3.13: $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "==> 安装依赖 / installing packages (requirements.lock)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "==> 安装测试依赖 / installing test packages (requirements-dev.lock)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.done: package-lock.json package.json
	@command -v npm >/dev/null || { echo "需要 Node 20 和 npm / needs Node 20 and npm" >&2; exit 1; }
	@echo "==> 安装网页资源 / installing the pages' packages (package-lock.json)"
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/.assets: node_modules/.done $(SASS_AND_SCRIPTS)
	@echo "==> 编译样式和脚本 / building styles and scripts"
	@npm run --silent build
	@touch $@

$(VENV)/.catalogues: $(VENV)/.run $(CATALOGUES)
	@$(BIN)/python -m qingkong.project.catalogue compile
	@touch $@

setup: $(VENV)/.run $(VENV)/.assets $(VENV)/.catalogues ## Install what a running system needs, and nothing else
setup-dev: setup $(VENV)/.dev

# --- running ----------------------------------------------------------------------------------------------------

run: setup ## Make a demo county (first time), serve it at http://127.0.0.1:8000; FRESH=1 starts anew
	@$(BIN)/qingkong demo --port $(PORT) $(if $(FRESH),--fresh)

# A browser's event loop stays in its process, and Django refuses a database beside one: those tests run by themselves.
# --- checking ---------------------------------------------------------------------------------------------------

test: setup-dev ## The ten-minute set, in parallel on two cores; browser tests on Debian's Chromium
	@sh tests/machine.sh
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not deep" --ignore=tests/journeys
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not deep" tests/journeys

test-deep: setup-dev ## The long ones as well
	@sh tests/machine.sh
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore=tests/journeys
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/journeys

test-postgres: setup-dev ## Operations, queries and journeys on a private PostgreSQL, made and removed here
	@sh tests/postgres.sh

adversary: setup-dev ## Attack a demo county in every known way, on SQLite and PostgreSQL, and print who saw it
	@$(BIN)/python -m tests.adversary

lint: setup-dev ## Style, types, contracts, templates, catalogues
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/lint-imports
	@$(BIN)/mypy src
	@$(BIN)/djlint src --lint --quiet
	@$(BIN)/python -m qingkong.project.catalogue missing

bench: setup-dev ## Each benchmark once, one JSON object a line
	@for name in vault upload ledger verify pages start; do $(BIN)/python -m benchmarks $$name || exit 1; done

bench-report: setup-dev ## All benchmarks and a county that grows a hundredfold, written to docs/performance.md
	@$(BIN)/python -m benchmarks.report

load: setup-dev ## Ten minutes of 50 officers, 20 phones and one big file on a filled county, on this machine alone
	@$(BIN)/python -m tests.load --minutes 10

sbom: setup ## The bill of materials (CycloneDX) of what runs, on standard output
	@$(BIN)/python -m qingkong.project.sbom

clean: ## Remove what was installed and built; data in var/ stays
	@rm -rf $(VENV) node_modules src/qingkong/web/static/qingkong src/qingkong/web/collected
