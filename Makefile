# make run FILE=hand.dcm | test | lint | bench | soak | fuzz. Each first makes .venv and installs what is missing; a second call is instant.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
SAMPLE := resources/samples/phantom-girl-13y.dcm

# Tests draw into memory and keep to few threads, whatever the machine they share.
HEADLESS := env QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=$${OMP_NUM_THREADS:-2}

.DEFAULT_GOAL := help
.PHONY: help install libraries run test lint bench soak fuzz clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r target says; do \
	    printf '  make %-9s %s\n' "$$target" "$$says"; done

install: libraries $(READY) ## make .venv and install everything (the other targets do this too)

libraries:
	@PYTHON="$(PYTHON)" .ci/system-libraries

# Half an environment (Debian's Python without ensurepip leaves one) would be taken for a whole one the next time.
$(BIN)/python: | libraries
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# One command for all, so that torch and torchvision are resolved as a pair. pip unpacks beside its goal: /tmp may be small.
$(READY): pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV): some gigabytes the first time, minutes on a fast line."
	@mkdir -p $(VENV)/tmp
	TMPDIR="$(CURDIR)/$(VENV)/tmp" $(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev]'
	@rm -rf $(VENV)/tmp
	@touch $@

run: install ## open the window, on FILE=... or on a sample; without a display, a picture of it
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    echo "No display here (DISPLAY and WAYLAND_DISPLAY are empty): the window goes into out/window.png."; \
	    mkdir -p out; \
	    QT_QPA_PLATFORM=offscreen $(BIN)/boneage-gui --screenshot out/window.png $(if $(FILE),"$(FILE)"); \
	else \
	    $(BIN)/boneage-gui "$(or $(FILE),$(SAMPLE))"; \
	fi

test: install ## every test
	@.ci/peers
	$(HEADLESS) $(BIN)/python -m pytest

lint: install ## ruff, mypy and the contracts of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: install ## speed and memory, as a table
	$(BIN)/python -m tests.benchmarks

soak: install ## the window opened 2,000 times, a training killed 100 times, 8 writers of readings: up to an hour each
	$(BIN)/python -m tests.soak

fuzz: install ## the readers against COUNT=20000 files changed by chance, SEED=1
	$(HEADLESS) $(BIN)/python -m tests.fuzz --count $(or $(COUNT),20000) --seed $(or $(SEED),1)

clean: ## remove caches and pictures; .venv and runs stay
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find boneage_gui trainer resources tests -name __pycache__ -type d -prune -exec rm -rf {} +
