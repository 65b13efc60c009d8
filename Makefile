# Two commands for a fresh machine with Python >= 3.10: `make sweep` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Tests run in a process a core, each with one thread: with more, they would wait for each other. COVER=1 notes what
# they run of study, records and report, and `make covered` tells it.
RUN := $(BIN)/python $(if $(COVER),-m coverage run)
TESTS := OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto --maxprocesses 8 --dist worksteal
QUICK := "not slow and not network and not slurm and not browser"

.PHONY: install sweep test slow check format hydra cover covered browser ray everything
install: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e ".[dev]" -c constraints.txt
	touch $@

sweep: $(READY)  ## the main job on real digits: fetches MNIST, trains four models, prints a table
	$(BIN)/python scripts/fetch_data.py mnist
	$(BIN)/python -m ablate.train -m pos=none,learned patch=4,7

test: $(READY)  ## the quick suite, within minutes
	$(TESTS) -m $(QUICK) $(PYTEST)

slow: $(READY)  ## what the quick suite leaves out and this machine can do
	$(TESTS) -m slow $(PYTEST)

check: $(READY)  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

hydra: $(READY)  ## what touches Hydra, with each version of it that we work with
	scripts/hydra_versions.sh

cover: $(READY)  ## both suites, with branch coverage of study, records and report by the quick one, then by both
	$(BIN)/python -m coverage erase
	$(MAKE) COVER=1 test covered
	$(MAKE) COVER=1 slow covered

covered: $(READY)
	$(BIN)/python -m coverage combine --append --quiet
	$(BIN)/python -m coverage report

browser: $(READY)  ## the report's page in Chromium, which apt-get installs where it may
	scripts/suites.sh browser

ray: $(READY)  ## the tests of hydra/launcher=ray, with ray in a folder of its own
	scripts/suites.sh ray

everything: $(READY)  ## every suite there is; ends with those that failed and those that this machine cannot run
	scripts/suites.sh check cover hydra browser slurm ray gpu network
