"""A run folder as `evaluate`, `predict` and `explain` leave it, over a small made-up graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.graph import SocialGraph
from graphsocial.schema import Column, Schema
from graphsocial.store import save_graph

START = 1_351_296_000  # 2012-10-27
HOUR = 3_600
STRANGE = '<script>alert("x")</script> & <b>bold</b> 🌊 مرحبا بالعالم 洪水'


def made_up_graph() -> SocialGraph:
    """Sixty users, three hundred posts in a storm and a thin tail, hashtags and two repost relations."""
    rng = np.random.default_rng(11)
    users = [f"u{n}" for n in range(60)] + ["用户<1>"]
    times = np.sort(START + rng.gamma(3.0, 14 * HOUR, 260).astype(np.int64))
    times = np.concatenate([times, START + 40 * 86_400 + np.arange(40) * 9 * HOUR])
    posts = [f"p{n}" for n in range(len(times))]
    texts = [STRANGE if n == 3 else f"the water is rising, post {n}" for n in range(len(times))]
    author = [users[int(rng.integers(0, 60))] for _ in posts]
    tags = [("storm", "flood", "洪水")[int(rng.integers(0, 3))] for _ in posts]
    src, dst, when = [], [], []
    for member in range(1, 34):  # one wide and deep cascade
        src.append(users[member])
        dst.append(users[int(rng.integers(0, max(1, member // 3)))])
        when.append(START + 600 * member * member // 4)
    for _ in range(60):
        a, b = rng.integers(34, 61, 2)
        src.append(users[a])
        dst.append(users[b])
        when.append(int(START + rng.integers(0, 86_400 * 4)))
    pairs = {"src": src, "dst": dst, "time": pa.array(when, pa.int64())}
    schema = Schema(
        nodes={
            "user": {"followers": Column("int", START + 90 * 86_400)},
            "post": {"text": Column(), "veracity": Column()},
            "hashtag": {},
        },
        edges={
            ("user", "author", "post"): {},
            ("post", "tag", "hashtag"): {},
            ("user", "repost", "user"): {},
            ("user", "mention", "user"): {},
            ("user", "follow", "user"): {},
        },
        crawled_at={("user", "follow", "user"): START + 86_400},
    )
    follow = {"src": users[:20], "dst": users[1:21], "time": pa.nulls(20, pa.int64())}
    return SocialGraph.build(
        schema,
        nodes={"post": pa.table({"id": posts, "known_at": times, "text": texts})},
        edges={
            ("user", "author", "post"): pa.table({"src": author, "dst": posts, "time": times}),
            ("post", "tag", "hashtag"): pa.table({"src": posts, "dst": tags, "time": times}),
            ("user", "repost", "user"): pa.table(pairs),
            ("user", "mention", "user"): pa.table({"src": dst[:20], "dst": src[5:25], "time": pairs["time"][:20]}),
            ("user", "follow", "user"): pa.table(follow),
        },
        name="made-up storm",
        assumptions=("veracity labels are treated as known at the time of the post",),
    )


def floor(value: float, difference: float, half: float, train_free: bool) -> dict[str, object]:
    return {
        "value": value,
        "interval": [value - half, value + half],
        "difference": difference,
        "difference_interval": [difference - half, difference + half],
        "train_free": train_free,
    }


def metrics() -> dict[str, object]:
    tasks = {
        "veracity": {
            "metric": "macro_f1",
            "value": 0.61,
            "interval": [0.5, 0.7],
            "n": 480,
            "n_train": 5120,
            "n_valid": 610,
            "higher_is_better": True,
            "better": "higher is better",
            "groups": 37,
            "dropped": {"no label": 31, "horizon crosses the cut": 4},
            "floors": {
                "majority": floor(0.38, 0.23, 0.09, True),
                "tfidf_linear": floor(0.58, 0.03, 0.08, False),
            },
        },
        "popularity": {
            "metric": "msle",
            "value": 1.213,
            "interval": [1.1, 1.33],
            "n": 700,
            "higher_is_better": False,
            "floors": {"mean": floor(1.4, -0.187, 0.06, True), "ridge on TF-IDF": floor(1.19, 0.023, 0.02, False)},
        },
        "link": {
            "metric": "auc",
            "value": 0.71,
            "interval": [0.66, 0.75],
            "n": 310,
            "higher_is_better": True,
            "floors": {
                "common neighbours": floor(0.62, 0.09, 0.05, True),
                "popularity": floor(0.73, -0.02, 0.03, True),
            },
        },
        "relation": {"metric": "macro_f1", "value": 0.55, "interval": [0.5, 0.6], "n": 310, "floors": {}},
        "trend": {
            "metric": "pinball",
            "value": 2.31,
            "interval": [1.9, 2.7],
            "n": 96,
            "higher_is_better": False,
            "floors": {"persistence": floor(2.1, 0.21, 0.12, True)},
        },
    }
    return {
        "tasks": tasks,
        "split": {"valid": "2012-10-29T00:00Z", "test": "2012-10-30T06:00Z", "protocol": "strict"},
        "data": {"rejected rows": 3, "broken images": {"count": 1, "reasons": ["truncated"]}},
        "encoders": [
            {"name": "builtin:minilm", "modality": "text", "channels": 384, "licence": "MIT", "sha256": "53aa5117" * 8},
            {"name": "builtin:efficientnet_lite0", "modality": "image", "channels": 1280, "licence": "Apache-2.0"},
        ],
        "assumptions": ["the text encoder is newer than the posts"],
        "provenance": {},
    }


def history() -> list[dict[str, object]]:
    return [
        {
            "epoch": epoch,
            "seconds": 11.5,
            "losses": {t: 1.2 / epoch**0.5 + 0.05 * k for k, t in enumerate(("veracity", "popularity", "link"))},
            "validation": {
                "veracity": {"metric": "macro_f1", "value": 0.6 - 0.02 * (epoch - 5) ** 2 / 10},
                "popularity": {"metric": "msle", "value": 1.2 + 0.3 / epoch},
                "link": {"metric": "auc", "value": 0.7 - 0.1 / epoch},
            },
            "selected": epoch == 5,
        }
        for epoch in range(1, 9)
    ]


def attention() -> dict[str, object]:
    relations = ("author", "rev_author", "repost", "rev_repost", "tag", "rev_tag", "mention")
    slots = ("text", "image", "structure")
    rng = np.random.default_rng(5)
    layers = []
    for _ in range(2):
        shares = []
        for target in slots:
            weights = rng.dirichlet(np.ones(len(relations) * len(slots)) * 0.6)
            pairs = [(r, s) for r in relations for s in slots]
            shares += [
                {"target": target, "relation": r, "source": s, "share": float(w)}
                for (r, s), w in zip(pairs, weights, strict=True)
                if (r, s) != ("tag", "image")
            ]
        layers.append({"shares": shares})
    return {"layers": layers, "note": "Mean over the heads and the 480 test examples."}


def explanations() -> list[dict[str, object]]:
    texts = [
        STRANGE,
        "Subway flooded, stay home <3",
        "عاجل: الماء يرتفع في المدينة #storm",
        "洪水来了，大家小心",
        "w " * 50_000,
    ]
    tasks = ["veracity", "veracity", "popularity", "link", "popularity", "veracity"]
    return [
        {
            "task": task,
            "node": ["post", f"p{n}"],
            "as_of": START + n * HOUR,
            "prediction": 0.73 - 0.1 * n,
            "target": "fake",
            "evidence": [
                {"kind": "word", "what": "rising <i>", "effect": 0.21, "attention": None},
                {"kind": "neighbour", "what": "user 用户<1>", "effect": -0.12, "attention": 0.31},
                {"kind": "modality", "what": "image", "effect": 0.004, "attention": 0.12},
                {"kind": "region", "what": "top left of the picture", "effect": 0.03, "attention": 0.05},
            ],
            "faithfulness": {"deletion": 0.3, "random": 0.1, "interval": [0.02, 0.17]} if n != 1 else None,
            "stability": 0.82 if n else None,
            "text": texts[n % len(texts)],
        }
        for n, task in enumerate(tasks)
    ]


def predictions() -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for n in range(12):
        node, as_of = ["post", f"p{n}"], START + n * HOUR
        probabilities = {"fake": 0.7, "real": 0.3}
        found.append(
            {
                "task": "veracity",
                "node": node,
                "as_of": as_of,
                "value": 0.7,
                "label": "fake",
                "probabilities": probabilities,
                "truth": "real",
            }
        )
        found.append(
            {"task": "popularity", "node": node, "as_of": as_of, "value": 3.4, "interval": [0.2, 11.0], "truth": n}
        )
    return found


def trend() -> dict[str, object]:
    hours = np.arange(72)
    counts = np.random.default_rng(2).poisson(4 + 14 * np.exp(-(((hours - 40) / 12) ** 2)))
    forecasts = [
        {
            "time": int(START + hour * HOUR),
            "horizon_seconds": horizon * HOUR,
            "median": float(counts[hour]) * 0.9,
            "lower": float(counts[hour]) * 0.5,
            "upper": float(counts[hour]) * 1.5 + 2,
            "actual": float(counts[hour + horizon]) if hour + horizon < 72 else None,
        }
        for horizon in (1, 6)
        for hour in range(44, 72, 3 if horizon == 1 else 6)
    ]
    times = [int(START + hour * HOUR) for hour in hours]
    return {
        "node": "hashtag",
        "id": "洪水",
        "width_seconds": HOUR,
        "times": times,
        "counts": counts.tolist(),
        "forecasts": forecasts,
    }


def ablations() -> list[dict[str, object]]:
    lines = []
    for case, value in (("no_graph", 0.6), ("full", 0.61), ("text_only", 0.59), ("image_only", 0.41)):
        common = {
            "benchmark": "demo",
            "case": case,
            "unit": "1",
            "protocol": "strict",
            "git": "c0a6060",
            "seed": [0, 1, 2],
        }
        common["created"] = "2025-11-20T10:00:00Z"
        lines.append({**common, "metric": "macro_f1", "value": value, "interval": [value - 0.08, value + 0.08]})
        if case != "full":
            gap = value - 0.61
            lines.append(
                {**common, "metric": "macro_f1/difference", "value": gap, "interval": [gap - 0.05, gap + 0.05]}
            )
    return lines


def provenance() -> dict[str, object]:
    return {
        "command": ["graphsocial train data/storm --out runs/demo", "graphsocial evaluate runs/demo"],
        "git": "c0a60605b6f1",
        "versions": {"python": "3.11.2", "torch": "2.13.0"},
        "hashes": {"data": "ab" * 32, "checkpoint": "cd" * 32},
        "seconds": 412.4,
        "machine": "2 cores, 7.6 GiB",
        "created": "2025-11-20T10:20:00Z",
        "split": {},
        "known_until": 1_351_555_200,
    }


CARD = """# Made-up storm

- **Licence:** Apache-2.0, see https://example.org/licence
- Drawn from a random generator <b>only</b>.
"""


@pytest.fixture(scope="session")
def graph() -> SocialGraph:
    return made_up_graph()


@pytest.fixture
def run(tmp_path: Path, graph: SocialGraph) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    save_graph(graph, folder / "graph")
    content = {
        "metrics": metrics(),
        "history": history(),
        "attention": attention(),
        "predictions": predictions(),
        "explanations": explanations(),
        "trend": trend(),
        "provenance": provenance(),
    }
    for name, value in content.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    lines = "\n".join(json.dumps(line) for line in ablations())
    (folder / "ablations.jsonl").write_text(lines, encoding="utf-8")
    (folder / "card.md").write_text(CARD, encoding="utf-8")
    return folder
