"""What the bridge benchmark asks on a folder of cascades: which cascades, from when on, and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from benchmarks.bridge_block import ASKED, USUAL, Asked, Block, evenly
from benchmarks.cascade_content import cascade_content
from graphsocial.diffusion import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.activation.candidate_edges import candidate_edges, links_of
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.exposure_rows import Windows
from graphsocial.learn.cascade_size.duration import parse_duration
from graphsocial.learn.cascade_table import CascadeTable


@dataclass(frozen=True, eq=False)
class BridgeData:
    """A corpus as the benchmark cuts it: by the start of cascades, the last tenth for the test.

    Attributes:
        name: Of the corpus.
        sha256: Of its files.
        cascades: Those of 2 to 500 users, in order of the record.
        record: The same.
        graph: Links between users in the direction of flow, None where the corpus has none.
        content: Vector of each cascade by modality, float32 [cascade, channel].
        assumptions: What the cut takes for granted.
        asked: What is forecast.
    """

    name: str
    sha256: str
    cascades: CascadeSet
    record: CascadeRecord
    graph: SpreadGraph | None
    content: Mapping[str, np.ndarray]
    assumptions: tuple[str, ...]
    asked: Asked

    @classmethod
    def of(cls, folder: CascadeFolder, most: int | None = None) -> BridgeData:
        """Reads a folder; its links and contents are used where it has them.

        Args:
            folder: The folder.
            most: At most so many cascades, evenly spread; None: all.

        Raises:
            SchemaError: Too few cascades for three parts.
        """
        whole = CascadeTable.of(folder.cascades)
        order = np.lexsort((whole.names.astype(str), whole.start))
        cascades = _retained(folder.cascades, whole.names[order][evenly(len(order), most)])
        record = CascadeRecord.of(cascades)
        if len(record) < 20:
            raise SchemaError(f"{folder.name} has {len(record)} cascades of 2 to 500 users, expected at least 20")
        found = cascade_content(folder, CascadeTable.of(cascades))
        assumptions = list(found.assumptions)
        graph = None
        if folder.edges is not None and len(folder.edges):
            graph = _both_ways(folder.edges)
            assumptions.append("links between users have no times: taken to be there all along, in both directions")
        content = {name: _unit(rows) for name, rows in found.vectors.items()}
        asked = ASKED.get(folder.name, USUAL)
        return cls(folder.name, folder.sha256, cascades, record, graph, content, tuple(assumptions), asked)

    def within(self, horizon: int) -> BridgeData:
        """The same with another main horizon, seconds, and no earlier one."""
        return replace(self, asked=Asked(self.asked.observe, (f"{horizon}s",)))

    @property
    def observe(self) -> int:
        """Seconds from a cascade's first event to the forecast."""
        return parse_duration(self.asked.observe)

    @property
    def horizon(self) -> int:
        """Seconds of the main horizon."""
        return int(self.asked.seconds[-1])

    @property
    def first_valid(self) -> int:
        """First cascade of the validation part."""
        return int(0.8 * len(self.record))

    @property
    def first_test(self) -> int:
        """First cascade of the test part."""
        return int(0.9 * len(self.record))

    @property
    def valid_time(self) -> int:
        """Start of the first validation cascade."""
        return int(self.record.start[self.first_valid])

    @property
    def test_time(self) -> int:
        """Start of the first test cascade: everything fitted is fitted on what came before."""
        return int(self.record.start[self.first_test])

    @cached_property
    def links(self) -> np.ndarray | None:
        """Links as numbers of the record, int64 [link, 2]."""
        return None if self.graph is None else links_of(self.record, self.graph)[0]

    def block(self, first: int, stop: int, as_of: int) -> Block:
        """Forecasts for some cascades over the graph as of a time."""
        cascade = np.arange(first, stop)
        start = self.record.start[cascade] + self.observe
        return Block(candidate_edges(self.record, as_of, {}, self.links), Windows(cascade, start, start + self.horizon))

    @cached_property
    def valid(self) -> Block:
        """The validation part."""
        return self.block(self.first_valid, self.first_test, self.valid_time)

    @cached_property
    def test(self) -> Block:
        """The test part as far as the record, which ends with its last event, tells what came.

        Raises:
            SchemaError: It tells of none.
        """
        whole = self.block(self.first_test, len(self.record), self.test_time)
        known = whole.by(int(self.record.time.max()), self.horizon)
        if not len(known.windows):
            raise SchemaError(
                f"{self.name}: no test cascade is followed for {self.asked.horizons[-1]} after its first "
                f"{self.asked.observe}, expected a longer record"
            )
        return known

    @property
    def without_outcome(self) -> int:
        """Test cascades whose horizon lies beyond the end of the record."""
        return len(self.record) - self.first_test - len(self.test.windows)

    def training(self, count: int) -> list[Block]:
        """Training cascades in blocks of time, each over the graph as of its own start; the first fifth is history."""
        cuts = np.linspace(int(0.2 * self.first_valid), self.first_valid, count + 1).astype(int)
        pairs = [(int(a), int(b)) for a, b in pairwise(cuts) if a < b]
        return [self.block(a, b, int(self.record.start[a])) for a, b in pairs]

    @cached_property
    def choice_horizon(self) -> int:
        """The horizon that settings are chosen by: the longest of H, H/2, H/4, … with enough outcomes before the test.

        Raises:
            SchemaError: None has any.
        """
        start, test = self.record.start[self.first_valid : self.first_test] + self.observe, self.test_time
        before = self.record.start[: self.first_valid] + self.observe
        for enough in (20, 1):
            for halvings in range(12):
                horizon = self.horizon >> halvings
                known = (start + horizon <= test).sum(), (before + horizon <= self.valid_time).sum()
                if min(known) >= enough:
                    return horizon
        raise SchemaError(
            f"{self.name}: no validation cascade is watched for long enough before the test begins, expected a record "
            f"that is longer than {self.asked.observe} and {self.asked.horizons[-1]}"
        )

    def came(self, block: Block, moments: np.ndarray | Sequence[float]) -> np.ndarray:
        """New adopters among the block's users by each time after the forecast, int64 [example, moment]."""
        out = np.empty((len(block.windows), len(moments)), dtype=np.int64)
        for i, cascade in enumerate(block.windows.cascade):
            user, after = self._after(int(cascade), int(block.windows.as_of[i]))
            out[i] = np.searchsorted(after[user < block.users], moments, side="left")
        return out

    def adopters(self, cascade: int, as_of: int) -> np.ndarray:
        """Who came within the main horizon, known or not, int64 [adopter]."""
        user, after = self._after(cascade, as_of)
        return user[after < self.horizon]

    def prefix(self, cascade: int, as_of: int) -> tuple[np.ndarray, np.ndarray]:
        """Who had acted before a time, and when, int64 [member] each."""
        part = slice(self.record.offsets[cascade], self.record.offsets[cascade + 1])
        time = self.record.time[part]
        return self.record.user[part][time < as_of], time[time < as_of]

    def _after(self, cascade: int, as_of: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(self.record.offsets[cascade], self.record.offsets[cascade + 1])
        user, after = self.record.user[part], self.record.time[part] - as_of
        return user[after >= 0], after[after >= 0]


def _retained(cascades: CascadeSet, names: np.ndarray) -> CascadeSet:
    """Some cascades in an order, by name; all may have gone on."""
    place = {name: i for i, name in enumerate(cascades.names.tolist())}
    rows = [np.arange(cascades.offsets[place[n]], cascades.offsets[place[n] + 1]) for n in names.tolist()]
    member = np.concatenate(rows)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    parent, censored = np.full(len(member), -1), np.ones(len(rows), dtype=bool)
    return CascadeSet(cascades.node[member], parent, cascades.time[member], offsets, names, censored)


def _both_ways(edges: np.ndarray) -> SpreadGraph:
    ids, code = np.unique(edges.astype(str), return_inverse=True)
    pairs = code.reshape(edges.shape)
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    return SpreadGraph.from_edges(both[:, 0], both[:, 1], ids=ids.tolist())


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(length > 0, rows / np.maximum(length, 1e-9), 0.0).astype(np.float32)
