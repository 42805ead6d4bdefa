"""Mistakes through which the future gets in, each made on purpose for as long as a test runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from graphsocial.graph import SocialGraph
from graphsocial.learn import TemporalSplit, batching, link_task, post_label_task
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import tfidf_label
from graphsocial.learn.post_label_task import PostLabelTask
from graphsocial.learn.trend_task import TrendTask
from graphsocial.query import Engine
from tests.leakage.erasable_world import DAY, LATER, TEST

Leak = Callable[[pytest.MonkeyPatch], None]
LEAKS: dict[str, tuple[Leak, str]] = {}
"""Name to the leak and the first output in which it has to be seen."""


def leak(seen_in: str) -> Callable[[Leak], Leak]:
    def keep(plant: Leak) -> Leak:
        LEAKS[plant.__name__] = plant, seen_in
        return plant

    return keep


def whole(view: SocialGraph) -> SocialGraph:
    """Everything the store behind a view holds."""
    return SocialGraph(view.tables, view.name)


@leak("batch train mood recent")
def features_count_degrees_of_the_whole_store(patch: pytest.MonkeyPatch) -> None:
    honest = batching.structure_features

    def leaking(graph: SocialGraph, node_type: str, sampled: Any) -> np.ndarray:
        features = honest(graph, node_type, sampled)
        for e in graph.edge_types:
            if e[0] == node_type:
                features[:, 0] += np.diff(graph.csr(e, "out").indptr)[sampled.nodes[node_type].node]
        return features

    patch.setattr(batching, "structure_features", leaking)


@leak("batch train mood recent")
def sampler_ignores_the_time_of_the_question(patch: pytest.MonkeyPatch) -> None:
    honest = batching.sample_neighbours

    def leaking(graph: SocialGraph, seeds: Any, *rest: Any, **named: Any) -> Any:
        late = {n: (index, np.full_like(time, LATER + DAY)) for n, (index, time) in seeds.items()}
        return honest(whole(graph), late, *rest, **named)

    patch.setattr(batching, "sample_neighbours", leaking)


@leak("examples train mood")
def labels_are_read_past_the_cut(patch: pytest.MonkeyPatch) -> None:
    honest = post_label_task.label_view

    class Judged(SocialGraph):
        """A view in which a later verdict takes the place of the mood."""

        def column(self, node_type: str, name: str) -> Any:
            values = super().column(node_type, name)
            verdict = whole(self).column("post", "verdict").slice(0, self.num_nodes("post"))
            return pc.coalesce(verdict, values) if (node_type, name) == ("post", "mood") else values

    def leaking(*arguments: Any) -> SocialGraph:
        view = honest(*arguments)
        return Judged(view.tables, view.name, start=view.start, end=view.end)

    patch.setattr(post_label_task, "label_view", leaking)


@leak("examples valid trend")
def answers_of_a_part_run_past_its_end(patch: pytest.MonkeyPatch) -> None:
    honest = TrendTask.examples

    def leaking(self: TrendTask, graph: SocialGraph, start: int, end: int, *rest: Any) -> Examples:
        return honest(self, graph, start, end + DAY, *rest)

    patch.setattr(TrendTask, "examples", leaking)


@leak("examples train mood")
def classes_are_read_off_the_whole_column(patch: pytest.MonkeyPatch) -> None:
    honest = PostLabelTask.examples

    def leaking(
        self: PostLabelTask, graph: SocialGraph, start: int, end: int, rng: int, classes: Any = None
    ) -> Examples:
        names = {str(mood) for mood in graph.column("post", self.column).to_pylist() if mood is not None}
        return honest(self, graph, start, end, rng, tuple(sorted(names)))

    patch.setattr(PostLabelTask, "examples", leaking)


@leak("floor mood tfidf_linear")
def vocabulary_is_fitted_on_every_post(patch: pytest.MonkeyPatch) -> None:
    honest_texts, honest_tfidf = tfidf_label.texts_before, tfidf_label.tfidf
    every: list[str] = []

    def leaking_texts(graph: SocialGraph, *rest: Any) -> tuple[str, ...]:
        every[:] = [text or "" for text in graph.column("post", "text").to_pylist()]
        return honest_texts(graph, *rest)

    def leaking_tfidf(train: tuple[str, ...], test: tuple[str, ...], analyser: Any) -> Any:
        found = honest_tfidf(train + tuple(every), test, analyser)
        return found and (found[0][: len(train)], found[1])

    patch.setattr(tfidf_label, "texts_before", leaking_texts)
    patch.setattr(tfidf_label, "tfidf", leaking_tfidf)


@leak("examples train link")
def candidates_need_not_exist_yet(patch: pytest.MonkeyPatch) -> None:
    honest = link_task.draw_candidates

    def leaking(
        view: SocialGraph, node_type: str, edge_types: Any, positive: np.ndarray, time: np.ndarray, *rest: Any
    ) -> Any:
        return honest(whole(view), node_type, edge_types, positive, np.full_like(time, LATER + DAY), *rest)

    patch.setattr(link_task, "draw_candidates", leaking)


@leak("batch")
def contents_are_read_before_they_are_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ContentIndex, "as_of", lambda self, n, modality, node, time: self.rows[n, modality][node])


@leak("examples train trend")
def features_are_scaled_by_the_whole_span(patch: pytest.MonkeyPatch) -> None:
    honest = TrendTask.features

    def leaking(self: TrendTask, view: SocialGraph, node: np.ndarray, time: np.ndarray) -> np.ndarray:
        return honest(self, view, node, time) / len(view.csr(self.edge_type, "in").edge)

    patch.setattr(TrendTask, "features", leaking)


@leak("column user")
def columns_forget_when_they_were_measured(patch: pytest.MonkeyPatch) -> None:
    honest = SocialGraph.column

    def leaking(self: SocialGraph, node_type: str, name: str) -> Any:
        return honest(whole(self), node_type, name).slice(0, self.num_nodes(node_type))

    patch.setattr(SocialGraph, "column", leaking)


@leak("repr")
def a_view_holds_the_moment_it_ends(patch: pytest.MonkeyPatch) -> None:
    honest = SocialGraph._edge_range

    def leaking(self: SocialGraph, edge_type: Any) -> tuple[int, int]:
        first, last = honest(self, edge_type)
        if self.end is not None:
            last = int(np.searchsorted(self.tables.edges[edge_type].time, self.end, side="right"))
        return first, last

    patch.setattr(SocialGraph, "_edge_range", leaking)


@leak("examples valid mood")
def epoch_is_selected_on_the_test_part(patch: pytest.MonkeyPatch) -> None:
    honest = TemporalSplit.window

    def leaking(self: TemporalSplit, part: Any, graph: SocialGraph | None = None) -> tuple[int, int]:
        return honest(self, part if part == "train" else "test", graph)

    patch.setattr(TemporalSplit, "window", leaking)


@leak("ids post")
def ids_are_numbered_in_the_order_they_were_read(patch: pytest.MonkeyPatch) -> None:
    honest = SocialGraph.node_ids
    patch.setattr(SocialGraph, "node_ids", lambda self, n: np.sort(honest(whole(self), n))[: self.num_nodes(n)])


@leak("similar")
def engine_answers_from_the_whole_graph(patch: pytest.MonkeyPatch) -> None:
    honest = Engine.__init__

    def leaking(self: Engine, view: SocialGraph, *rest: Any, **named: Any) -> None:
        honest(self, view, *rest, **named)
        self.graph = whole(view).as_of(TEST + 3 * DAY)

    patch.setattr(Engine, "__init__", leaking)
