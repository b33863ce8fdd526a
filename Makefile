# make run     install into .venv and start: in the browser without a token, on Discord with TUTOR_DISCORD_TOKEN
# make test    install what the tests need and run them
# make lint    format, rules, spelling, white space, TOML and YAML
# make quick   lint, types and the unit tests that need neither model nor browser and are not slow: for the inner loop
# make coverage   all tests, with the branches that they take: fails under the floor in pyproject.toml
# make check   lint, types, workflows, manual, tests, audit (AUDIT=required fails when the index cannot answer)
# make format  sort imports and format
# make docs    compare the manual with the code, and build it as a site into build/site
# make lock    renew requirements/*.txt (make lock UPGRADE=--upgrade: with the newest versions)
# make sbom    write build/sbom.cdx.json: what the container image contains, as CycloneDX
# make dist    build the packages
# make bench   measure everything, for hours, and write docs/benchmarks.md      make fit   fit the weights again
# make bench-peers   measure beside txtai, Haystack and LlamaIndex, which it installs into build/peers (1.7 GB)
# make soak MINUTES=10   the bot as a process under load, with its connection cut again and again
# make show    the tutor as the container runs it: asked, killed, exported, forgotten, backed up, restored (as root)

VENV ?= .venv
PYTHON ?= python3
# Where to take torch from, as options of pip: --index-url ADDRESS, --find-links FOLDER. Empty: see deploy/install.
export TORCH_FROM ?=
MINUTES ?= 10
# Tests start dozens of processes: where Python may not keep compiled modules, each would compile torch anew for 8 s.
export PYTHONDONTWRITEBYTECODE :=
BENCH_DATA ?= ../shared/data

BIN := $(VENV)/bin
INSTALL = $(PYTHON) deploy/install $(VENV)
COMPILE = $(BIN)/uv --quiet --no-config pip compile --universal --python-version 3.11 --generate-hashes \
  --custom-compile-command "make lock" --annotation-style line $(UPGRADE)
# torch, and the CUDA packages that it brings on Linux, are locked apart: deploy/install takes a CPU build if it can.
COMPILE_PROJECT = $(COMPILE) pyproject.toml -c requirements/torch.txt \
  $$(sed -nE 's/^((torch|triton|cuda|nvidia)[a-z0-9-]*)==.*/--no-emit-package \1/p' requirements/torch.txt)

.PHONY: run install dev test coverage quick check format lint types workflows docs audit lock sbom dist bench bench-peers soak \
  show fit browser clean

run: install
	$(BIN)/tutor

install:
	@$(INSTALL) run

dev:
	@$(INSTALL) dev

test: dev browser
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

coverage: dev browser
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term

quick: lint types
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal -m "not model and not browser and not slow" \
	  tests/index tests/bot/quiz tests/bot/store tests/test_architecture.py tests/test_docs.py

check: dev lint types workflows docs test audit

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	VENV=$(VENV) $(BIN)/pre-commit run --all-files --hook-stage manual

types: dev
	$(BIN)/mypy
	$(BIN)/mypy deploy/install deploy/pgvector

workflows: dev
	$(BIN)/jactionlint --shellcheck=
	$(BIN)/zizmor --offline --quiet --pedantic .github

docs: dev
	$(BIN)/python -m pytest tests/test_docs.py tests/bench/test_report.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

dist: dev
	$(BIN)/uv build --quiet --out-dir dist

audit: dev
	$(BIN)/python -m tests.audit

lock: dev
	$(COMPILE) --group bootstrap -o requirements/bootstrap.txt
	$(COMPILE) --group torch -c requirements/bootstrap.txt -o requirements/torch.txt
	$(COMPILE_PROJECT) --all-extras -o requirements/dev.txt
	$(COMPILE_PROJECT) --extra demo --extra fast -c requirements/dev.txt -o requirements/run.txt
	$(COMPILE_PROJECT) --extra fast --extra cluster -c requirements/dev.txt -o requirements/image.txt

sbom: dev
	@mkdir -p build
	{ cat requirements/image.txt; grep -o '^torch==[^ ]*' requirements/torch.txt; } | $(BIN)/python -W ignore -m cyclonedx_py requirements \
	  --pyproject pyproject.toml --output-reproducible -o build/sbom.cdx.json -

bench: dev
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench --keep
	$(BIN)/python -m tests.bench.report

# The frameworks stay apart from us: their dependencies are not ours.
bench-peers: dev
	TORCH_FROM="$(TORCH_FROM)" $(BIN)/python -m tests.bench.peers.install build/peers
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.peers
	$(BIN)/python -m tests.bench.report

soak: dev
	$(BIN)/python -m tests.bench soak --minutes $(MINUTES)

show: dev
	$(BIN)/python -m tests.bench.show

fit: dev
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.fit
	BENCH_DATA=$(BENCH_DATA) $(BIN)/python -m tests.bench.fit_grading
	$(BIN)/python -m tests.bench.fit_acts

browser: dev
	@$(BIN)/python -m tests.browser

clean:
	rm -rf $(VENV) build data *.egg-info
