# `make demo` and `make test` are all that a fresh machine needs: both install into
# .venv first, from the package registry alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := rnnzoo zoo_models training tests benchmarks deploy
OLDEST := .venv-oldest

.PHONY: demo test test-all test-oldest coverage check clean

demo: $(VENV)/installed
	$(BIN)/rnnzoo demo

# Two processes; the one that has finished takes tests from the other.
test: $(VENV)/installed-test
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# Branch coverage of the default ring, with the tests that execute each line. The first
# command of `python -m tests.mutants`.
coverage: $(VENV)/installed-test
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --cov rnnzoo \
		--cov zoo_models --cov-branch --cov-context test --cov-report term:skip-covered

# Slow tests, tests on prepared data sets and on Ray; layers, samplers and models on
# JAX and PyTorch.
test-all: $(VENV)/installed-backends
	$(BIN)/python -m pytest -m "slow or not slow"
	KERAS_BACKEND=jax $(BIN)/python -m pytest tests/layers tests/samplers tests/zoo_models
	KERAS_BACKEND=torch $(BIN)/python -m pytest tests/layers tests/samplers tests/zoo_models

# The oldest Keras and TensorFlow that pyproject.toml allows. TensorFlow 2.19 needs
# protobuf 5, which newer releases of tensorflow-metadata do without saying so.
test-oldest: | $(BIN)/python
	$(BIN)/python -m venv $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --editable '.[test]' 'keras==3.10.*' \
		'tensorflow==2.19.*' 'tensorflow-metadata<1.18'
	$(OLDEST)/bin/python -m pytest

check: $(VENV)/installed-test
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(OLDEST) build dist *.egg-info

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), \
		f"rnnzoo needs Python 3.11 to 3.13, this is {sys.version.split()[0]}"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml setup.cfg setup.py | $(BIN)/python
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: pyproject.toml setup.cfg setup.py | $(BIN)/python
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@ $(VENV)/installed

$(VENV)/installed-backends: $(VENV)/installed-test
	$(BIN)/pip install --quiet --editable '.[backends,ray]'
	touch $@
