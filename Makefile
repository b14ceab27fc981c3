# `make run` is all a newcomer needs: it sets up by itself. `make help` lists the rest.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PY := .venv/bin/python
ARGS ?=

# `make check` looks at the code, not at what this machine's environment and .env happen to say.
TIDY = env -u DATABASE_URL -u CELERY_BROKER_URL DATA_DIR=.venv/check
AS_PRODUCTION = $(TIDY) PRODUCTION=1 ALLOWED_HOSTS=inboxdeck.example PUBLIC_URL=https://inboxdeck.example \
	EMAIL_URL=smtp+tls://mail.example:587

# A .venv whose Python is gone (an upgrade of the system, a moved folder) is made again.
ifneq ($(wildcard .venv/stamp),)
  ifneq ($(shell $(PY) -c 'print("works")' 2>/dev/null),works)
    $(shell rm -f .venv/stamp)
  endif
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## set up, then the whole product with a demo agency: DEMO=0 without it, PORT=n for another port
	@$(PY) manage.py run --until-parent-ends $(if $(filter 0 no false,$(DEMO)),--no-demo) $(ARGS)

setup: .venv/stamp ## the environment alone, in .venv
	@:

test: setup ## all tests; BROWSER=0 without those that need a Chromium; ARGS="-k word" for some
	@$(PY) -m tests.chromium "$(BROWSER)"
	@$(PY) -m pytest $(if $(filter 0 no false,$(BROWSER)),-m "not browser") $(ARGS)

check: lint types templates deploy ## lint, types, migrations, templates, settings; -k goes on after a failure

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/typos
	git ls-files '*.py' | xargs $(PY) -m django_upgrade --target-version 6.1 --check

types: setup
	$(PY) -m mypy

templates: setup
	git ls-files 'templates/*.html' | xargs .venv/bin/djade --target-version 6.1 --check

deploy: setup
	$(TIDY) $(PY) manage.py makemigrations --check --dry-run
	$(TIDY) $(PY) manage.py check --fail-level WARNING
	$(AS_PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

bench: setup ## how fast, as ratios; PEERS=1 installs what it is measured against; ARGS="--quick", "--help"
	@$(PY) -m bench $(if $(filter-out 0 no false,$(PEERS)),--peers) $(ARGS)

lock: setup ## requirements.lock anew from pyproject.toml; UPGRADE=1 takes newer versions
	@$(PY) -m uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --quiet -o requirements.lock

clean: ## remove the environment and caches; var/ (your data) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# pyenv's shims answer only for the versions switched on, so its folder is looked into as well.
define find_python
shims=$$(printf '%s' "$$PATH" | tr ':' '\n' | sed -n 's,/shims/*$$,/versions,p' | sort -u); \
for candidate in $(PYTHON) python3.13 python3.14 python3.12 python3 \
    $$(for folder in "$$HOME"/.pyenv/versions $$shims; do echo "$$folder"/3.13.*/bin/python3 "$$folder"/3.1[2-9]*/bin/python3; done); do \
  if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
  echo 'Inboxdeck needs Python 3.12 or newer, and none was found. Install one (3.13 is best: python.org, apt, brew or pyenv),' >&2; \
  echo 'or name it: make PYTHON=/path/to/python3.13 $(MAKECMDGOALS)' >&2; exit 1; \
fi
endef

# uv itself comes from the lock, with its hash, by pip; the rest by uv, which is three times as fast.
.venv/stamp: requirements.lock
	@set -e; $(find_python); \
	echo "Setting up .venv with $$("$$python" --version) …"; \
	if ! $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	  rm -rf .venv; \
	  "$$python" -m venv .venv || { rm -rf .venv; echo 'That Python cannot make environments: on Debian and Ubuntu, apt install python3-venv.' >&2; exit 1; }; \
	fi; \
	sed -n '/^uv==/,/^[^ ]/ { /^uv==/p; /^ /p; }' requirements.lock > .venv/uv.txt; \
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt; \
	$(PY) -m uv pip install --quiet --system-certs --require-hashes --python $(PY) -r requirements.lock \
	  || { echo 'uv could not; pip tries, which knows the mirrors of pip.conf.'; $(PY) -m pip install --quiet --require-hashes -r requirements.lock; }; \
	touch $@

.PHONY: help run setup test check lint types templates deploy bench lock clean
