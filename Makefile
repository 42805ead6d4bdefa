# Everything runs from .venv; `make demo` and `make test` build it when it is missing or when pyproject.toml changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := igraph rustworkx real_ladybug faiss-cpu cynetdiff EoN six ndlib
# Comes as C++ sources that compile for minutes; `make test SLOW_PEERS=` does without.
SLOW_PEERS := pynetim

.PHONY: demo test test-slow lint types clean

$(VENV): $(VENV)/.installed

# uv is several times faster, but it ignores a CPU-only torch unless a local folder of wheels is named, so plain pip otherwise.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@if [ -n "$$PIP_FIND_LINKS" ]; then \
		$(BIN)/python -m pip install --quiet uv && \
		UV_FIND_LINKS="$$PIP_FIND_LINKS" $(BIN)/uv pip install --python $(BIN)/python -e ".[dev]"; \
	else \
		$(BIN)/python -m pip install -e ".[dev]"; \
	fi
	@for peer in $(PEERS) $(SLOW_PEERS); do \
		$(BIN)/python -m pip install --quiet "$$peer" || \
		echo "$$peer cannot be installed: benchmarks will leave it out"; \
	done
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/graphsocial demo --out runs/demo

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

# One thread each: the tests' tensors are tiny, and waiting threads slow a busy machine down many times over.
test: lint types
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest

test-slow: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

clean:
	rm -rf $(VENV) runs build *.egg-info
