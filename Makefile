# Each target does all the set-up that it needs: on a fresh Debian 12 machine `make demo` is enough.
# A stamp file makes the second run quick, and nothing is fetched when everything is there.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/installed
TEST_STAMP := $(VENV)/installed-test
JOBS   ?= 2
SLICES ?= 10
PYTHONS ?= python3.12 python3.13
ARGS   ?=
FOLDERS := asmgen firmware isa server tools

.PHONY: demo test test-pythons lint soak bench docs setup setup-test system system-test clean
.DEFAULT_GOAL := demo

## demo: gdb attached to a guest under the hypervisor models, start to end
demo: setup
	@echo "demo: native code is made for two cores at the first start, then gdb is attached to each guest"
	$(BIN)/trapline demo $(ARGS)

## test: lint, types, and every test against the real oracles
test: setup-test lint
	@echo "test: every test, in $(JOBS) processes; failures are named as they happen (some 20 minutes on two cores)"
	$(BIN)/pytest -n $(JOBS) $(ARGS)

## test-pythons: the tests that need no oracle, under each other Python that the classifiers name and the machine has
test-pythons: system
	@for python in $(PYTHONS); do \
		if ! $$python -c "" 2>/dev/null; then echo "test-pythons: there is no $$python here"; continue; fi; \
		echo "test-pythons: $$python, in .venv-$$python"; \
		$$python -m venv .venv-$$python && \
		.venv-$$python/bin/python -m pip install --quiet --disable-pip-version-check 'setuptools>=77' && \
		.venv-$$python/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[test]' && \
		.venv-$$python/bin/pytest -n $(JOBS) -m "not soak and not oracle and not gdb" $(ARGS) || exit 1; \
	done

## lint: ruff, and mypy --strict over the package and its tests (.venv/src/trapline links here)
lint: setup-test
	@echo "lint: ruff, then mypy --strict over the package and its tests (a minute or two the first time)"
	$(BIN)/ruff check .
	cd $(VENV)/src && ../bin/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p trapline

## soak: the long randomised suites, SLICES of them with a seed each
soak: setup-test
	@sh tools/setup/debian.sh linux
	TRAPLINE_SOAK=$(SLICES) $(BIN)/pytest -n $(JOBS) -m soak $(ARGS)

## bench: how fast the engines run on this machine
bench: setup $(TEST_STAMP)
	$(BIN)/trapline bench --whole $(ARGS)
	$(BIN)/trapline bench $(ARGS)

## setup: Debian packages that running needs, and .venv with the project installed in it
# Byte code is made here, as pip makes it for other packages: some machines forbid Python to write it as it runs.
setup: system $(STAMP)
	@$(BIN)/python -m compileall -q __init__.py __main__.py $(FOLDERS)

# What tests, lint and types need beside that: to see the demo nobody waits for it.
setup-test: setup system-test $(TEST_STAMP)

system:
	@sh tools/setup/debian.sh run

system-test:
	@sh tools/setup/debian.sh run test bench

# The build back end stands in the environment itself, so that installing again needs no network.
# pip asks for the virtual environment to be there; a half-made one is made anew.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
$(STAMP): pyproject.toml tools/setup/debian.sh
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "setup: making the virtual environment $(VENV)"; rm -rf $(VENV); $(PYTHON) -m venv $(VENV); fi
	@echo "setup: installing trapline and the Python packages that it needs into $(VENV) (half a minute)"
	@$(PIP) 'setuptools>=77'
	@$(PIP) --no-build-isolation -e .
	@mkdir -p $(VENV)/src
	@ln -sfn ../.. $(VENV)/src/trapline
	@touch $(STAMP)

$(TEST_STAMP): $(STAMP)
	@echo "setup: installing the Python packages that the tests need into $(VENV) (a minute)"
	@$(PIP) --no-build-isolation -e '.[test]'
	@touch $(TEST_STAMP)

## docs: the documentation as a site in build/docs, with pages of every instruction, register, interrupt and call
docs: setup
	@$(PIP) --no-build-isolation -e '.[docs]'
	@for core in power7 armv7ve rv64; do $(BIN)/trapline isa doc --arch $$core -o docs/generated/$$core || exit 1; done
	@$(BIN)/trapline isa doc --description docs/examples/toy8/toy8.isa -o docs/generated/toy8
	$(BIN)/sphinx-build -q -W --keep-going -j auto -b html docs build/docs
	@echo "docs: build/docs/index.html"

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
