"""The commands: each turns one room's function into a step on a run folder.

A run folder is a store of events (ingest), and holds beside it `tokens/` (embed), `model.safetensors` and
`history.json` (train), `spread/` (spread), `alignment.safetensors` (align), `metrics.json` (evaluate),
`explanations.json`, `attention.json` and `trend.json` (explain) and `report.html` (report).
"""

from graphsocial.cli import (  # noqa: F401  (each adds its commands)
    align_command,
    commands,
    ingest_command,
    search_command,
    simulate_command,
    spark_command,
    spread_command,
    store_commands,
)
from graphsocial.cli.group import main

__all__ = ["main"]
