# Every target makes .venv by itself, and again whenever setup.cfg changes.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo test check baseline tables claims bench clean

install: $(INSTALLED)

$(INSTALLED): setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e '.[analysis,app,calibration,cluster,dev]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/stackrace demo --out out/demo

test: $(INSTALLED)
	$(BIN)/python -m pytest

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

# Puts all claims to the test and writes docs/claims.md with its figures: some minutes.
claims: $(INSTALLED)
	$(BIN)/stackrace claims --page docs/claims.md

bench: $(INSTALLED)
	set -e; for file in $(sort $(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file; done

# Leaves .venv, which costs a minute to make.
clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model agents experiments stackrace tests -name __pycache__ -prune -exec rm -rf {} +
