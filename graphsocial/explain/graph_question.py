"""One question to a head of a graph model, explained by edges, neighbours, words, regions and modalities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from graphsocial.embed import TextEmbedder
from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.explain.attribution import Attribution, Piece
from graphsocial.explain.captum_gradients import captum_gradients
from graphsocial.explain.content_holders import ContentHolder, content_holders
from graphsocial.explain.explanation import (
    _attention,
    _deleted_words,
    _modalities,
    _Piece,
    _raw,
    _regions,
    _scalar,
    _without,
    _WordDeletion,
)
from graphsocial.explain.first_order import shared_attention
from graphsocial.explain.replaced_output import replaced_output
from graphsocial.graph import SocialGraph, format_time
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.examples import Examples
from graphsocial.learn.trainer import Trainer
from graphsocial.nn.node_slots import CONTENT, SLOTS
from graphsocial.schema import UNKNOWN_TIME, EdgeType, NodeKey, reverse_edge_type

if TYPE_CHECKING:
    from torch_geometric.explain import HeteroExplanation

_Link = tuple[EdgeType, int]
"""Stored edge type, and the position of the edge in the view."""

_Links = dict[_Link, list[tuple[EdgeType, int]]]
"""Edges of the graph into nodes asked about, each with its places in the batch: edge type there, column."""


class GraphQuestion:
    """The output of one head for one question.

    Edges are those of the sampled neighbourhood that lead into a node asked about; a neighbour is a node with all of
    them. Taking an edge away takes what is behind it, too. Words, regions and modalities are those of the first node
    asked about; where it has neither text nor picture (a user, a hashtag), words and regions are those of the
    nearest nodes that have (`Piece.of` names them), and modalities are those of all nodes read. What a task computed
    beside the graph (`Examples.features`) stays.

    Args:
        trainer: A trained model.
        view: The view the question is put to.
        content: Tokens of the nodes.
        examples: Exactly one row, see `learn.questions.question`, or one row of `Trainer.examples`.
        text: Text of the first node, to delete words from; needs `embedder`.
        embedder: The text encoder that the tokens were made with.
        near_text: Text of another node likewise, asked where the first node has none; needs `embedder`.
        chosen: Class that is explained, for heads with classes; None: the most probable one.

    Raises:
        NotFittedError: The trainer has no model.
        SchemaError: Not one row, or no such class.
    """

    def __init__(
        self,
        trainer: Trainer,
        view: SocialGraph,
        content: ContentIndex,
        examples: Examples,
        *,
        text: str | None = None,
        embedder: TextEmbedder | None = None,
        near_text: Callable[[NodeKey], str | None] | None = None,
        chosen: str | None = None,
    ):
        if trainer.model is None or trainer.shape is None:
            raise NotFittedError("the trainer has no model yet; train it, or open a checkpoint")
        if len(examples) != 1:
            raise SchemaError(f"got {len(examples)} rows to explain, expected one")
        task = trainer.task(examples.name)
        classes = trainer.shape.heads[task.name].classes
        if chosen is not None and chosen not in classes:
            raise SchemaError(f"unknown class {chosen!r} of {task.name!r}, expected one of {', '.join(classes) or '-'}")
        self._trainer, self._model = trainer, trainer.model.eval()
        batch = make_batch(view, content, {task.name: examples}, trainer.training.fanout, 0, trainer.training.strategy)
        self._batch = batch.to(trainer.device)
        asked = [
            (node_type, int(place))
            for node_type, position in self._batch.positions[task.name].values()
            for place in position.ravel().tolist()
            if place >= 0
        ]
        self._asked = list(dict.fromkeys(asked))
        raw = _raw(trainer, self._batch, self._batch.data)
        self._classes = bool(classes)
        self._chosen = int(raw.argmax()) if chosen is None else classes.index(chosen)
        self.task = task.name
        self.chosen = classes[self._chosen] if classes else None
        self.output_name = f"probability of {self.chosen!r}" if classes else str(task.output_name)
        names = [f"{n} {view.node_ids(n)[int(self._batch.data[n].node[place])]}" for n, place in self._asked]
        self.subject = " and ".join(dict.fromkeys(names))
        self.as_of = int(examples.time[0])
        self._links = _links(view, self._batch.data, self._asked)
        self._neighbours: dict[tuple[str, int], list[_Link]] = {}
        for link, places in self._links.items():
            for other in self._others(places):
                self._neighbours.setdefault(other, []).append(link)
        parts = _edge_pieces(view, self._links)
        parts += [
            _Piece("neighbour", f"{n} {view.node_ids(n)[node]}", delete=_delete_links(links))
            for (n, node), links in self._neighbours.items()
        ]
        holders = content_holders(self._batch.data, self._asked)
        first_type, first = self._asked[0]
        own = _modalities(self._batch.data, first_type, [first])
        parts += own or _every_content(self._batch.data)
        for holder in holders:
            key = holder.node_type, str(view.node_ids(holder.node_type)[holder.node])
            said = text if holder.own else near_text(key) if near_text is not None else None
            parts += _content_pieces(self._batch.data, holder, "" if holder.own else " ".join(key), said, embedder)
        self._parts = parts
        self.pieces = tuple(_piece(part) for part in parts)
        self._known: dict[bytes, float] = {}

    def output(self, kept: np.ndarray) -> np.ndarray:
        """Probability of the chosen class, median, or score, float64 [ask]; see `Explained`."""
        out = np.empty(len(kept))
        taken = [[part for part, stays in zip(self._parts, row, strict=True) if not stays] for row in kept]
        words: dict[_WordDeletion, list[frozenset[int]]] = {}
        for gone in taken:
            for deletion, those in _deleted_words(gone).items():
                words.setdefault(deletion, []).append(those)
        for deletion, several in words.items():
            deletion.encode(several)
        for number, (row, gone) in enumerate(zip(kept, taken, strict=True)):
            key = row.tobytes()
            if key not in self._known:
                data = _without(self._batch.data, gone)
                self._known[key] = _scalar(_raw(self._trainer, self._batch, data), self._chosen, self._classes)
            out[number] = self._known[key]
        return out

    def gradient(self, steps: int) -> np.ndarray:
        """See `Explained`; the path begins where every node holds the learned nulls."""
        x, _ = self._slots(self._batch.data)
        nothing = self._nothing()

        def forward(given: Tensor) -> Tensor:
            out = []
            for slots in given:
                with replaced_output({self._model.encoder.slots: _with_slots(slots)}):
                    raw = self._model(self._batch, self._trainer.tasks)[self.task][0].float().reshape(-1)
                out.append(self._differentiable(raw))
            return torch.stack(out)

        (slope,) = captum_gradients(forward, [x.unsqueeze(0)], [nothing.unsqueeze(0)], steps)
        found = np.zeros(len(self.pieces))
        for row, part in enumerate(self._parts):
            data = _without(self._batch.data, [part])
            changed, _ = self._slots(data)
            reached = self._reached(data).view(-1, 1, 1)
            moved = torch.where(reached, x - changed, x - nothing)
            found[row] = float((slope[0] * moved).sum())
        return found

    def attention(self) -> np.ndarray:
        """See `Explained`: in the last layer, mean over the nodes asked about and over their slots."""
        received = _attention(self._trainer, self._batch)
        by_link = {
            link: sum(float(received[e][place]) for e, place in places if e in received) / len(self._asked)
            for link, places in self._links.items()
        }
        shares = [*by_link.values(), *(sum(by_link[link] for link in links) for links in self._neighbours.values())]
        content = self._parts[len(shares) :]
        return np.array([*shares, *(self._content_attention(content) if content else [])])

    def to_pyg(self, attribution: Attribution) -> HeteroExplanation:
        """Scores of edges as PyTorch Geometric's explanation of the sampled neighbourhood.

        Its `edge_mask` is the absolute score of each edge that leads into a node asked about, 0 for others, so that
        `get_explanation_subgraph` keeps what mattered. PyG's own explainers need a model that takes node features and
        an edge index; this one takes slots, tokens and times, so they do not serve, and the value they give does.

        Args:
            attribution: Of this question.

        Raises:
            SchemaError: It is of another question.
        """
        from torch_geometric.explain import HeteroExplanation

        if attribution.pieces != self.pieces:
            raise SchemaError(f"got an attribution of {attribution.subject}, expected one of {self.subject}")
        out, data = HeteroExplanation(), self._batch.data
        for node_type in data.node_types:
            out[node_type].x = data[node_type].structure
        for edge_type in data.edge_types:
            out[edge_type].edge_index = data[edge_type].edge_index
            out[edge_type].edge_mask = torch.zeros(data[edge_type].edge_index.shape[1])
        for score, places in zip(attribution.only("edge").score, self._links.values(), strict=True):
            for edge_type, place in places:
                out[edge_type].edge_mask[place] = abs(float(score))
        return out

    def _content_attention(self, parts: Sequence[_Piece]) -> np.ndarray:
        """Attention to the slots of all nodes, shared among words, regions and modalities by how far they move them."""
        data = self._batch.data
        with torch.inference_mode():
            layers = self._model.encoder(data, attention=True).attention
        if not layers:
            return np.full(len(parts), np.nan)
        last, sizes, device = layers[-1], self._sizes(), self._trainer.device
        received = {t: torch.zeros(size, len(SLOTS), device=device) for t, size in sizes.items()}
        asked = {t: torch.zeros(size, dtype=torch.bool, device=device) for t, size in sizes.items()}
        for node_type, place in self._asked:
            asked[node_type][place] = True
            received[node_type][place] += last.own[node_type][place].mean(dim=0)
        for edge_type, share in last.edges.items():
            source, target = data[edge_type].edge_index
            into = asked[edge_type[2]][target]
            received[edge_type[0]].index_add_(0, source[into], share[into].mean(dim=1))
        share = torch.cat(list(received.values())).cpu().numpy().ravel() / len(self._asked)
        x, _ = self._slots(data)
        moved = [(x - self._slots(_without(data, [part]))[0]).norm(dim=-1).cpu().numpy().ravel() for part in parts]
        return shared_attention([_piece(part) for part in parts], share, np.stack(moved))

    def _others(self, places: Sequence[tuple[EdgeType, int]]) -> list[tuple[str, int]]:
        """The neighbours that an edge leads from, type and index in the graph."""
        data = self._batch.data
        found = [(e[0], int(data[e[0]].node[data[e].edge_index[0, place]])) for e, place in places]
        return list(dict.fromkeys(found))

    def _differentiable(self, raw: Tensor) -> Tensor:
        """As `_scalar`, with its gradient."""
        if self._classes:
            return raw.softmax(-1)[self._chosen]
        return raw[len(raw) // 2] if len(raw) == 3 else raw[0]

    def _sizes(self) -> dict[str, int]:
        data = self._batch.data
        return {t: data[t].hop.shape[0] if t in data.node_types else 0 for t in self._model.encoder.node_types}

    def _slots(self, data: HeteroData) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            found: tuple[Tensor, Tensor] = self._model.encoder.slots(data, self._sizes())
        return found

    def _nothing(self) -> Tensor:
        """Slots of nodes that hold nothing, [node, slot, channel]."""
        slots = self._model.encoder.slots
        return torch.cat(
            [(slots.null[t] + slots.kind[t]).detach().expand(size, len(SLOTS), -1) for t, size in self._sizes().items()]
        )

    def _reached(self, data: HeteroData) -> Tensor:
        """Which nodes the nodes asked about still hear of, bool [node], node types one after another."""
        sizes = self._sizes()
        heard = {t: torch.zeros(size, dtype=torch.bool, device=self._trainer.device) for t, size in sizes.items()}
        for node_type, place in self._asked:
            heard[node_type][place] = True
        for _ in range(len(self._trainer.training.fanout)):
            for edge_type in data.edge_types:
                source, target = data[edge_type].edge_index
                heard[edge_type[0]][source[heard[edge_type[2]][target]]] = True
        return torch.cat(list(heard.values()))


def _with_slots(slots: Tensor) -> Any:
    return lambda out: (slots, out[1])


def _links(view: SocialGraph, data: HeteroData, asked: Sequence[tuple[str, int]]) -> _Links:
    found: _Links = {}
    into = set(asked)
    for edge_type in data.edge_types:
        stored = edge_type if edge_type in view.edge_types else reverse_edge_type(edge_type)
        targets, ids = data[edge_type].edge_index[1].tolist(), data[edge_type].edge_id.tolist()
        for place, (target, edge) in enumerate(zip(targets, ids, strict=True)):
            if (edge_type[2], target) in into:
                found.setdefault((stored, edge), []).append((edge_type, place))
    return found


def _edge_pieces(view: SocialGraph, links: _Links) -> list[_Piece]:
    pieces = []
    tables = {stored: view.edges(stored) for stored in {stored for stored, _ in links}}
    for stored, edge in links:
        edges = tables[stored]
        source, target = view.node_ids(stored[0])[edges.src[edge]], view.node_ids(stored[2])[edges.dst[edge]]
        when = int(edges.time[edge])
        known = "" if when == UNKNOWN_TIME else f", {format_time(when)}"
        name = f"{stored[0]} {source} {stored[1]} {stored[2]} {target}{known}"
        pieces.append(_Piece("edge", name, delete=_delete_links([(stored, edge)])))
    return pieces


def _every_content(data: HeteroData) -> list[_Piece]:
    """Each modality of all nodes read."""
    there = [m for m in CONTENT if any((data[n].get(f"{m}_row", torch.tensor(-1)) >= 0).any() for n in data.node_types)]
    return [_Piece("modality", f"every {modality}", delete=_delete_everywhere(modality)) for modality in there]


def _delete_everywhere(modality: str) -> Callable[[HeteroData], None]:
    def delete(data: HeteroData) -> None:
        for node_type in data.node_types:
            rows = data[node_type].get(f"{modality}_row")
            if rows is not None:
                data[node_type][f"{modality}_row"] = torch.full_like(rows, -1)

    return delete


def _content_pieces(
    data: HeteroData, holder: ContentHolder, of: str, text: str | None, embedder: TextEmbedder | None
) -> list[_Piece]:
    """Regions and words of one node."""
    parts = _regions(data, holder.node_type, holder.places, of)
    if text and embedder is not None:
        parts += _WordDeletion(holder.node_type, holder.places, text, embedder, of).pieces(data)
    return parts


def _delete_links(gone: Sequence[_Link]) -> Callable[[HeteroData], None]:
    """Deletes edges of the graph wherever the batch holds them, in either direction."""
    by_type: dict[EdgeType, list[int]] = {}
    for stored, edge in gone:
        for edge_type in (stored, reverse_edge_type(stored)):
            by_type.setdefault(edge_type, []).append(edge)

    def delete(data: HeteroData) -> None:
        for edge_type, edges in by_type.items():
            if edge_type in data.edge_types:
                store = data[edge_type]
                keep = ~torch.isin(store.edge_id, torch.tensor(edges, device=store.edge_id.device))
                store.edge_index, store.age, store.edge_id = (
                    store.edge_index[:, keep],
                    store.age[keep],
                    store.edge_id[keep],
                )

    return delete


def _piece(part: _Piece) -> Piece:
    return Piece(part.kind, part.what, part.place, part.of)
