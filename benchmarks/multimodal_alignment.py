"""Texts searched by pictures and pictures by texts: the learned alignment against linear ones and chance."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from scipy.special import gammaln

from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, out_option
from benchmarks.mean_lines import write_means
from benchmarks.multimodal_data import read_multimodal
from benchmarks.post_graph import post_graph
from benchmarks.post_label_data import CACHE, GRID, TEXT_TOKENS, text_encoder
from benchmarks.result_lines import ResultLines
from graphsocial.embed import embed_posts
from graphsocial.errors import SchemaError
from graphsocial.learn.alignment.alignment_training import AlignmentTraining
from graphsocial.learn.alignment.content_pairs import PAIRED, ContentPairs, content_pairs
from graphsocial.learn.alignment.fit_alignment import FEWEST, train_alignment, validation_pairs
from graphsocial.learn.alignment.linear_floors import (
    LinearAlignment,
    Projection,
    cca_alignment,
    ridge_alignment,
)
from graphsocial.learn.alignment.retrieval_ranks import retrieval_ranks
from graphsocial.learn.seeds import derived_seed

FOLDS = 5
AT = (1, 5, 10)
RANDOM, RIDGE, CCA, LEARNED, PERMUTED = "random", "ridge", "cca", "alignment", "alignment/permuted_pairs"
FLOORS = (RANDOM, RIDGE, CCA)
WAYS = (("text", "image"), ("image", "text"))


@click.command("multimodal_alignment")
@data_option
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Times the folds are dealt anew.")
@click.option("--quick", is_flag=True, help="Within a minute: one fold, one network, no control.")
@out_option("multimodal_alignment_DATA.jsonl")
def multimodal_alignment(data: str, seeds: int, quick: bool, out: Path | None) -> None:
    """Recall at 1, 5 and 10, both ways, on folds that keep equal texts and equal pictures on one side.

    A query searches all contents of its fold; what shares its text or picture counts as right. The linear floors choose
    their ridge on the validation pairs that tell the alignment when to stop, and all see both parts in the end. One
    case is trained on pairs that were shuffled, and must find nothing.
    """
    folder = corpus_folder(data)
    if folder is None:
        return
    read = read_multimodal(folder, "sentiment")
    click.echo(repr(read))
    if not any(read.images) or not read.text.astype(bool).any():
        raise SchemaError(f"{read.name} needs posts with a text and posts with a picture, it has not both")
    graph = post_graph(read)
    table = embed_posts(graph, text_encoder(read), text_tokens=TEXT_TOKENS, image_grid=GRID, cache=CACHE)
    pairs = content_pairs(graph, table)
    groups = len(np.unique(pairs.group))
    if groups < 2 * FEWEST:
        raise SchemaError(f"{read.name}: {len(pairs)} pairs in {groups} groups are too few for folds")
    name = f"multimodal_alignment_{read.name}{'_quick' if quick else ''}.jsonl"
    out = out or Path("benchmarks/results") / name
    lines = ResultLines(out, "multimodal_alignment", read.name, read.sha256, f"grouped_{FOLDS}_fold")
    config = AlignmentTraining()
    if quick:
        config = replace(config, nets=1, epochs=15)
    ranks, rows, gallery = _ranks(pairs, config, 1 if quick else seeds, 1 if quick else FOLDS, not quick)
    about = {
        "quick": quick,
        "seeds": seeds,
        "pairs": len(pairs),
        "groups": groups,
        "mean_gallery": float(np.mean(gallery)),
        "encoders": dict(pairs.encoders),
        "assumptions": list(table.assumptions(int(pairs.time.min()))),
    }
    for way in ranks:
        own = np.concatenate(rows)
        for k in AT:
            hits = {case: (np.concatenate(given) <= k).astype(np.float64) for case, given in ranks[way].items()}
            hits[RANDOM] = _chance(pairs, rows, k)
            write_means(lines, f"{way}/recall@{k}", hits, pairs.group[own], FLOORS, config=about)
        reciprocal = {case: 1 / np.concatenate(given) for case, given in ranks[way].items()}
        write_means(lines, f"{way}/mrr", reciprocal, pairs.group[own], FLOORS, config=about)
    click.echo(f"results in {out}")


def _ranks(
    pairs: ContentPairs, config: AlignmentTraining, seeds: int, folds: int, control: bool
) -> tuple[dict[str, dict[str, list[np.ndarray]]], list[np.ndarray], list[int]]:
    """Ranks by way and case, one array per fold and seed; the test pairs of each; and how many were searched."""
    ranks: dict[str, dict[str, list[np.ndarray]]] = defaultdict(lambda: defaultdict(list))
    rows, gallery = [], []
    for seed in range(seeds):
        fold = _folds(pairs.group, seed)
        for number in range(folds):
            began = time.process_time()
            train, test = pairs.take(fold != number), pairs.take(fold == number)
            rows.append(np.flatnonzero(fold == number))
            gallery.append(len(test))
            rng = derived_seed(seed, "fold", number)
            newest = validation_pairs(train, config.validation, rng)
            fitted: dict[str, Projection] = {
                RIDGE: _refitted(ridge_alignment, train, newest),
                CCA: _refitted(cca_alignment, train, newest),
                LEARNED: train_alignment(train, 0, config, rng=rng).alignment,
            }
            if control:
                mixed = np.random.default_rng(rng).permutation(len(train))
                shuffled = replace(train, image=train.image[mixed])
                fitted[PERMUTED] = train_alignment(shuffled, 0, replace(config, nets=1), rng=rng).alignment
            for case, projection in fitted.items():
                places = {modality: projection.project(modality, getattr(test, modality)) for modality in PAIRED}
                for asked, searched in WAYS:
                    found = retrieval_ranks(places[asked], places[searched], test.group, test.group)
                    ranks[f"{asked}_to_{searched}"][case].append(found)
            now = ", ".join(
                f"{case} {np.mean([(ranks[way][case][-1] <= 10).mean() for way in ranks]):.3f}" for case in fitted
            )
            click.echo(f"seed {seed} fold {number}: recall@10 {now} ({time.process_time() - began:.0f} CPU s)")
    return ranks, rows, gallery


def _refitted(fit: Callable[..., LinearAlignment], train: ContentPairs, newest: np.ndarray) -> LinearAlignment:
    """A floor fitted to all training pairs, its ridge chosen on validation pairs."""
    chosen = fit(train.take(~newest), train.take(newest)).setting["ridge"]
    return fit(train, train, ridges=(chosen,))


def _folds(group: np.ndarray, seed: int) -> np.ndarray:
    """Fold of each pair, groups whole, int64 [pair]."""
    names, code = np.unique(group, return_inverse=True)
    dealt = np.random.default_rng(derived_seed(seed, "folds")).permutation(len(names)) % FOLDS
    return dealt[code]


def _chance(pairs: ContentPairs, rows: list[np.ndarray], k: int) -> np.ndarray:
    """Chance that one of a query's right items is among k drawn at random [question]."""
    parts = []
    for own in rows:
        _, code, size = np.unique(pairs.group[own], return_inverse=True, return_counts=True)
        right, count = size[code].astype(np.float64), float(len(own))
        few = min(k, len(own))
        missed = gammaln(count - right + 1) - gammaln(np.maximum(count - right - few, 0) + 1)
        missed -= gammaln(count + 1) - gammaln(count - few + 1)
        parts.append(np.where(count - right >= few, 1 - np.exp(missed), 1.0))
    return np.concatenate(parts)
