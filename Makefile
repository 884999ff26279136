# Needs Python 3.11 or later and make; everything else is installed into .venv from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help demo dashboard test test-slow check format lock bench bench-calls screenshots sample clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/local ## two local models, the smoke set, the dashboard
	@$(BIN)/python -m parallax demo

dashboard: $(VENV)/main ## the dashboard alone, on the store in data/
	@$(BIN)/python -m streamlit run app.py

test: $(VENV)/local $(VENV)/dev browser ## all tests but the slow proofs
	$(BIN)/python -m pytest -m "not slow" -n 3 --dist worksteal

test-slow: $(VENV)/local $(VENV)/dev browser ## the slow proofs
	$(BIN)/python -m pytest -m slow --timeout 1800

check: $(VENV)/dev ## lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

format: $(VENV)/dev ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev ## compile the locks anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-deps requirements-local.in -o requirements-local.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt

# every table is printed, also after one that is past its limit
bench: $(VENV)/dev browser ## measure pages and calls, speed and memory; prints tables; an hour
	@status=0; for one in bench/first_page.py bench/filter_change.py bench/heatmap_sql.py bench/clicks.py bench/rules.py bench/simulations.py bench/exports.py "-m bench.calls $(OPTIONS)"; do \
	  $(BIN)/python $$one || status=1; done; exit $$status

bench-calls: $(VENV)/dev ## measure the calls alone, against litellm and peers (OPTIONS="--quick" to try it)
	@$(BIN)/python -m bench.calls $(OPTIONS)

screenshots: $(VENV)/dev browser ## pictures of every page into docs/img, of the recorded study
	$(BIN)/python docs/screenshots.py

sample: $(VENV)/local ## record the study in data/sample anew; one to two hours, may be interrupted
	@$(BIN)/python -m parallax.study

clean: ## remove what was installed; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

.PHONY: browser
browser:
	@sh tests/e2e/install_browser.sh

$(VENV)/main: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; name one with make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked requirements (a minute or two, once)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/local: requirements-local.txt $(VENV)/main
	@$(PIP) --no-deps -r requirements-local.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/main
	@$(PIP) -r requirements-dev.txt
	@touch $@
