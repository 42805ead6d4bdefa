"""What each part of the graphsocial next-user model adds: trained again without it, all other settings equal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from benchmarks.cascade_content import CascadeContent, cascade_content
from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, out_option, protocol_option
from benchmarks.kept_ranks import KeptRanks
from benchmarks.next_user import QUICK_TARGETS, finished, run_model
from benchmarks.next_user_lines import Origin
from benchmarks.next_user_parts_lines import PartsLines
from benchmarks.result_lines import ResultLines
from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean
from graphsocial.ingest import CascadeFolder, read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split
from graphsocial.learn.seeds import derived_seed

if TYPE_CHECKING:
    from graphsocial.learn.next_user.model import NextUserModel

FULL = "graphsocial"
PARTS = {
    "no_content": "neither state nor evidence from words and pictures",
    "shuffled_content": "the control: every cascade has the content of another, drawn by the seed",
    "no_graph": "no attention over co-participants; the counts of pairs stay in the evidence",
    "no_sequence": "no recurrent reading of the prefix; its weighted mean and its last user stay",
    "no_multitask": "no loss of the cascade's size",
}
OF_CONTENT = ("no_content", "shuffled_content")

_Settings = TypeVar("_Settings")


@click.command("next_user_parts")
@data_option
@protocol_option(PROTOCOLS)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Trainings of each variant.")
@click.option("--part", "parts", multiple=True, help=f"Again for more than one: {', '.join(PARTS)}  [default: all]")
@click.option("--quick", is_flag=True, help="One seed, one epoch, without content.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Folder for the ranks of each training, shared with next_user."
)
@out_option("next_user_parts_DATA_PROTOCOL.jsonl")
def next_user_parts(
    data: str, protocol: str, seeds: int, parts: tuple[str, ...], quick: bool, keep: Path | None, out: Path | None
) -> None:
    """Next-user prediction with one part of the model left out at a time, on the published cut."""
    for part in parts:
        if part not in PARTS:
            known = ", ".join(PARTS)
            raise SchemaError(f"unknown part {part!r}, expected one of {known}.{did_you_mean(part, PARTS)}")
    path = corpus_folder(data)
    if path is None:
        return
    folder = read_cascade_folder(path)
    click.echo(repr(folder))
    cut = Origin(0.8, next_user_split(CascadeTable.of(folder.cascades), protocol))
    if quick:
        cut = cut.first(QUICK_TARGETS)
    suffix = "_quick" if quick else ""
    out = out or Path(f"benchmarks/results/next_user_parts_{folder.name}_{protocol}{suffix}.jsonl")
    lines = PartsLines(ResultLines(out, "next_user_parts", folder.name, folder.sha256, protocol), cut, FULL, quick)
    kept, seeds = KeptRanks(keep, folder.sha256), 1 if quick else seeds
    run_model(cut, FULL, folder, seeds, quick, kept)
    lines.write_full()
    content = cascade_content(folder, cut.split.table) if cut.config[FULL]["content"] else CascadeContent({})
    for part in parts or PARTS:
        if part in OF_CONTENT and not content.vectors:
            why = "a quick run reads no content" if quick else f"{folder.name} has neither texts nor images"
            click.echo(f"{part}: skipped, {why}")
            continue
        run_part(cut, part, folder, content, seeds, quick, kept)
        lines.write_part(part)
    lines.show(folder.name)
    click.echo(f"\nresults in {out}")


def run_part(
    cut: Origin,
    part: str,
    folder: CascadeFolder,
    content: CascadeContent,
    seeds: int,
    quick: bool,
    kept: KeptRanks,
) -> None:
    """Ranks of the model without a part, one training per seed, with the settings that the full model had."""
    for seed in range(seeds):
        name = f"{folder.name}_{cut.split.protocol}_{FULL}-{part}_{cut.share:.1f}"
        key = f"{name}_seed{seed}{'_quick' if quick else ''}"
        training = kept.get(key, len(cut.cascade))
        if training is None:
            began = time.perf_counter()
            training = finished(trained_without(part, cut.config[FULL], cut.split, content, seed), cut, began)
            kept.put(key, training)
        cut.add(part, training)
        click.echo(f"{part} seed {seed}: {training.seconds:.0f} s")


def trained_without(
    part: str, config: Mapping[str, Any], split: NextUserSplit, content: CascadeContent, seed: int
) -> NextUserModel:
    """A model without a part, trained and selected on validation.

    Args:
        part: One of `PARTS`.
        config: What the full model says about itself; its settings are taken over.
        split: Parts and protocol.
        content: What the cascades say and show.
        seed: Of everything random.
    """
    from graphsocial.learn.next_user.model import NextUserModel  # torch, needed only here
    from graphsocial.learn.next_user.sampled import Sources
    from graphsocial.learn.next_user.training import NextUserTraining
    from graphsocial.nn.next_user_net import NextUserNetConfig

    net, training = _settings(NextUserNetConfig, config), _settings(NextUserTraining, config)
    if part == "no_content":
        content = CascadeContent({})
    elif part == "shuffled_content":
        content = replace(content, vectors=shuffled(content.vectors, seed))
    elif part == "no_graph":
        net = replace(net, hops=0)
    elif part == "no_sequence":
        net = replace(net, use_sequence=False)
    elif part == "no_multitask":
        training = replace(training, size_weight=0.0)
    else:
        raise SchemaError(f"unknown part {part!r}, expected one of {', '.join(PARTS)}.{did_you_mean(part, PARTS)}")
    sources = Sources(None, content.vectors, content.assumptions)
    model = NextUserModel(split, sources, seed=seed, net=net, training=training)
    for report in model.fit():
        click.echo(f"{part} seed {seed}, {report}", err=True)
    return model


def shuffled(content: Mapping[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """The same rows, each at another cascade; all modalities of a cascade move together.

    The permutation is a single cycle, so that no cascade keeps its own row.

    >>> moved = shuffled({"text": np.arange(4.0)[:, None]}, 0)["text"][:, 0]
    >>> sorted(moved.tolist()), bool((moved == np.arange(4)).any())
    ([0.0, 1.0, 2.0, 3.0], False)
    """
    count = len(next(iter(content.values())))
    order = np.random.default_rng(derived_seed("shuffled content", seed)).permutation(count)
    source = np.empty(count, dtype=np.int64)
    source[order] = np.roll(order, 1)
    return {name: rows[source] for name, rows in content.items()}


def _settings(kind: type[_Settings], config: Mapping[str, Any]) -> _Settings:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    missing = [name for name in names if name not in config]
    if missing:
        raise DataIntegrityError(
            f"the kept ranks of {FULL} do not say {', '.join(missing)}: another version made them; remove them"
        )
    return kind(**{name: config[name] for name in names})
