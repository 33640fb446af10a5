# make demo：在示例上走一遍主要流程；make check：不到一分钟的检查；make test：测试；make test-all：加上费时的证明。都自己准备环境。
# Each sets up what it needs: a virtual environment here, and for the tests LibreOffice and other programs from apt.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
USER   := $(VENV)/.ready
READY  := $(VENV)/.ready-dev
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: demo check test test-all types coverage lint docs site bench lock clean

demo: $(USER)
	$(BIN)/xltool demo demo-out

# What stands in tests/pace.toml waits for make test or make test-all.
check: types
	$(PYTEST) -m "not thorough and not slow"

test: types oracle
	$(PYTEST) -m "not slow"

test-all: test
	$(PYTEST) -m slow

types: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The lines that no test of make test runs.
coverage: $(READY) oracle
	$(PYTEST) -m "not slow" --cov --cov-report=term --cov-report=html

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

# Everything that is generated from the definitions; a test fails when any of it is stale.
docs: $(READY)
	$(BIN)/python tests/helpers/generated.py

# The pages of docs/ as a site that opens from a folder.
site: $(READY)
	$(BIN)/mkdocs build --quiet

bench: $(READY)
	$(BIN)/python benchmarks/bench.py

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group install --universal --generate-hashes --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --quiet -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) demo-out site dist htmlcov .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(USER): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "xltool needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV) || { $(call apt,python3-venv) && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(READY): $(USER) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# LibreOffice judges our formulas; poppler and the fonts let the tests read what it prints; Chromium opens our report;
# exceljs and SheetJS save workbooks as programs do that are written with them.
.PHONY: oracle
oracle: tests/node/node_modules/.ready
	@command -v soffice >/dev/null && command -v pdftotext >/dev/null && command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . \
	|| { $(call apt,libreoffice-calc-nogui fonts-noto-cjk poppler-utils fontconfig chromium); }

tests/node/node_modules/.ready: tests/node/package-lock.json
	@command -v npm >/dev/null || { $(call apt,nodejs npm); }
	cd tests/node && npm ci --silent --no-audit --no-fund --ignore-scripts
	touch $@

apt = S=$$(test "$$(id -u)" = 0 || echo sudo); $$S apt-get update -qq && \
      DEBIAN_FRONTEND=noninteractive $$S apt-get install -y -qq --no-install-recommends $(1) >/dev/null
