# Two commands for a newcomer: make demo, make test. Each sets up all that it needs.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 5

# Compiled once, not by each of the hundreds of processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check setup setup-test soak fuzz bench prompts assets screenshots clean

setup: .venv/.ready

.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Wingline needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Say make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment here: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready
	$(BIN)/pip install --quiet --group dev
	@touch $@

.venv-pyvoip/.ready: scripts/pyvoip-requirements.txt
	@$(PYTHON) -m venv .venv-pyvoip
	.venv-pyvoip/bin/pip install --quiet --requirement scripts/pyvoip-requirements.txt
	@touch $@

setup-test: .venv/.ready-dev .venv-pyvoip/.ready
	@scripts/debian-packages sip-tester baresip tshark postgresql chromium fonts-liberation

.venv/.ready-demo: .venv/.ready
	$(BIN)/pip install --quiet --group demo
	@touch $@

demo: .venv/.ready-demo
	$(BIN)/wingline demo

check: .venv/.ready-dev
	$(BIN)/ruff check .
	nice $(BIN)/mypy
	$(BIN)/lint-imports

test: setup-test
	$(BIN)/pytest -n $(WORKERS)

fuzz: setup-test
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -n 2 -m hypothesis --timeout=3600 tests/unit tests/flows

soak: setup-test
	$(BIN)/pytest -n 0 -m slow --timeout=1800 tests

bench: setup-test
	$(BIN)/python -m tests.bench

prompts: .venv/.ready-dev
	$(BIN)/python scripts/render_prompts.py

screenshots: setup-test
	mkdir -p docs/screenshots
	SCREENSHOTS=docs/screenshots $(BIN)/pytest -n 0 tests/browser

# For maintainers; needs npm, which nobody else does.
assets:
	$(PYTHON) scripts/vendor_assets.py

clean:
	rm -rf .venv .venv-pyvoip .venv-bench .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
