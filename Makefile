# Two commands for a fresh machine with Python >= 3.10: `make sweep` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: install sweep test slow check format hydra
install: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e ".[dev]" -c constraints.txt
	touch $@

sweep: $(READY)  ## the main job on real digits: fetches MNIST, trains four models, prints a table
	$(BIN)/python scripts/fetch_data.py mnist
	$(BIN)/python -m ablate.train -m pos=none,learned patch=4,7

test: $(READY)  ## the quick suite, within minutes
	$(BIN)/python -m pytest -m "not slow and not network and not slurm and not browser" $(PYTEST)

slow: $(READY)  ## what the quick suite leaves out and this machine can do
	$(BIN)/python -m pytest -m slow $(PYTEST)

check: $(READY)  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

hydra: $(READY)  ## what touches Hydra, with each version of it that we work with
	scripts/hydra_versions.sh
