# Two commands set everything up: `make demo` and `make test`.
# Needed beforehand: make, and python3 (3.11 or newer) with its venv module.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test mutate check format clean

# Another Python: make test PYTHON=python3.13 VENV=.venv-3.13
PYTHON ?=
VENV ?= .venv
ARGS ?=

PYTHON_CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)
BIN := $(VENV)/bin
PINS := -c constraints.txt
CODE := ocop_sync adapters catalog tests

help:
	@echo 'make demo [ARGS=--once]   chạy thử với hai sàn mô phỏng / try it on two simulated marketplaces'
	@echo 'make test [ARGS=...]      chạy mọi kiểm thử / run every test'
	@echo 'make mutate MODULE=FILE   sửa thử từng chỗ của một tệp xem kiểm thử có thấy không / edit a file here and there: do its tests notice?'
	@echo 'make check                định dạng, lint, kiểu, luật import / format, lint, types, import contracts'
	@echo 'make format               sửa định dạng / fix the formatting'
	@echo 'make clean                xoá môi trường và dữ liệu thử / remove the environment and the demo data'

demo: $(VENV)/.installed
	@$(BIN)/ocop-sync demo $(ARGS)

# Three workers on two cores (`tests/conftest.py`), four at most: many tests wait for a process
# or a clock. A file stays with one worker, so that what it starts (a database server) is started once;
# `tests/conftest.py` puts those that take longest first. What runs on SQLite alone is
# said in `tests/databases.py`: ARGS=--everywhere runs it on PostgreSQL as well. CI does so
# in its second run, on another Python, and leaves the slowest out: ARGS="-m 'not slow'".
# Bytecode is kept, whatever the environment says: each of hundreds of processes would
# compile all.
test: $(VENV)/.installed-dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

# Not run with the tests: a module takes minutes. docs/mutation.md has the results.
mutate: $(VENV)/.installed-mutation
	@nice -n 10 $(BIN)/python -m benchmarks.mutation $(MODULE) $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

clean:
	rm -rf '$(VENV)' .demo .mutation .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps make a second run instant; a changed pin or dependency installs anew.
$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	@echo 'Đang cài đặt / installing ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml constraints.txt
	@echo 'Đang cài đặt cùng công cụ kiểm thử / installing with the test tools ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) -e '.[dev]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-mutation: $(VENV)/.installed-dev
	@echo 'Đang cài đặt công cụ sửa thử / installing the mutation tool ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) -e '.[dev,mutation]'
	@touch $(VENV)/.installed $(VENV)/.installed-dev $@

# Written by sh alone: nothing of ours can be run before a Python is found.
$(VENV)/.created:
	@found=; old=; bare=; \
	for candidate in $(PYTHON_CANDIDATES); do \
	  command -v "$$candidate" >/dev/null 2>&1 || continue; \
	  "$$candidate" -c '' >/dev/null 2>&1 || continue; \
	  if ! "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    old="$$candidate"; continue; \
	  fi; \
	  if ! "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    bare="$$candidate"; continue; \
	  fi; \
	  found="$$candidate"; break; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  version=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "$$bare ($$version) thiếu mô-đun venv. Hãy cài gói python3-venv (hoặc python$$version-venv):" >&2; \
	  echo "$$bare ($$version) lacks the venv module. Install the package python3-venv (or python$$version-venv):" >&2; \
	  echo "    sudo apt-get install python3-venv" >&2; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ] && [ -n "$$old" ]; then \
	  echo "$$old là $$("$$old" --version 2>&1); cần Python 3.11 trở lên." >&2; \
	  echo "$$old is $$("$$old" --version 2>&1); Python 3.11 or newer is needed. Another one: make PYTHON=/path/to/python3.13" >&2; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo 'Không tìm thấy Python. Hãy cài Python 3.11 trở lên (gói python3 và python3-venv).' >&2; \
	  echo 'No Python was found. Install Python 3.11 or newer (packages python3 and python3-venv).' >&2; \
	  exit 1; \
	fi; \
	"$$found" -m venv --clear '$(VENV)'
	@touch $@
