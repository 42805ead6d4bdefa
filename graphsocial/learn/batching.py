"""Examples of several tasks → one time-honest mini-batch, a PyG `HeteroData`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch_geometric.data import HeteroData

from graphsocial.embed import EmbeddingTable, ModalityTokens
from graphsocial.embed.shown_contents import SHOW, content_known_at
from graphsocial.graph import SampledNeighbourhood, SocialGraph, sample_neighbours
from graphsocial.learn.examples import Examples
from graphsocial.learn.mapped_rows import MappedRows
from graphsocial.schema import EdgeType, reverse_edge_type

NEVER_LINKED = -0.5
"""Value of a recency feature when there was no edge yet; others lie in (-0.5, 1]."""


@dataclass(frozen=True)
class ContentIndex:
    """Which token rows each node owns and since when, aligned once with the graph's canonical node order.

    Attributes:
        rows: (node type, modality) to int64 [node, item], -1 = missing.
        known: Likewise, when each item became known, int64 seconds UTC [node, item].
        tokens: Modality to float16 tokens [content, token, channel], or what reads rows of them from a file.
        masks: Modality to bool [content, token].
    """

    rows: Mapping[tuple[str, str], np.ndarray]
    known: Mapping[tuple[str, str], np.ndarray]
    tokens: Mapping[str, torch.Tensor | MappedRows]
    masks: Mapping[str, torch.Tensor]

    @classmethod
    def of(cls, graph: SocialGraph, table: EmbeddingTable) -> ContentIndex:
        """Texts of posts, images of media, and the images that posts show from the time they show them.

        The frames of a clip are tokens of an image: one encoder saw both. Tokens that are mapped from a file
        (`embed.open_mapped`) stay there, save that pictures and clips are put together in memory.
        """
        rows: dict[tuple[str, str], np.ndarray] = {}
        known: dict[tuple[str, str], np.ndarray] = {}
        for key in (("post", "text"), ("media", "image")):
            if key[0] in graph.node_types and key[1] in table.tokens:
                rows[key] = table.rows(*key, graph.node_ids(key[0]))
                since = content_known_at(graph, key[0], "text" if key[1] == "text" else "path")
                known[key] = np.broadcast_to(since[:, None], rows[key].shape)
        contents = {m: (found.tokens, found.mask) for m, found in table.tokens.items() if m != "video"}
        if "video" in table.tokens and "media" in graph.node_types:
            clips = table.rows("media", "video", graph.node_ids("media"))[:, :1]
            pictures = rows.get(("media", "image"), np.full_like(clips, -1))[:, :1]
            contents["image"], offset = stacked(contents.get("image"), table.tokens["video"])
            rows["media", "image"] = np.where(clips >= 0, clips + offset, pictures)
            known["media", "image"] = content_known_at(graph, "media", "path")[:, None]
        if ("media", "image") in rows and SHOW in graph.edge_types:
            found = shown_images(graph, rows["media", "image"][:, 0])
            rows["post", "image"], known["post", "image"] = found
        rows = {key: found for key, found in rows.items() if (found >= 0).any()}
        used = sorted({modality for _, modality in rows})
        return cls(
            rows=rows,
            known={key: known[key] for key in rows},
            tokens={m: _rows_of(contents[m][0]) for m in used},
            masks={m: torch.from_numpy(np.ascontiguousarray(contents[m][1])) for m in used},
        )

    def as_of(self, node_type: str, modality: str, node: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Token rows of nodes, each as of its own time, int64 [node, item]; -1 = missing or not known yet."""
        key = (node_type, modality)
        return np.where(self.known[key][node] < time[:, None], self.rows[key][node], -1)

    @property
    def token_channels(self) -> dict[str, int]:
        """Channels of each modality's tokens."""
        return {modality: tokens.shape[-1] for modality, tokens in sorted(self.tokens.items())}


def _rows_of(tokens: np.ndarray) -> torch.Tensor | MappedRows:
    if isinstance(tokens, np.memmap):
        return MappedRows(tokens)
    return torch.from_numpy(np.ascontiguousarray(tokens))


def stacked(
    pictures: tuple[np.ndarray, np.ndarray] | None, clips: ModalityTokens
) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """Pictures and clips as one list of contents with as many tokens as the longer of the two.

    Returns:
        Tokens [content, token, channel] with mask [content, token], and the row of the first clip.
    """
    if pictures is None:
        return (clips.tokens, clips.mask), 0
    tokens, mask = pictures
    width = max(tokens.shape[1], clips.tokens.shape[1])

    def padded(array: np.ndarray) -> np.ndarray:
        space = [(0, 0), (0, width - array.shape[1]), *((0, 0) for _ in array.shape[2:])]
        return np.pad(array, space)

    joined = (
        np.concatenate([padded(tokens), padded(clips.tokens)]),
        np.concatenate([padded(mask), padded(clips.mask)]),
    )
    return joined, len(tokens)


def shown_images(graph: SocialGraph, image_row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images that each post shows, in the order in which it came to show them.

    Args:
        graph: Graph or view.
        image_row: Token row of each media node, -1 = none, int64 [media].

    Returns:
        Token rows and the times from which they are known, both int64 [post, item].
    """
    edges = graph.edges(SHOW)
    order = np.lexsort((edges.dst, edges.time, edges.src))
    post, media, time = edges.src[order], edges.dst[order], edges.time[order]
    item = np.arange(len(post)) - np.searchsorted(post, post)
    shape = (graph.num_nodes("post"), int(item.max(initial=0)) + 1)
    rows, known = np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    rows[post, item] = image_row[media]
    known[post, item] = np.maximum(time, content_known_at(graph, "media", "path")[media])
    return rows, known


def message_edge_types(graph: SocialGraph) -> list[EdgeType]:
    """Every stored edge type and its reverse, in the order in which the encoder holds them."""
    return [e for stored in graph.edge_types for e in (stored, reverse_edge_type(stored))]


def structure_channels(graph: SocialGraph) -> dict[str, int]:
    """Number of structure features per node type, see `structure_features`."""
    incident = {n: sum((e[0] == n) + (e[2] == n) for e in graph.edge_types) for n in graph.node_types}
    return {node_type: 2 * relations + 4 for node_type, relations in incident.items()}


def structure_features(graph: SocialGraph, node_type: str, sampled: SampledNeighbourhood) -> np.ndarray:
    """What a node's position says as of its question's time; nothing here is fitted.

    Per incident relation and direction: log1p of the degree, and a recency in (-0.5, 1] from the latest edge. Then
    whether the node exists yet, log1p of its age, and the time of day as sine and cosine.

    Returns:
        float32 [node, feature].
    """
    nodes = sampled.nodes[node_type]
    degree = np.log1p(sampled.degrees[node_type]) / 3
    age = sampled.last_age[node_type]
    recency = np.where(age >= 0, 1 - np.log1p(np.maximum(age, 0)) / 15, NEVER_LINKED)
    existing = graph.known_at(node_type)[nodes.node]
    exists = existing < nodes.time
    old = np.where(exists, nodes.time - np.maximum(existing, nodes.time - 2**40), 0)
    angle = 2 * np.pi * (nodes.time % 86400) / 86400
    rest = np.stack([exists, np.log1p(old) / 15, np.sin(angle), np.cos(angle)], axis=1)
    return np.concatenate([degree, recency, rest], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Batch:
    """A mini-batch with the place of every task's examples in it.

    Attributes:
        data: The sampled neighbourhoods; the seeds come first in each node type.
        positions: Task to role to (node type, seed position [example] or [example, item], -1 = padding).
        examples: Task to its rows in this batch.
    """

    data: HeteroData
    positions: Mapping[str, Mapping[str, tuple[str, torch.Tensor]]]
    examples: Mapping[str, Examples]

    def to(self, device: torch.device) -> Batch:
        """The batch on another device; out of pinned memory it is still being copied when this returns."""
        return self._with(lambda x: x.to(device, non_blocking=True))

    def pinned(self) -> Batch:
        """The batch in memory that a CUDA device can read by itself."""
        return self._with(lambda x: x.pin_memory())

    def used_by(self, stream: torch.cuda.Stream) -> None:
        """Keeps the batch's memory on the device until that stream has done with it."""

        def note(x: torch.Tensor) -> torch.Tensor:
            x.record_stream(stream)
            return x

        self._with(note)

    def _with(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Batch:
        moved = {
            task: {role: (n, change(p)) for role, (n, p) in roles.items()} for task, roles in self.positions.items()
        }
        return Batch(self.data.apply(change), moved, self.examples)


def merge_seeds(
    examples: Mapping[str, Examples],
) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], dict[str, dict[str, tuple[str, torch.Tensor]]]]:
    """Every distinct (node, time) the examples ask about, once, and where each example finds its own.

    Returns:
        Seeds per node type (index [seed], time [seed]) and positions as in `Batch`.
    """
    asked: dict[str, list[tuple[str, str, np.ndarray, np.ndarray]]] = {}
    for task, rows in examples.items():
        for role, (node_type, index) in rows.nodes.items():
            time = np.broadcast_to(rows.time.reshape((-1,) + (1,) * (index.ndim - 1)), index.shape)
            asked.setdefault(node_type, []).append((task, role, index, time))
    seeds = {}
    positions: dict[str, dict[str, tuple[str, torch.Tensor]]] = {task: {} for task in examples}
    for node_type, parts in asked.items():
        index = np.concatenate([i.ravel() for _, _, i, _ in parts])
        time = np.concatenate([t.ravel() for _, _, _, t in parts])
        real = index >= 0
        pairs = np.stack([time[real], index[real]], axis=1)
        unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
        place = np.full(len(index), -1, np.int64)
        place[real] = inverse.ravel()
        if len(unique):
            seeds[node_type] = (np.ascontiguousarray(unique[:, 1]), np.ascontiguousarray(unique[:, 0]))
        offset = 0
        for task, role, i, _ in parts:
            positions[task][role] = (node_type, torch.from_numpy(place[offset : offset + i.size].reshape(i.shape)))
            offset += i.size
    return seeds, positions


def make_batch(
    graph: SocialGraph,
    content: ContentIndex,
    examples: Mapping[str, Examples],
    fanout: Sequence[int],
    rng: int,
    strategy: Literal["recent", "uniform"] = "recent",
) -> Batch:
    """Samples each example's past and lays it out for the encoder.

    Args:
        graph: Graph or view to sample from; every tree sees only edges strictly before its own question.
        content: Token rows of the nodes.
        examples: Task to rows.
        fanout: Neighbours per hop and relation.
        rng: Seed of uniform sampling.
        strategy: `recent` or `uniform`.
    """
    seeds, positions = merge_seeds(examples)
    sampled = sample_neighbours(graph, seeds, fanout, rng=rng, strategy=strategy)
    return Batch(to_hetero(graph, content, sampled, seeds), positions, examples)


def to_hetero(
    graph: SocialGraph,
    content: ContentIndex,
    sampled: SampledNeighbourhood,
    seeds: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> HeteroData:
    """A sampled neighbourhood with its content and structure features as `HeteroData`."""
    data = HeteroData()
    used: dict[str, list[tuple[str, np.ndarray]]] = {}
    for node_type, nodes in sampled.nodes.items():
        store = data[node_type]
        store.node, store.time = torch.from_numpy(nodes.node), torch.from_numpy(nodes.time)
        store.seed, store.hop = torch.from_numpy(nodes.seed), torch.from_numpy(nodes.hop)
        store.num_nodes = len(nodes.node)
        store.num_seeds = len(seeds[node_type][0]) if node_type in seeds else 0
        store.structure = torch.from_numpy(structure_features(graph, node_type, sampled))
        for modality in content.tokens:
            if (node_type, modality) in content.rows:
                rows = content.as_of(node_type, modality, nodes.node, nodes.time)
                shown = np.flatnonzero((rows >= 0).any(axis=0))
                if len(shown):  # items that only other nodes or later moments have leave no trace in the shape
                    used.setdefault(modality, []).append((node_type, rows[:, : shown[-1] + 1]))
    for modality, parts in used.items():
        flat = np.concatenate([rows.ravel() for _, rows in parts])
        unique, first, inverse = np.unique(flat[flat >= 0], return_index=True, return_inverse=True)
        order = np.argsort(first)  # by first use, so that the layout does not depend on what else the table holds
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        local = np.full(len(flat), -1, np.int64)
        local[flat >= 0] = place[inverse]
        offset = 0
        for node_type, rows in parts:
            setattr(
                data[node_type],
                f"{modality}_row",
                torch.from_numpy(local[offset : offset + rows.size].reshape(rows.shape)),
            )
            offset += rows.size
        picked = torch.from_numpy(unique[order])
        setattr(data, f"{modality}_tokens", content.tokens[modality][picked].float())
        setattr(data, f"{modality}_mask", content.masks[modality][picked])
    for edge_type, edges in sampled.edges.items():
        store = data[edge_type]
        store.edge_index = torch.from_numpy(np.stack([edges.src, edges.dst]))
        store.age = torch.from_numpy(edges.age).float()
        store.edge_id = torch.from_numpy(edges.edge)
    return data


def plan_steps(examples: Mapping[str, Examples], batch_size: int, epoch_seed: int) -> list[dict[str, Examples]]:
    """Shuffles every task's questions into the steps of an epoch.

    Each question is used once. All tasks have the same number of steps, set by the largest task. Questions are
    ordered by a hash of what they ask, so tasks that ask about the same node at the same time meet in the same step
    and share its sampled neighbourhood.

    Args:
        examples: Task to training rows.
        batch_size: Rows of the largest task per step.
        epoch_seed: Seed of the order.
    """
    filled = {task: rows for task, rows in examples.items() if len(rows)}
    if not filled:
        return []
    steps = max(1, -(-max(len(rows) for rows in filled.values()) // batch_size))
    plan: list[dict[str, Examples]] = [{} for _ in range(steps)]
    for task, rows in filled.items():
        for number, part in enumerate(_dealt(rows, steps, epoch_seed)):
            if len(part):
                plan[number][task] = part
    return [step for step in plan if step]


def parts_of_step(step: Mapping[str, Examples], parts: int, epoch_seed: int) -> list[dict[str, Examples]]:
    """Deals a step's questions out, about equally many of every task to each part; a part may get none.

    Questions about the same node at the same time stay together where tasks are of one size, as in `plan_steps`.

    Args:
        step: Task to rows.
        parts: How many parts.
        epoch_seed: Seed of the order.
    """
    dealt = {task: _dealt(rows, parts, epoch_seed) for task, rows in step.items()}
    return [{task: found[number] for task, found in dealt.items() if len(found[number])} for number in range(parts)]


def _dealt(rows: Examples, parts: int, seed: int) -> list[Examples]:
    """Rows in parts of whole questions, which follow one another by a hash of what they ask."""
    first = next(iter(rows.nodes.values()))[1]
    key = first if first.ndim == 1 else first.max(axis=1)
    questions, start = np.unique(rows.query, return_index=True)
    hashed = _mix(key[start].astype(np.uint64), rows.time[start].astype(np.uint64), np.uint64(seed))
    rank = np.empty(len(questions), np.int64)
    rank[np.lexsort((questions, hashed))] = np.arange(len(questions))
    part = (rank * parts // len(questions))[np.searchsorted(questions, rows.query)]
    order = np.argsort(part, kind="stable")
    bounds = np.searchsorted(part[order], np.arange(parts + 1))
    return [rows.take(order[a:b]) for a, b in pairwise(bounds)]


def _mix(a: np.ndarray, b: np.ndarray, seed: np.uint64) -> np.ndarray:
    """SplitMix64 finaliser over two keys and a seed (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = a * np.uint64(0x9E3779B97F4A7C15) ^ (b + seed) * np.uint64(0xD1B54A32D192ED03)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
