"""Options that the commands of the benchmarks on cascades share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from graphsocial.errors import SchemaError, did_you_mean

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

data_option: Decorator = click.option(
    "--data", required=True, help="A folder of cascades, or the name of one under GRAPHSOCIAL_DATA."
)


def protocol_option(known: Sequence[str]) -> Decorator:
    """`--protocol`, strict unless it is given; another name than the known ones is a `SchemaError`."""
    return named_option("protocol", "strict", known, ", ".join(known))


def model_option(known: Sequence[str]) -> Decorator:
    """`--model`, the house's unless it is given; another name than the known ones is a `SchemaError`."""
    return named_option("model", "graphsocial", known, f"{', '.join(known)}; floors always run.")


def out_option(name: str) -> Decorator:
    """`--out`, None unless it is given.

    Args:
        name: Of the file that the command writes then, for the help.
    """
    return click.option("--out", type=click.Path(path_type=Path), help=f"[default: benchmarks/results/{name}]")


def named_option(what: str, default: str | None, known: Sequence[str], help: str) -> Decorator:
    """An option that takes one of several names, refused in the house's words rather than in click's.

    Args:
        what: Its name.
        default: What it is unless it is given; None: it has to be.
        known: The names.
        help: For the help.
    """

    def checked(context: click.Context, parameter: click.Parameter, got: str) -> str:
        if got not in known:
            raise SchemaError(f"unknown {what} {got!r}, expected one of {', '.join(known)}.{did_you_mean(got, known)}")
        return got

    required = default is None
    return click.option(
        f"--{what}", default=default, required=required, show_default=not required, callback=checked, help=help
    )
