# Every target makes .venv by itself, and again whenever setup.cfg changes.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo app test browser check baseline tables claims validation sensitivity attribution docking docs notebooks bench clean

install: $(INSTALLED)

$(INSTALLED): setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e '.[analysis,app,calibration,cluster,dev,docs,notebooks]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/stackrace demo --out out/demo

app: $(INSTALLED)
	$(BIN)/stackrace app

# Tests of one file stay in one process: they share what is slow to make.
test: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

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

# Puts all claims to the test and writes docs/claims.md with its figures: some minutes.
claims: $(INSTALLED)
	$(BIN)/stackrace claims --page docs/claims.md

# Measures the stylised facts anew, and writes the page that tells of them.
validation: $(INSTALLED)
	$(BIN)/stackrace validate --tries --out out/validation --force
	cp out/validation/validation.md out/validation/validation.svg docs/

# Screens the default stack, computes indices and seeks boxes, into the folder that docs/sensitivity.md tells of.
sensitivity: $(INSTALLED)
	$(BIN)/stackrace sweep docs/sweeps/screening.toml --out out/screening
	$(BIN)/stackrace sweep docs/sweeps/indices.toml --out out/indices
	$(BIN)/stackrace sensitivity out/screening --layer model --measure hhi --out docs/sensitivity
	$(BIN)/stackrace sensitivity out/indices --layer model --measure hhi --out docs/sensitivity
	$(BIN)/stackrace discover out/indices --layer application --regime commoditised --out docs/sensitivity

# Divides what decisions change, into the folder that docs/attribution.md tells of.
attribution: $(INSTALLED)
	$(BIN)/stackrace attribute ai-stack --measure hhi --measure lerner --seeds 60 --out out/attribution
	mkdir -p docs/attribution
	cp out/attribution/shares.csv out/attribution/hhi.svg docs/attribution/

# Makes the site, out/docs/index.html; a warning fails.
docs: $(INSTALLED)
	$(BIN)/python -m sphinx -W --keep-going -E -q -d out/doctrees docs out/docs

# Runs every notebook from its first cell to its last, into out/notebooks; a warning fails.
notebooks: $(INSTALLED)
	$(BIN)/python notebooks/run.py

# Puts the points of the docking on a published model to the test again, with its figure: some minutes.
docking: $(INSTALLED)
	$(BIN)/stackrace claims docs/docking/D?.toml --page docs/docking/results.md
	$(BIN)/python docs/docking/figure.py

bench: $(INSTALLED)
	set -e; for file in $(sort $(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file; done

# Leaves .venv, which costs a minute to make.
clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model agents experiments stackrace tests -name __pycache__ -prune -exec rm -rf {} +
