# `make demo` and `make test` do all set-up by themselves: they need python3 (3.10 or later) and make, nothing else.

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
INSTALLED_FOR_TESTS := $(VENV)/.installed-for-tests
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install demo test docs new-rule bench wheel extension test-extension clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r target text; do \
		printf '  make %-14s %s\n' "$$target" "$$text"; done

install: $(INSTALLED) ## make .venv and install dflint in it; `make demo` and `make test` do this too

demo: $(INSTALLED) ## lint a copy of examples/, show the diff, fix it, show what remains
	@sh scripts/demo.sh

test: $(INSTALLED_FOR_TESTS) ## all checks and tests; PYTEST="tests/rules -x" hands arguments to pytest
	@$(PYTHON) scripts/check.py $(PYTEST)

docs: $(INSTALLED) ## write the generated pages and the tables of the README
	@$(PYTHON) docs/generate.py

new-rule: $(INSTALLED) ## write the file of a new rule: make new-rule NAME=some-name
	@$(PYTHON) scripts/new_rule.py $(NAME)

bench: $(INSTALLED_FOR_TESTS) ## time dflint; with DIR=folder also against hadolint on the Dockerfiles in it
	@$(PYTHON) benchmarks/startup.py
	@if [ -n "$(DIR)" ]; then $(PIP) install --group benchmark && $(PYTHON) benchmarks/throughput.py "$(DIR)"; fi

wheel: $(INSTALLED_FOR_TESTS) ## build dist/*.whl and dist/*.tar.gz
	@$(PYTHON) -m hatchling build -d dist

extension: $(INSTALLED) ## build vscode-extension/dflint-VERSION.vsix (Node 20 with npm)
	@$(PYTHON) vscode-extension/scripts/build.py

test-extension: $(INSTALLED) ## test it in a real VS Code, which is fetched; RUN="--only tour" hands on arguments
	@$(PYTHON) vscode-extension/test/run.py $(RUN)

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON):
	@sh scripts/make_venv.sh $(VENV)

$(INSTALLED): pyproject.toml scripts/make_venv.sh | $(PYTHON)
	@echo "Installing dflint in $(VENV) ..."
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable .
	@$(PYTHON) -m compileall -q core rules optimizer server
	@PYTHONDONTWRITEBYTECODE= $(PYTHON) -m dflint rules >/dev/null
	@touch $@

$(INSTALLED_FOR_TESTS): $(INSTALLED)
	@echo "Installing what the tests need ..."
	@$(PIP) install --group test
	@touch $@
