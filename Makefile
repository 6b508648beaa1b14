# Everything a contributor runs. `make test` is what CI runs.
.PHONY: demo setup test lint coverage format edition grammar codes schema zoo zoo-oracle pictures bench wheel

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
SPECS   = specs resdsl/prelude tests/data

demo: $(VENV)/demo/bin/resdsl
	$< count resnet50
	$< draw resnet50 -o resnet50.svg
	@echo "wrote resnet50.svg; the command is $(VENV)/demo/bin/resdsl"

# The demo needs neither PyTorch nor the test tools.
$(VENV)/demo/bin/resdsl: pyproject.toml
	$(PYTHON) -m venv $(VENV)/demo
	$(VENV)/demo/bin/pip install --quiet --editable .

setup: $(BIN)/resdsl

$(BIN)/resdsl: pyproject.toml requirements-test.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint requirements-test.txt --editable '.[test]'
	touch $@

test: setup lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/resdsl fmt --check $(SPECS)

# The share of branches that the tests take: half as long again as `make test`.
E     = resdsl/emit
LOCKS = resdsl/limits.py,resdsl/files.py,$(E)/safety.py,$(E)/docstrings.py,$(E)/picture/dot.py,$(E)/picture/svg.py,$(E)/picture/mermaid.py,$(E)/tables/text.py,$(E)/tables/latex.py,$(E)/tables/html.py,$(E)/tables/data.py

coverage: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=95
	$(BIN)/coverage report --show-missing --include=$(LOCKS) --fail-under=100

# Put Python and specs in the style.
format: setup
	$(BIN)/ruff format .
	$(BIN)/resdsl fmt $(SPECS)

# Rewrite what is made from other files; tests fail where it is out of date.
grammar: setup
	$(BIN)/python -c 'from resdsl.parser import table; print(table.table(), end="")' > grammars/resdsl.table.json.new
	mv grammars/resdsl.table.json.new grammars/resdsl.table.json

codes: setup
	$(BIN)/python -c 'from resdsl import codes; print(codes.index(), end="")' > docs/codes/README.md

# Add the networks that are new to what edition 1 promises; a change is refused: see docs/compatibility.md.
edition: setup
	$(BIN)/python tests/edition.py

schema: setup
	$(BIN)/resdsl ir --schema > docs/ir.schema.json

zoo: setup
	$(BIN)/python -c 'from resdsl.emit import zoo; print(zoo.page(), end="")' > docs/zoo.md

# Compare the zoo with timm and torchvision: COMPARE is the script that does it, ORACLE a Python that has both.
zoo-oracle: setup
	$(BIN)/python tests/soak/oracle.py $(COMPARE) $(ORACLE) $(ROWS)

pictures: setup
	grep '^resdsl draw ' docs/pictures.md | while read -r command; do $(BIN)/$$command --force || exit 1; done

bench: setup
	$(BIN)/python benchmarks/cold_start.py

wheel: setup
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build
