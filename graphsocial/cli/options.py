"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

RUN = click.argument("run", type=click.Path(path_type=Path))
SEED = click.option("--seed", default=0, show_default=True, help="Seed of everything random.")
