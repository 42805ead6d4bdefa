"""The library names no corpus, and keeps nothing in a format that runs code when it is read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent.parent / "graphsocial"
CORPUS_NAMES = ("mediaeval", "veracity", "sandy")
RUNS_CODE = ("pickle", "cpickle", "cloudpickle", "dill", "joblib", "shelve", "marshal")
TEXT = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix not in (".pyc", ".nbi", ".nbc"))
PYTHON = [path for path in TEXT if path.suffix == ".py"]


def named(text: str) -> list[str]:
    """Corpus names that a text holds."""
    return [word for word in CORPUS_NAMES if word in text.lower()]


def unsafe(source: str) -> list[str]:
    """Uses of formats that run code when read. Words in comments and docstrings are no use."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [name for name in modules if name.split(".")[0].lower().lstrip("_") in RUNS_CODE]
        elif isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            if dotted == "torch.save" or "pickle" in node.attr.lower():
                found.append(dotted)
        elif isinstance(node, ast.Call):
            dotted = ast.unparse(node.func)
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if keywords.get("allow_pickle", "False") != "False":
                found.append("allow_pickle")
            if dotted == "torch.load" and keywords.get("weights_only") != "True":
                found.append("torch.load without weights_only=True")
            if dotted.endswith(("import_module", "__import__")) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and str(first.value).split(".")[0] in RUNS_CODE:
                    found.append(str(first.value))
    return found


@pytest.mark.parametrize("path", TEXT, ids=[str(p.relative_to(PACKAGE)) for p in TEXT])
def test_no_corpus_is_named(path: Path) -> None:
    assert named(path.read_text(encoding="utf-8")) == []
    assert named(path.name) == []


@pytest.mark.parametrize("path", PYTHON, ids=[str(p.relative_to(PACKAGE)) for p in PYTHON])
def test_nothing_runs_code_when_read(path: Path) -> None:
    assert unsafe(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import dumps",
        "def f():\n    import _pickle",
        "import joblib",
        "torch.save(state, path)",
        "np.load(path, allow_pickle=True)",
        "np.save(path, x, allow_pickle=flag)",
        "frame.to_pickle(path)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "importlib.import_module('pickle')",
    ],
)
def test_an_unsafe_format_is_seen(source: str) -> None:
    assert unsafe(source)


def test_safe_ones_are_not() -> None:
    assert unsafe("'no pickle here'\nnp.load(p, allow_pickle=False)\ntorch.load(p, weights_only=True)") == []


def test_a_corpus_name_is_seen() -> None:
    assert named("DEFAULT = 'data/MediaEval'") == ["mediaeval"]
