# Every target makes .venv by itself, and again whenever setup.cfg changes.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo app test browser check baseline tables bench clean

install: $(INSTALLED)

$(INSTALLED): setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e '.[analysis,app,dev]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/stackrace demo --out out/demo

app: $(INSTALLED)
	$(BIN)/stackrace app

test: $(INSTALLED)
	$(BIN)/python -m pytest

# The pages in a real browser: Debian's `chromium`.
browser: $(INSTALLED)
	$(BIN)/python -m pytest tests/browser

check: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy stackrace

# Rewrites the pinned run: only when a change of results is meant.
baseline: $(INSTALLED)
	$(BIN)/python -m tests.baseline

# Writes the reference pages in docs/ from the declarations in the code.
tables: $(INSTALLED)
	$(BIN)/python docs/tables.py

bench: $(INSTALLED)
	set -e; for file in $(sort $(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file; done

# Leaves .venv, which costs a minute to make.
clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model agents experiments stackrace tests -name __pycache__ -prune -exec rm -rf {} +
