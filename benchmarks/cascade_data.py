"""Where a corpus is: by path, or by name under GRAPHSOCIAL_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import click

from graphsocial.errors import SchemaError, did_you_mean


def corpus_folder(data: str) -> Path | None:
    """Folder of a corpus; None, after a line that says why, for the name of one that is not there.

    A name is looked for under GRAPHSOCIAL_DATA, then here; anything with a separator in it is a path.

    Raises:
        SchemaError: It is a path, and there is no such folder.
    """
    root = os.environ.get("GRAPHSOCIAL_DATA")
    is_name = Path(data).name == data and data not in ("", ".", "..")
    places = ([Path(root) / data] if root and is_name else []) + [Path(data)]
    for place in places:
        if place.is_dir():
            return place
    if not is_name:
        raise SchemaError(f"no folder {data!r}, expected a path of one, or a name under GRAPHSOCIAL_DATA")
    if not root:
        click.echo(f"{data}: skipped, GRAPHSOCIAL_DATA is not set and there is no folder of that name here")
        return None
    here = sorted(p.name for p in Path(root).iterdir() if p.is_dir()) if Path(root).is_dir() else []
    click.echo(f"{data}: skipped, no such corpus under GRAPHSOCIAL_DATA={root}.{did_you_mean(data, here)}")
    return None
