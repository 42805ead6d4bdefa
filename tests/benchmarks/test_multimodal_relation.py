"""The relation benchmark on small folders: with and without times, with and without what it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.corpora import bitcoin_otc, timme_purep
from benchmarks.multimodal_relation import run
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.ingest import PostFolder, read_post_folder

DAY = 86_400


def lines_of(data: PostFolder, tmp_path: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    out = tmp_path / "out.jsonl"
    run(data, 2, True, out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["benchmark"] for line in lines} == {"multimodal_relation"}
    return {(line["protocol"], line["case"], line["metric"]): line for line in lines}


def two_camps(folder: Path) -> None:
    """Users of two camps follow and like mostly within; their posts say nothing but the camp, as a label."""
    rng = np.random.default_rng(0)
    rows = ["src,dst,relation"]
    for relation, within in (("follow", 0.5), ("like", 0.3)):
        for a in range(40):
            for b in range(40):
                if a != b and rng.random() < (within if a % 2 == b % 2 else 0.03):
                    rows.append(f"u{a},u{b},{relation}")
    (folder / "edges.csv").write_text("\n".join([*rows, "u1,u1,follow"]) + "\n")
    posts = [f"p{a},u{a},{'red' if a % 2 else 'blue'}" for a in range(40)]
    (folder / "posts.csv").write_text("\n".join(["post,user,label", *posts]) + "\n")


def test_without_times_the_split_is_random_and_says_so(tmp_path: Path) -> None:
    two_camps(tmp_path)
    found = lines_of(read_post_folder(tmp_path), tmp_path)
    protocols = {protocol for protocol, _, _ in found}
    assert protocols == {"random_edges_seed=0", "random_pairs_seed=0", "random_nodes_seed=0"}
    learned = found["random_edges_seed=0", "graph", "auc/part=follow_uniform"]
    assert learned["value"] > 0.7 and learned["interval"][0] <= learned["value"] <= learned["interval"][1]
    floor = found["random_edges_seed=0", "popularity", "auc/part=follow_uniform"]
    assert learned["value"] > floor["value"] + 0.1
    gap = found["random_edges_seed=0", "graph", "auc/part=follow_uniform/difference"]
    best = found["random_edges_seed=0", gap["peer"], "auc/part=follow_uniform"]
    assert gap["value"] == pytest.approx(learned["value"] - best["value"])
    assert ("random_pairs_seed=0", "graph", "macro_f1/part=relation_type") in found
    spread = found["random_nodes_seed=0", "label_propagation", "accuracy/part=label"]["value"]
    assert spread > 0.9 > 0.6 > found["random_nodes_seed=0", "majority", "accuracy/part=label"]["value"]


def test_with_times_and_values_sign_and_strength_are_asked(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows, seen = ["src,dst,relation,time,value"], set()
    for at in range(900):
        a, b = rng.integers(0, 60, 2)
        if a != b and (a, b) not in seen:
            seen.add((a, b))
            rows.append(f"u{a},u{b},trust,{at * DAY},{-5 if (a + b) % 5 == 0 or b % 4 == 0 else 3}")
    (tmp_path / "edges.csv").write_text("\n".join([*rows, "u1,u2,trust,5,much"]) + "\n")
    data = read_post_folder(tmp_path)
    assert data.rejected == {"a value that is no number": 1}
    found = lines_of(data, tmp_path)
    for protocol in ("strict", "prequential"):
        sign = found[protocol, "receiver_mean", "auc/part=trust_sign"]["value"]
        assert sign > 0.8, "who is distrusted once is distrusted again"
        for metric in ("auc/part=trust_uniform", "auc/part=trust_two_hop/difference", "mae/part=trust_strength"):
            assert (protocol, "graph", metric) in found
        assert found[protocol, "graph", "mae/part=trust_strength"]["value"] < 5


def test_what_cannot_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "posts.csv").write_text("post,user\n1,a\n")
    with pytest.raises(SchemaError, match="has no edges"):
        run(read_post_folder(tmp_path), 1, True, tmp_path / "out.jsonl")
    (tmp_path / "edges.csv").write_text("src,dst,time\na,b,5\nb,c,5\n")
    with pytest.raises(SchemaError, match="no relation has enough timed edges"):
        run(read_post_folder(tmp_path), 1, True, tmp_path / "out.jsonl")
    assert "distinct times" in capsys.readouterr().out
    (tmp_path / "edges.csv").write_text("src,dst\na,b\nb,c\n")
    with pytest.raises(SchemaError, match="at least 10"):
        run(read_post_folder(tmp_path), 1, True, tmp_path / "out.jsonl")


def test_readers(tmp_path: Path) -> None:
    with pytest.raises(DataIntegrityError, match=r"lacks users\.csv"):
        timme_purep.read(tmp_path, "relation")
    with pytest.raises(DataIntegrityError, match="lacks soc-sign"):
        bitcoin_otc.read(tmp_path, "relation")
    (tmp_path / bitcoin_otc.FILE).write_text("FROM,TO,INDEX,TIME\n6,2,4,1289241911.72\n2,6,-10,1289241999.9\n")
    edges = bitcoin_otc.read(tmp_path, "relation").edges
    assert edges is not None and edges.value is not None
    assert (edges.src.tolist(), edges.value.tolist()) == (["6", "2"], [4.0, -10.0])
    assert edges.time.tolist() == [1289241911, 1289241999]
