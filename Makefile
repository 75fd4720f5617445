# Each target sets up .venv by itself; a bare Python 3.11 or newer with pip is all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := yaml
READER := $(VENV)/.reader
PIPELINE := $(VENV)/.pipeline
DEV := $(VENV)/.dev
PINS := .github/requirements
PINNED ?=

# Containers often forbid to write bytecode; each process that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-fast bench figures soak check format data history pipeline pins wheel-test clean
.NOTPARALLEL:

run: $(READER)
	$(BIN)/python -m scraper build --out build

# Everything, in as many processes as there are cores.
test: $(DEV)
	$(BIN)/python -m pytest --numprocesses auto

# Without what starts Terraform, the Azure SDK, Squid, Chromium or emulate or many processes, or reads all pages.
test-fast: $(DEV)
	$(BIN)/python -m pytest --numprocesses auto -m "not slow"

# Every call to GitHub broken in every way, in turn, and the change from every release to every other: long.
soak: $(DEV)
	$(BIN)/python -m pytest tests/publish tests/catalog/exports/changes --soak

bench: $(DEV)
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.figures

# How long functions and files are, how full folders, how many comments, exceptions from the linter, late imports.
figures: $(DEV)
	$(BIN)/python -m tests.figures

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What the package ships: the catalog of the embedded snapshot, and the schemas of the model. Once the package ships
# what was read from live pages, only the schemas are written.
data: $(READER)
	$(BIN)/python -m scraper build --out build
	$(BIN)/python -m scraper schema
	! grep -q '"origin": "live"' catalog/aks_egress_catalog/data/catalog.json
	cp build/catalog.json catalog/aks_egress_catalog/data/catalog.json
	rm -rf catalog/aks_egress_catalog/data/texts
	cp -r build/texts catalog/aks_egress_catalog/data/texts

# The history that the package ships, from stored revisions of the article: make history PAGES='revisions/*.html'.
PAGES ?= ../shared/pages/en-us/*/*.html
history: $(PIPELINE)
	rm -rf build/revisions
	$(BIN)/python -m scraper parse $(PAGES) --out build/revisions
	$(BIN)/python -m publish backfill build/revisions
	$(BIN)/python -m publish changelog

# What the scheduled workflows need, and nothing that only developers do.
pipeline: $(PIPELINE)

# Renews what the workflows install, from the groups of pyproject.toml: the newest versions with the hashes of the index.
pins: $(DEV)
	for group in pipeline dev; do \
	    $(BIN)/uv pip compile pyproject.toml --all-extras --group $$group --output-file $(PINS)/$$group.txt \
	        --quiet --upgrade --universal --python-version 3.11 --no-config \
	        --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make pins" || exit 1; \
	done

# The wheel as users install it: built, installed into a fresh environment without anything else, and asked.
wheel-test:
	rm -rf build/wheel
	$(PYTHON) -m venv build/wheel/venv
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	build/wheel/venv/bin/python -m pip install --quiet build/wheel/*.whl
	cd build/wheel && PATH="$$PWD/venv/bin:$$PATH" venv/bin/python ../../tests/packaging/smoke.py

# One environment for all; each group of dependencies has the one before it. pip reads groups from 25.1 on. It keeps
# its warnings, which speak of the machine's own settings, to itself; it says what went wrong.
PIP := PIP_NO_INPUT=1 $(BIN)/python -m pip install -qq
INSTALL = $(PIP) 'pip>=25.1' && $(PIP) --editable '.[$(EXTRAS)]' --group
# What the workflows install is pinned with hashes, the tools of the build too, and nothing but wheels: what has to be
# built would bring tools that nobody pinned. make test PINNED=1 takes such pins for the developers' group as well.
INSTALL_PINNED = $(PIP) --require-hashes --only-binary :all: --requirement $(PINS)/$(1).txt && \
	$(PIP) --no-deps --no-build-isolation --editable .

$(BIN)/pip:
	@echo "Setting up $(VENV)"
	$(PYTHON) -m venv $(VENV)

$(READER): pyproject.toml | $(BIN)/pip
	@echo "Installing what the reader needs: some 10 seconds"
	$(INSTALL) reader
	touch $@

$(PIPELINE): pyproject.toml $(PINS)/pipeline.txt | $(BIN)/pip
	@echo "Installing what the scheduled workflows need: some 30 seconds"
	$(call INSTALL_PINNED,pipeline)
	touch $(READER) $@

$(DEV): pyproject.toml | $(BIN)/pip
	@echo "Installing what developers need: a minute or two"
	$(if $(PINNED),$(call INSTALL_PINNED,dev),$(INSTALL) dev)
	touch $(READER) $(PIPELINE) $@

clean:
	rm -rf $(VENV) build dist
