# Two commands on a machine that has python3 and make: `make demo` and `make test`.
# Both install from the pinned files into .venv when those have changed, in any order.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test bench torture pins pictures audit

help: ## this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1	/p' Makefile

demo: .venv/runtime-installed ## try the bot in a browser, without accounts
	@$(BIN)/python -m bot demo $(ARGS)

test: .venv/dev-installed ## style, types, import contracts and all tests (ARGS="-k undo" picks some)
	@echo "Style" && $(BIN)/ruff check && $(BIN)/ruff format --check
	@echo "Types" && $(BIN)/mypy
	@echo "Imports" && $(BIN)/lint-imports --no-logo
	@echo "Tests" && $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

bench: .venv/dev-installed ## how fast: acks, cached answers, memory, calls to Focus
	@$(BIN)/python -m tests.bench $(ARGS)

torture: .venv/dev-installed ## kill, cut off, lie to and overload the bot (ARGS="--minutes 3 --only crash")
	@$(BIN)/python -m tests.torture $(ARGS)

pictures: .venv/dev-installed ## take the pictures of the README again (ARGS="look phone" picks some)
	@$(BIN)/python -m tests.pictures $(ARGS)

audit: .venv/dev-installed ## known vulnerabilities of the pinned packages, where their list can be reached
	@$(BIN)/python .ci/audit

# The pinned files, for every platform; needs uv (https://docs.astral.sh/uv/). ARGS=--upgrade takes newer versions.
PIN := uv pip compile --universal --generate-hashes --python-version 3.11 --no-annotate
pins: ## pin again what pyproject.toml asks for
	$(PIN) $(ARGS) pyproject.toml -o requirements.txt
	$(PIN) $(ARGS) --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

# --------------------------------------------------------------- installing
.venv/runtime-installed: requirements.txt .venv/pyvenv.cfg
	@$(call install,$<)
	@touch $@

.venv/dev-installed: requirements-dev.txt .venv/pyvenv.cfg
	@$(call install,$<)
	@touch $@ .venv/runtime-installed

# A .venv whose Python no longer works (after a system upgrade) is made again.
ifneq ($(wildcard .venv),)
ifneq ($(shell $(BIN)/python -c 'print("works")' 2>/dev/null),works)
.PHONY: .venv/pyvenv.cfg
endif
endif

.venv/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed. This bot needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V). This bot needs Python 3.11 or newer: name one, like"; \
	  echo "  make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments yet. One command mends it:"; \
	  echo "  $$([ "$$(id -u)" = 0 ] || echo 'sudo ')apt install python3-venv"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv --clear .venv

# $(call install,FILE): pip, with one line that counts up instead of its own hundreds.
# A pipe hides pip's exit status, so a file says whether pip failed; pip's errors are shown as they are.
define install
echo "Installing $(1)"; rm -f .venv/failed; \
{ $(BIN)/python -m pip install --require-hashes --disable-pip-version-check --no-input -r $(1) \
  || touch .venv/failed; } | { \
  total=$$(grep -c '==' $(1)); count=0; \
  while read -r verb object rest; do case "$$verb $$object" in \
    Collecting*|Processing*|Requirement*) count=$$((count + 1)); \
      [ ! -t 1 ] || printf '\r  %s of %s packages' "$$count" "$$total";; \
    Installing*) [ ! -t 1 ] || printf '\r  unpacking, a few seconds';; \
  esac; done; \
  [ ! -t 1 ] || printf '\r%30s\r' ''; }; \
[ ! -e .venv/failed ] && echo "  all packages are there"
endef
