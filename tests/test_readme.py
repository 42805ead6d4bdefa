"""The README's code runs, in the order of the page.

Python blocks share one namespace; a fence opening with ```` ```python no-run ```` is left out. A ```` ```console ````
block is run when the line above its fence is `<!-- test -->`; of it, the lines that begin with `$ graphsocial`. A block
under `<!-- file: PATH -->` is written to that path first.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
LEFT_OUT = {"runs", "build"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language line, the line above the fence, its text and the line the text starts on."""

    info: str
    above: str
    text: str
    line: int


def blocks(markdown: str) -> list[Block]:
    """The fenced blocks of a page."""
    found, lines, place = [], markdown.splitlines(), 0
    while place < len(lines):
        fence = re.fullmatch(r"(`{3,})([^`]*)", lines[place])
        if not fence:
            place += 1
            continue
        ends = (n for n in range(place + 1, len(lines)) if re.fullmatch(f"{fence[1]}`*\\s*", lines[n]))
        end = next(ends, len(lines))
        above = lines[place - 1].strip() if place else ""
        found.append(Block(fence[2].strip(), above, "\n".join(lines[place + 1 : end]), place + 2))
        place = end + 1
    return found


def python_blocks(markdown: str) -> list[Block]:
    return [block for block in blocks(markdown) if block.info == "python"]


def commands(block: Block) -> list[str]:
    """`graphsocial` commands of a console block marked for testing; a backslash continues a line."""
    if block.info != "console" or block.above != "<!-- test -->":
        return []
    joined = block.text.replace("\\\n", " ")
    return [line[2:].strip() for line in joined.splitlines() if line.startswith("$ graphsocial")]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository and takes whatever the README writes."""
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in LEFT_OUT:
            (tmp_path / path.name).symlink_to(path, target_is_directory=path.is_dir())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_readme_shows_code() -> None:
    assert python_blocks(README.read_text(encoding="utf-8")), "README.md has no ```python block"


def test_readme_code_runs(checkout: Path) -> None:
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in blocks(README.read_text(encoding="utf-8")):
        named = re.fullmatch(r"<!-- file: (\S+) -->", block.above)
        if named:
            path = checkout / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text + "\n", encoding="utf-8")
        for command in commands(block):
            arguments = shlex.split(command)[1:]
            done = subprocess.run(
                [sys.executable, "-m", "graphsocial", *arguments], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if block.info == "python":
            # blank lines in front make a traceback show the README's own line number
            exec(compile("\n" * (block.line - 1) + block.text, str(README), "exec"), namespace)


def test_blocks_are_found_and_told_apart() -> None:
    page = "\n".join(
        [
            "# Title",
            "```python",
            "a = 1",
            "```",
            "<!-- test -->",
            "```console",
            "$ graphsocial ingest \\",
            "    data",
            "some output",
            "$ make demo",
            "```",
            "```console",
            "$ graphsocial train",
            "```",
            "```python no-run",
            "broken(",
            "```",
            "````markdown",
            "```python",
            "inner",
            "```",
            "````",
            "```python",
            "b = a + 1",
            "```",
        ]
    )
    assert [(block.text, block.line) for block in python_blocks(page)] == [("a = 1", 3), ("b = a + 1", 24)]
    found = [command.split() for block in blocks(page) for command in commands(block)]
    assert found == [["graphsocial", "ingest", "data"]]
