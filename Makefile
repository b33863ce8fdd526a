# make run    install into .venv and start: in the browser without a token, on Discord with TUTOR_DISCORD_TOKEN
# make test   install what the tests need and run them
# make check  lint, types, tests, audit (AUDIT=required fails when nobody can be asked)   make format
# make bench  measure all of it, for hours, and write docs/benchmarks.md      make fit  fit the weights anew
# make bench-peers   measure beside txtai, Haystack and LlamaIndex, which it installs into build/peers (1.7 GB)
# make soak MINUTES=10   the bot as a process under load, with its connection cut again and again
# make show   the tutor as the container runs it: asked, killed, exported, forgotten, backed up, restored (as root)

VENV ?= .venv
PYTHON ?= python3
# Where pip should take torch from, for example --index-url ADDRESS-OF-THE-CPU-BUILDS; see the README.
TORCH_FROM ?=
MINUTES ?= 10
BENCH_DATA ?= ../shared/data

BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: run install test check format lint types audit bench bench-peers soak show fit browser clean

run: install
	$(BIN)/tutor

install: $(VENV)/.installed

test: $(VENV)/.installed-dev browser
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev lint types test audit

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

audit: $(VENV)/.installed-dev
	$(BIN)/python -m tests.audit

bench: $(VENV)/.installed-dev
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench --keep
	$(BIN)/python -m tests.bench.report

# The frameworks stay apart from us: their dependencies are not ours.
bench-peers: $(VENV)/.installed-dev
	TORCH_FROM="$(TORCH_FROM)" $(BIN)/python -m tests.bench.peers.install build/peers
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.peers
	$(BIN)/python -m tests.bench.report

soak: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench soak --minutes $(MINUTES)

show: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.show

fit: $(VENV)/.installed-dev
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.fit
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.fit_grading

# The demo is tested in a real browser.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q && apt-get install -y -q --no-install-recommends chromium; \
	  else echo "The tests drive the demo in Chromium, which is not installed: install it, or set TUTOR_TEST_BROWSER=0."; fi; }

clean:
	rm -rf $(VENV) build data *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch comes first and by its pin, so that no other package chooses it; a build with CUDA is never taken unasked.
$(VENV)/.torch: | $(BIN)/python
	@$(PIP) install --quiet --dry-run --ignore-installed --report $(VENV)/torch.json -c constraints.txt $(TORCH_FROM) torch
	@if grep -Eiq '"name": "(nvidia|cuda)' $(VENV)/torch.json && [ -z "$(WITH_CUDA)" ]; then \
	  echo "pip would take torch's CUDA build here: several gigabytes that the tutor does not use."; \
	  echo "Name the CPU builds instead, as the README says under Install: make install TORCH_FROM='--index-url ADDRESS'"; \
	  echo "(or take it all the same: make install WITH_CUDA=1)."; exit 1; fi
	$(PIP) install --quiet -c constraints.txt $(TORCH_FROM) torch
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.torch
	$(PIP) install --quiet -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet -c constraints.txt -e '.[demo,dev]'
	@touch $@
