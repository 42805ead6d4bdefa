"""Imports point left along the river of the design, deferred and typing-only ones included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import graphsocial

PACKAGE = Path(__file__).resolve().parent.parent / "graphsocial"

# Left to right; rooms of one row do not import each other. schema raises the errors of errors.
RIVER = [
    ("errors", "networkx_info"),
    ("schema",),
    ("graph",),
    ("diffusion", "trends"),
    ("store",),
    ("ingest",),
    ("embed",),
    ("nn",),
    ("learn",),
    ("explain", "audit"),
    ("query",),
    ("privacy",),
    ("scale",),
    ("report", "view"),
    ("cli",),
    ("__main__",),
]
PLACE = {room: place for place, rooms in enumerate(RIVER) for room in rooms}

FILES = sorted(PACKAGE.rglob("*.py"))


def imported_rooms(source: str, module: str) -> list[tuple[int, str]]:
    """Line and room of every import of the package in a module's source; a room "*" stands for the whole package."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = module.split(".")[: -node.level] if node.level else []
                base = ".".join([*parent, base] if base else parent)
            names = [base] if base != "graphsocial" else [f"graphsocial.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                names = [str(first.value)]
        for name in names:
            parts = name.split(".")
            if parts[0] == "graphsocial":
                room = parts[1] if len(parts) > 1 else "*"
                found.append((node.lineno, graphsocial._HOME.get(room, room)))
    return found


def violations(source: str, module: str) -> list[str]:
    """What a module, named like `graphsocial.graph.csr`, imports against the river."""
    parts = module.split(".")
    room = parts[1]
    if room not in PLACE:
        return [f"{module}: room {room!r} has no place in the river"]
    wrong = []
    for line, target in imported_rooms(source, module):
        if target == room or target == "__version__":
            continue
        if target == "*":
            wrong.append(f"{module}:{line} imports the whole package, which reaches every room")
        elif target not in PLACE:
            wrong.append(f"{module}:{line} imports {target!r}, which has no place in the river")
        elif PLACE[target] >= PLACE[room]:
            wrong.append(f"{module}:{line}: {room} imports {target}, which is not left of it")
    return wrong


def module_name(path: Path) -> str:
    """Dotted name of a file; a package's `__init__` keeps its name, so that relative imports resolve from it."""
    return ".".join(["graphsocial", *path.relative_to(PACKAGE).with_suffix("").parts])


@pytest.mark.parametrize("path", FILES, ids=[module_name(p) for p in FILES])
def test_imports_point_left(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # its own test below
    assert violations(path.read_text(encoding="utf-8"), module_name(path)) == []


def test_the_package_itself_imports_rooms_only_on_demand() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.If):
            assert ast.unparse(node.test) == "TYPE_CHECKING"
        else:
            assert imported_rooms(ast.unparse(node), "graphsocial.__init__") == [], ast.unparse(node)
    assert set(graphsocial._HOME.values()) <= set(PLACE)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from graphsocial.learn import Task", "graphsocial.graph.csr"),
        ("import graphsocial.nn.heads", "graphsocial.embed.cache"),
        ("from graphsocial import query", "graphsocial.learn.trainer"),
        ("from graphsocial import Engine", "graphsocial.learn.trainer"),
        ("import graphsocial as gs", "graphsocial.learn.trainer"),
        ("def f():\n    from graphsocial.cli import main", "graphsocial.report.page"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from graphsocial.nn import X",
            "graphsocial.store.x",
        ),
        ("from ..store import save_graph", "graphsocial.graph.csr"),
        ("from .. import store", "graphsocial.graph.csr"),
        ("from ..store import save_graph", "graphsocial.graph.__init__"),
        ("from .cli import main", "graphsocial.schema"),
        ("import importlib\nimportlib.import_module('graphsocial.nn')", "graphsocial.ingest.folder"),
        ("from graphsocial.trends import burst", "graphsocial.diffusion.hawkes"),
        ("from graphsocial.audit import leaks", "graphsocial.explain.evidence"),
        ("from graphsocial.view import bench", "graphsocial.report.page"),
        ("from graphsocial.schema import Schema", "graphsocial.errors"),
        ("from graphsocial.utils import x", "graphsocial.report.page"),
        ("", "graphsocial.utils.x"),
    ],
)
def test_a_violation_is_seen(source: str, module: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from graphsocial.graph import SocialGraph\nimport torch", "graphsocial.learn.trainer"),
        ("from .csr import Csr\nfrom . import kernels\nfrom ..errors import SchemaError", "graphsocial.graph.sampling"),
        ("from .csr import Csr", "graphsocial.graph.__init__"),
        ("from graphsocial import SocialGraph, __version__", "graphsocial.cli"),
        ("import graphsocialite", "graphsocial.graph.csr"),
    ],
)
def test_what_is_allowed_is_not(source: str, module: str) -> None:
    assert violations(source, module) == []
