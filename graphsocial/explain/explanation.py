"""Explains a prediction by deletion: take a piece away, ask again, note the change.

Leave-one-out effects and the deletion check against random follow the fidelity measures of GraphFramEx (Amara et al.
2022). They say what the network used, not what caused anything in the world.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import spearmanr
from torch_geometric.data import HeteroData

from graphsocial.embed import TextEmbedder
from graphsocial.explain.evidence import Evidence, EvidenceRow, Faithfulness, Kind
from graphsocial.explain.word_spans import word_spans
from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import Batch, ContentIndex, make_batch
from graphsocial.learn.examples import Examples
from graphsocial.learn.trainer import Trainer
from graphsocial.schema import EdgeType, NodeKey

WORDS = 24
"""Most words of a text that are deleted one by one."""


@dataclass(frozen=True)
class _Piece:
    kind: Kind
    what: str
    attention: float | None = None
    delete: Callable[[HeteroData], None] | None = None
    text: _WordDeletion | None = None
    """Of a word: the text it is deleted from; words deleted together are encoded together."""
    word: int | None = None
    """Position of a word in its text."""
    place: tuple[int, ...] = ()
    """Where it is, as in `attribution.Piece`."""
    of: str = ""
    """Likewise."""


def explain(
    trainer: Trainer,
    view: SocialGraph,
    content: ContentIndex,
    examples: Examples,
    *,
    text: str | None = None,
    embedder: TextEmbedder | None = None,
    top: int = 5,
    draws: int = 50,
    rng: int = 0,
) -> Evidence:
    """Evidence for the answer to one question.

    Args:
        trainer: A trained model.
        view: The view the question was put to.
        content: Tokens of the nodes.
        examples: Exactly one row, see `learn.questions.question`.
        text: Text of the node, to delete words from; needs `embedder`.
        embedder: The text encoder the tokens were made with.
        top: Rows kept, and deleted together in the deletion check.
        draws: Random choices in that check.
        rng: Seed of the random choices.
    """
    task = trainer.task(examples.name)
    role, (node_type, index) = next(iter(examples.nodes.items()))
    batch = make_batch(view, content, {task.name: examples}, trainer.training.fanout, 0, trainer.training.strategy)
    seed = int(batch.positions[task.name][role][1].ravel()[0])
    whole = _raw(trainer, batch, batch.data)
    chosen = int(whole.argmax())

    classes = trainer.shape.heads[task.name].classes if trainer.shape else ()
    value = _scalar(whole, chosen, bool(classes))
    words = _WordDeletion(node_type, [seed], text, embedder) if text and embedder is not None else None

    def output(deleted: Sequence[_Piece]) -> float:
        return _scalar(_raw(trainer, batch, _without(batch.data, deleted)), chosen, bool(classes))

    pieces = [
        *_neighbours(view, batch.data, node_type, seed, _attention(trainer, batch)),
        *_modalities(batch.data, node_type, [seed]),
        *_regions(batch.data, node_type, [seed]),
    ]
    if words is not None:
        pieces += words.pieces(batch.data)
    effects = np.array([value - output([piece]) for piece in pieces])
    order = np.argsort(-np.abs(effects), kind="stable")
    rows = tuple(
        EvidenceRow(pieces[i].kind, pieces[i].what, float(effects[i]), pieces[i].attention) for i in order[:top]
    )
    node: NodeKey = (node_type, str(view.node_ids(node_type)[index.ravel()[0]]))
    return Evidence(
        task=task.name,
        node=node,
        as_of=int(view.end if view.end is not None else examples.time[0]),
        output=f"probability of {classes[chosen]!r}" if classes else task.output_name,
        value=value,
        rows=rows,
        faithfulness=_faithfulness(output, pieces, order, value, top, draws, rng),
        stability=_stability(trainer, output, pieces, effects),
    )


def _raw(trainer: Trainer, batch: Batch, data: HeteroData) -> torch.Tensor:
    with torch.inference_mode():
        model = trainer.model
        assert model is not None
        moved = Batch(data, batch.positions, batch.examples).to(trainer.device)
        return model(moved, trainer.tasks)[next(iter(batch.examples))][0].float().cpu().reshape(-1)


def _scalar(raw: torch.Tensor, chosen: int, is_class: bool) -> float:
    if is_class:
        return float(raw.softmax(-1)[chosen])
    return float(raw[len(raw) // 2] if len(raw) == 3 else raw[0])


def _without(data: HeteroData, pieces: Sequence[_Piece]) -> HeteroData:
    changed = copy.copy(data)
    for text, gone in _deleted_words(pieces).items():
        text.delete(changed, gone)
    for piece in pieces:
        if piece.delete is not None:
            piece.delete(changed)
    return changed


def _deleted_words(pieces: Sequence[_Piece]) -> dict[_WordDeletion, frozenset[int]]:
    """By text, positions of its words among the pieces."""
    found: dict[_WordDeletion, set[int]] = {}
    for piece in pieces:
        if piece.text is not None and piece.word is not None:
            found.setdefault(piece.text, set()).add(piece.word)
    return {text: frozenset(words) for text, words in found.items()}


def _attention(trainer: Trainer, batch: Batch) -> dict[EdgeType, torch.Tensor]:
    """Share of a target's attention that each edge got in the last layer, mean over its slots, [edge] per edge type."""
    model = trainer.model
    assert model is not None
    model.eval()
    with torch.inference_mode():
        layers = model.encoder(batch.to(trainer.device).data, attention=True).attention
    return {e: share.sum(dim=2).mean(dim=1).cpu() for e, share in layers[-1].edges.items()} if layers else {}


def _neighbours(
    view: SocialGraph, data: HeteroData, node_type: str, seed: int, attention: dict[EdgeType, torch.Tensor]
) -> list[_Piece]:
    pieces = []
    for edge_type in data.edge_types:
        if edge_type[2] != node_type:
            continue
        store = data[edge_type]
        for place in torch.nonzero(store.edge_index[1] == seed).ravel().tolist():
            other = int(data[edge_type[0]].node[store.edge_index[0, place]])
            name = view.node_ids(edge_type[0])[other]
            share = float(attention[edge_type][place]) if edge_type in attention else None
            delete = _delete_edge(edge_type, int(store.edge_id[place]))
            pieces.append(_Piece("neighbour", f"{edge_type[1]} {edge_type[0]} {name}", share, delete))
    return pieces


def _delete_edge(edge_type: EdgeType, edge_id: int) -> Callable[[HeteroData], None]:
    def delete(data: HeteroData) -> None:
        store = data[edge_type]
        keep = store.edge_id != edge_id
        store.edge_index, store.age, store.edge_id = store.edge_index[:, keep], store.age[keep], store.edge_id[keep]

    return delete


def _modalities(data: HeteroData, node_type: str, places: Sequence[int]) -> list[_Piece]:
    pieces = []
    for modality in ("text", "image"):
        rows = data[node_type].get(f"{modality}_row")
        if rows is not None and (rows[places] >= 0).any():
            pieces.append(_Piece("modality", f"own {modality}", delete=_delete_modality(node_type, modality, places)))
    return pieces


def _delete_modality(node_type: str, modality: str, places: Sequence[int]) -> Callable[[HeteroData], None]:
    def delete(data: HeteroData) -> None:
        rows = data[node_type][f"{modality}_row"].clone()
        rows[places] = -1
        data[node_type][f"{modality}_row"] = rows

    return delete


def _regions(data: HeteroData, node_type: str, places: Sequence[int], of: str = "") -> list[_Piece]:
    """Regions of the pictures of one node, which the batch holds at some places."""
    rows = data[node_type].get("image_row")
    if rows is None:
        return []
    pieces, places = [], list(places)  # a tuple would index two axes
    for picture, row in enumerate(rows[places].amax(dim=0).tolist()):
        if row < 0:
            continue
        there = data.image_mask[row]
        cells = int(there.sum()) - 1
        grid = math.isqrt(cells)
        for token in range(1, len(there)):
            if there[token]:
                y, x = divmod(token - 1, max(grid, 1))
                square = grid * grid == cells
                name = f"row {y + 1}, column {x + 1} of {grid}×{grid}" if square else f"part {token}"
                delete = _delete_region(node_type, places, picture, token)
                place = (y, x, grid) if square else ()
                pieces.append(_Piece("region", f"picture {picture + 1}, {name}", delete=delete, place=place, of=of))
    return pieces


def _own_copy(data: HeteroData, node_type: str, modality: str, places: Sequence[int], row: int) -> int:
    """Gives the node a token row of its own, so that other nodes with the same content keep theirs."""
    tokens, mask = data[f"{modality}_tokens"], data[f"{modality}_mask"]
    data[f"{modality}_tokens"] = torch.cat([tokens, tokens[row : row + 1]])
    data[f"{modality}_mask"] = torch.cat([mask, mask[row : row + 1]])
    rows = data[node_type][f"{modality}_row"].clone()
    rows[places] = torch.where(rows[places] == row, len(tokens), rows[places])
    data[node_type][f"{modality}_row"] = rows
    return len(tokens)


def _delete_region(node_type: str, places: Sequence[int], picture: int, token: int) -> Callable[[HeteroData], None]:
    def delete(data: HeteroData) -> None:
        current = int(data[node_type].image_row[places, picture].max())
        if current < 0:
            return  # the whole picture is already gone
        own = _own_copy(data, node_type, "image", places, current)
        data.image_mask[own, token] = False
        data.image_mask[own, 0] = False  # the global token has seen every region

    return delete


class _WordDeletion:
    """Deletes words from the text of one node, which the batch holds at some places, and encodes what is left."""

    def __init__(self, node_type: str, places: Sequence[int], text: str, embedder: TextEmbedder, of: str = ""):
        self.node_type, self.places, self.text, self.embedder, self.of = node_type, list(places), text, embedder, of
        self.words = word_spans(text, WORDS)
        self._encoded: dict[frozenset[int], tuple[torch.Tensor, torch.Tensor]] = {}

    def pieces(self, data: HeteroData) -> list[_Piece]:
        rows = data[self.node_type].get("text_row")
        if rows is None or int(rows[self.places, 0].max()) < 0 or len(self.words) < 2:
            return []
        self.encode([frozenset([i]) for i in range(len(self.words))])
        return [
            _Piece("word", self.text[first:last], text=self, word=i, place=(first, last), of=self.of)
            for i, (first, last) in enumerate(self.words)
        ]

    def delete(self, data: HeteroData, gone: frozenset[int]) -> None:
        self.encode([gone])
        row = int(data[self.node_type].text_row[self.places, 0].max())
        own = _own_copy(data, self.node_type, "text", self.places, row)
        data.text_tokens[own], data.text_mask[own] = self._encoded[gone]

    def encode(self, deletions: Sequence[frozenset[int]]) -> None:
        """Reads what is left after each of some deletions, all together: an encoder fills its batches."""
        new = [gone for gone in dict.fromkeys(deletions) if gone not in self._encoded]
        if not new:
            return
        texts = []
        for gone in new:
            left = self.text
            for position in sorted(gone, reverse=True):
                first, last = self.words[position]
                left = left[:first] + left[last:]
            texts.append(left)
        encoded = self.embedder.embed(texts)
        for place, gone in enumerate(new):
            tokens = torch.from_numpy(np.asarray(encoded.tokens[place], dtype=np.float32))
            self._encoded[gone] = tokens, torch.from_numpy(np.asarray(encoded.mask[place]))


def _faithfulness(
    output: Callable[[Sequence[_Piece]], float],
    pieces: list[_Piece],
    order: np.ndarray,
    value: float,
    top: int,
    draws: int,
    rng: int,
) -> Faithfulness | None:
    rows = min(top, len(pieces) // 2)
    if rows < 1:
        return None
    generator = np.random.default_rng(rng)
    deleted = abs(value - output([pieces[i] for i in order[:rows]]))
    chance = []
    for _ in range(draws):
        picked = generator.choice(len(pieces), rows, replace=False)
        chance.append(abs(value - output([pieces[i] for i in picked])))
    low, high = np.quantile(chance, [0.025, 0.975])
    return Faithfulness(deleted, float(np.mean(chance)), (float(low), float(high)), rows)


def _stability(
    trainer: Trainer, output: Callable[[Sequence[_Piece]], float], pieces: list[_Piece], effects: np.ndarray
) -> float | None:
    if len(pieces) < 3 or np.ptp(effects) == 0:
        return None
    model = trainer.model
    assert model is not None
    agreement = []
    try:
        model.train()
        for draw in range(3):

            def drawn(deleted: Sequence[_Piece], draw: int = draw) -> float:
                model.encoder.generator = torch.Generator(trainer.device).manual_seed(draw)
                return output(deleted)

            whole = drawn([])
            noisy = np.array([whole - drawn([piece]) for piece in pieces])
            if np.ptp(noisy) > 0:
                agreement.append(float(spearmanr(np.abs(effects), np.abs(noisy)).statistic))
    finally:
        model.eval()
    return float(np.mean(agreement)) if agreement else None
