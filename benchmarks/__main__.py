"""`python -m benchmarks NAME [--data D] [--seeds N] [--quick] [--out FILE]`."""

from __future__ import annotations

import click

from benchmarks.demo import demo
from graphsocial.cli import Commands


@click.group(cls=Commands)
def main() -> None:
    """Benchmarks of graphsocial; each measured thing is one JSON line."""


main.add_command(demo)
main()
