"""Search among the vectors that a filter keeps: an exact scan beside indexes, with the recall of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines
from graphsocial.embed import nearest

KEPT = (0.001, 0.01, 0.1, 1.0)
"""Shares of the vectors that filters keep, drawn at random."""
K, QUERIES, CLUSTERS, PROBES = 10, 20, 500, 8

Search = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Positions of the nearest to a query among some candidates, ascending."""


@click.command("vector_search")
@click.option("--rows", default=200_000, show_default=True, type=click.IntRange(1_000), help="Vectors.")
@click.option("--channels", default=384, show_default=True, type=click.IntRange(2), help="Of each vector.")
@click.option("--quick", is_flag=True, help="Within a minute: 20,000 vectors.")
@out_option("vector_search.jsonl")
def vector_search(rows: int, channels: int, quick: bool, out: Path | None) -> None:
    """The ten nearest by cosine among what a filter keeps, one thread: exact, scikit-learn, and faiss exact and IVF.

    Vectors are drawn around 500 centres, as texts gather around topics. An index is built on all vectors and told of
    the filter when it searches, as its users do.
    """
    rows = min(rows, 20_000) if quick else rows
    out = out or Path(f"benchmarks/results/vector_search{'_quick' if quick else ''}.jsonl")
    config: dict[str, Any] = {"rows": rows, "channels": channels, "k": K, "clusters": CLUSTERS, "quick": quick}
    digest = sha256(json.dumps(config).encode()).hexdigest()
    lines = ResultLines(out, "vector_search", f"generated_{rows}x{channels}", digest, "as_of")
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CLUSTERS, channels), dtype=np.float32)
    vectors, queries = (_around(centres, count, rng) for count in (rows, QUERIES))
    searches = {"graphsocial": _ours(vectors), "scikit-learn": _sklearn(vectors), **_faiss(vectors)}
    for share in KEPT:
        kept = np.sort(rng.choice(rows, max(int(rows * share), K), replace=False))
        expected = [np.sort(kept[np.argsort(-(vectors[kept] @ query), kind="stable")[:K]]) for query in queries]
        mine = 0.0
        for name, search in searches.items():
            seconds, recall = _measured(search, queries, kept, expected)
            case, about = f"kept={share:g}", {**config, "kept": len(kept)}
            if name == "graphsocial":
                mine = seconds
                lines.write(case, "cpu_seconds", mine, unit="s", config=about, extra={"recall": recall})
            else:
                more = {"peer_value": seconds, "recall": recall, "outcome": "answered"}
                about |= {"peer_version": version("faiss-cpu" if name.startswith("faiss") else name)}
                lines.write(
                    case, "cpu_seconds", mine, unit="s", peer=name, ratio=seconds / mine, config=about, extra=more
                )
            click.echo(
                f"{case:12} {name:14} {1000 * seconds:8.3f} ms  {seconds / mine:6.2f} times  recall {recall:.2f}"
            )
    click.echo(f"\nresults in {out}")


def _around(centres: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Vectors of length 1 around centres, float32 [row, channel]."""
    noise = rng.standard_normal((count, centres.shape[1]), dtype=np.float32)
    vectors = centres[rng.integers(0, len(centres), count)] + noise
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _measured(search: Search, queries: np.ndarray, kept: np.ndarray, expected: list[np.ndarray]) -> tuple[float, float]:
    """Median CPU seconds of a query after a first one, and the share of the true neighbours that were found."""
    search(queries[0], kept)
    seconds, found = [], 0
    for query, right in zip(queries, expected, strict=True):
        began = time.process_time()
        answer = search(query, kept)
        seconds.append(time.process_time() - began)
        found += len(np.intersect1d(answer, right))
    return median(seconds), found / (K * len(queries))


def _ours(vectors: np.ndarray) -> Search:
    return lambda query, kept: nearest(vectors, query, K, kept, threads=1).position


def _sklearn(vectors: np.ndarray) -> Search:
    from sklearn.neighbors import NearestNeighbors

    def search(query: np.ndarray, kept: np.ndarray) -> np.ndarray:
        found = NearestNeighbors(n_neighbors=K, algorithm="brute", metric="cosine", n_jobs=1).fit(vectors[kept])
        return kept[found.kneighbors(query[None], return_distance=False)[0]]

    return search


def _faiss(vectors: np.ndarray) -> dict[str, Search]:
    """Its exact scan and its inverted file, nothing where it is not installed."""
    try:
        import faiss
    except ImportError as error:
        click.echo(f"faiss cannot be asked here: {error}")
        return {}
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    lists = max(int(np.sqrt(len(vectors))), 1)
    ivf = faiss.IndexIVFFlat(flat, vectors.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    ivf.train(vectors)
    ivf.add(vectors)
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)

    def asked(index: Any, settings: Callable[[Any], Any]) -> Search:
        def search(query: np.ndarray, kept: np.ndarray) -> np.ndarray:
            selector = faiss.IDSelectorBatch(kept)
            return index.search(query[None], K, params=settings(selector))[1][0]

        return search

    return {
        "faiss": asked(exact, lambda selector: faiss.SearchParameters(sel=selector)),
        "faiss-IVF": asked(ivf, lambda selector: faiss.SearchParametersIVF(sel=selector, nprobe=PROBES)),
    }
