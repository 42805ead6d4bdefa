"""`python -m benchmarks NAME [--data D] [--seeds N] [--quick] [--out FILE]`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from graphsocial.cli.group import Commands

NAMES = (
    "bridge",
    "bridge_recovery",
    "bridge_case",
    "bridge_cost",
    "cascade_size",
    "demo",
    "diffusion",
    "explanations",
    "gpu",
    "graph",
    "ingest",
    "multimodal",
    "multimodal_alignment",
    "multitask",
    "networkx_suite",
    "next_user",
    "next_user_cost",
    "next_user_parts",
    "next_user_size",
    "scaling",
    "spark",
    "table",
    "vector_search",
)
"""Each is a command of that name in a module of that name; only the one that is asked for is imported."""


class Benchmarks(Commands):
    """Finds a benchmark by its name."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Benchmarks whose module is there."""
        return [name for name in NAMES if find_spec(f"benchmarks.{name}")]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The benchmark's command, None for an unknown name."""
        if name not in self.list_commands(context):
            return None
        command: click.Command = getattr(import_module(f"benchmarks.{name}"), name)
        return command


@click.group(cls=Benchmarks)
def main() -> None:
    """Benchmarks of graphsocial; each measured thing is one JSON line."""


if __name__ == "__main__":
    main()
