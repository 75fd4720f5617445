# Each target sets up .venv by itself; a bare Python 3.11 or newer with pip is all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test bench soak check format data history pipeline wheel-test clean

run: $(READY)
	$(BIN)/python -m scraper build --out build

test: $(READY)
	$(BIN)/python -m pytest

# Every call to GitHub broken in every way, in turn: long.
soak: $(READY)
	$(BIN)/python -m pytest tests/publish --soak

bench: $(READY)
	$(BIN)/python -m tests.bench

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What the package ships: the catalog of the embedded snapshot, and the schemas of the model. Once the package ships
# what was read from live pages, only the schemas are written.
data: $(READY)
	$(BIN)/python -m scraper build --out build
	$(BIN)/python -m scraper schema
	! grep -q '"origin": "live"' catalog/aks_egress_catalog/data/catalog.json
	cp build/catalog.json catalog/aks_egress_catalog/data/catalog.json
	rm -rf catalog/aks_egress_catalog/data/texts
	cp -r build/texts catalog/aks_egress_catalog/data/texts

# The history that the package ships, from stored revisions of the article: make history PAGES='revisions/*.html'.
PAGES ?= ../shared/pages/en-us/*/*.html
history: $(READY)
	rm -rf build/revisions
	$(BIN)/python -m scraper parse $(PAGES) --out build/revisions
	$(BIN)/python -m publish backfill build/revisions
	$(BIN)/python -m publish changelog

# What the scheduled workflows need, and nothing that only developers do.
pipeline:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group pipeline

# The wheel as users install it: built, installed into a fresh environment without anything else, and asked.
wheel-test:
	rm -rf build/wheel
	$(PYTHON) -m venv build/wheel/venv
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	build/wheel/venv/bin/python -m pip install --quiet build/wheel/*.whl
	cd build/wheel && PATH="$$PWD/venv/bin:$$PATH" venv/bin/python ../../tests/packaging/smoke.py

# pip reads dependency groups from 25.1 on, so it is brought up to date first.
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist
