# Two commands matter: `make run` and `make test`. `make` alone lists the others.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# For commands that only read the code: they need settings, not a real deployment.
DEVELOPMENT := DEBUG=1

.DEFAULT_GOAL := help
.PHONY: help run demo environment environment-dev browser test check lint types contracts migrations templates deploy bench docs screenshots lock clean

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: environment ## Start everything on this machine, with the demo organisation; Ctrl-C stops it.
	@DEBUG="$${DEBUG-1}" DEMO="$${DEMO-1}" $(MANAGE) run

demo: environment ## Add a fresh set of demo tickets.
	@DEBUG="$${DEBUG-1}" DEMO="$${DEMO-1}" $(MANAGE) demo --again

test: environment-dev browser check ## Every check and every test, the browser's too.
	@$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: environment-dev ## Lint, types, import contracts, migrations, templates, deployment.
	@$(MAKE) --no-print-directory -j 2 -O lint types contracts migrations templates deploy

bench: environment-dev ## Measure what the README states.
	@$(BIN)/python -m bench

docs: environment-dev ## Rewrite docs/events.md and the tables of docs/rfhs.md from the code.
	@$(DEVELOPMENT) $(MANAGE) event_types
	@$(DEVELOPMENT) $(MANAGE) rfh_table

screenshots: environment-dev browser ## Remake the README's pictures.
	@$(BIN)/python -m docs.screenshots

lock: environment-dev ## Rewrite the lock files from requirements*.in.
	@$(BIN)/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock requirements.in
	@$(BIN)/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" --output-file requirements-dev.lock requirements-dev.in

clean: ## Remove the virtual environment and caches; the data in .local stays.
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles

environment:
	@test -n "$(PYTHON)" || { echo "SupportOps needs Python 3.11 or later, and there is no python3.11 on the PATH: install it, or name it with PYTHON."; exit 1; }
	@"$(PYTHON)" supportops/environment.py

environment-dev:
	@test -n "$(PYTHON)" || { echo "SupportOps needs Python 3.11 or later, and there is no python3.11 on the PATH: install it, or name it with PYTHON."; exit 1; }
	@"$(PYTHON)" supportops/environment.py --dev

# Chromium's headless shell takes half the processor time of the whole browser; where Debian has none, that one does.
browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium …"; \
		export DEBIAN_FRONTEND=noninteractive; install="apt-get install -y -qq --no-install-recommends"; \
		{ apt-get update -qq && { $$install chromium-headless-shell || $$install chromium; }; } >/dev/null 2>&1 \
		|| { echo "chromium could not be installed with apt-get, and the browser tests need it."; exit 1; }; \
	else \
		echo "The browser tests need Chromium: install the package chromium."; exit 1; \
	fi

lint: environment-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted: run .venv/bin/ruff format ."; exit 1; }

types: environment-dev
	@$(DEVELOPMENT) $(BIN)/mypy --no-error-summary

contracts: environment-dev
	@$(DEVELOPMENT) PYTHONPATH=. $(BIN)/lint-imports --no-logo > .import-linter.log 2>&1 && rm .import-linter.log || { cat .import-linter.log; rm .import-linter.log; exit 1; }

migrations: environment-dev
	@$(DEVELOPMENT) $(MANAGE) makemigrations --check --dry-run --verbosity 0 || { echo "A model changed without a migration."; exit 1; }

templates: environment-dev
	@$(BIN)/djlint --quiet --lint templates apps

deploy: environment-dev
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING --verbosity 0

# A complete production environment, with nothing real in it.
PRODUCTION := DEBUG=0 SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz \
	ALLOWED_HOSTS=support.example.com BASE_URL=https://support.example.com DATABASE_URL=embedded
