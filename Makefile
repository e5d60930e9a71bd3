# Each target does all the set-up that it needs: on a fresh Debian 12 machine `make demo` is enough.
# A stamp file makes the second run quick, and nothing is fetched when everything is there.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/installed
JOBS   ?= 2
SLICES ?= 10
ARGS   ?=
FOLDERS := asmgen firmware isa server tools

.PHONY: demo test lint soak bench setup system system-test clean
.DEFAULT_GOAL := demo

## demo: gdb attached to a guest under the hypervisor models, start to end
demo: setup
	$(BIN)/trapline demo $(ARGS)

## test: lint, types, and every test against the real oracles
test: setup system-test lint
	$(BIN)/pytest -n $(JOBS) $(ARGS)

## lint: ruff, and mypy --strict over the package and its tests (.venv/src/trapline links here)
lint: setup
	$(BIN)/ruff check .
	cd $(VENV)/src && ../bin/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p trapline

## soak: the long randomised suites, SLICES of them with a seed each
soak: setup system-test
	@sh tools/setup/debian.sh linux
	TRAPLINE_SOAK=$(SLICES) $(BIN)/pytest -n $(JOBS) -m soak $(ARGS)

## bench: how fast the engines run on this machine
bench: setup
	$(BIN)/trapline bench --whole $(ARGS)
	$(BIN)/trapline bench $(ARGS)

## setup: Debian packages that running needs, and .venv with the project installed in it
# Byte code is made here, as pip makes it for other packages: some machines forbid Python to write it as it runs.
setup: system $(STAMP)
	@$(BIN)/python -m compileall -q __init__.py __main__.py $(FOLDERS)

system:
	@sh tools/setup/debian.sh run

system-test:
	@sh tools/setup/debian.sh run test bench

# The build back end stands in the environment itself, so that installing again needs no network.
# pip asks for the virtual environment to be there; a half-made one is made anew.
$(STAMP): pyproject.toml tools/setup/debian.sh
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then rm -rf $(VENV); $(PYTHON) -m venv $(VENV); fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'setuptools>=77'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[test]'
	@mkdir -p $(VENV)/src
	@ln -sfn ../.. $(VENV)/src/trapline
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
