"""What the package offers exists, is described, and costs no torch to import."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import graphsocial

PACKAGE = Path(graphsocial.__file__).parent
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
HEAVY = ("torch", "torch_geometric", "transformers", "sentence_transformers", "timm", "numba")
LEFT_OF_NN = [room for room in ("graph", "diffusion", "trends", "store", "ingest", "embed") if room in ROOMS]


@pytest.mark.parametrize("name", graphsocial.__all__)
def test_a_public_name_resolves(name: str) -> None:
    assert getattr(graphsocial, name) is not None


def test_the_lists_match() -> None:
    assert sorted(graphsocial.__all__) == sorted([*graphsocial._HOME, "__version__"])
    assert sorted(dir(graphsocial)) == sorted(graphsocial.__all__)
    assert len(set(graphsocial.__all__)) == len(graphsocial.__all__)
    typed = _typing_only_names()
    assert typed == set(graphsocial._HOME), "the names for type checkers and the lazy table differ"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'loda'"):
        graphsocial.loda  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_what_it_lists(room: str) -> None:
    module = importlib.import_module(f"graphsocial.{room}")
    assert module.__doc__, f"graphsocial.{room} has no docstring"
    names = getattr(module, "__all__", None)
    assert names is not None, f"graphsocial.{room} has no __all__"
    assert len(set(names)) == len(names), f"graphsocial.{room}.__all__ names something twice"
    assert [name for name in names if not hasattr(module, name)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_offers_is_described(room: str) -> None:
    module = importlib.import_module(f"graphsocial.{room}")
    public = {name: getattr(module, name) for name in getattr(module, "__all__", ()) if hasattr(module, name)}
    things = {name: thing for name, thing in public.items() if inspect.isclass(thing) or inspect.isroutine(thing)}
    # a dataclass without a docstring gets its signature for one
    silent = [
        n for n, thing in things.items() if not (thing.__doc__ or "").strip() or thing.__doc__.startswith(f"{n}(")
    ]
    assert silent == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = _modules_after("import graphsocial")
    assert [name for name in (*HEAVY, "pyarrow", "pandas", "polars", "networkx") if name in loaded] == []
    extra = len(loaded) - len(_modules_after("pass"))
    assert extra < 60, f"`import graphsocial` loads {extra} modules; it has to stay cheap"


@pytest.mark.parametrize("room", LEFT_OF_NN)
def test_rooms_left_of_nn_load_no_torch(room: str) -> None:
    loaded = _modules_after(f"import graphsocial.{room}")
    assert [name for name in HEAVY if name in loaded and name != "numba"] == []


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def _typing_only_names() -> set[str]:
    import ast

    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}
