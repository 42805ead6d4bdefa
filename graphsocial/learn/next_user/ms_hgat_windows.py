"""The diffusion hypergraphs of MS-HGAT: what each protocol lets them hold, and when each of them closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.next_user.split import NextUserSplit, Part
from graphsocial.nn.ms_hgat_hypergraph import HypergraphWindow

REFRESHES = 4
"""How often the memory is brought up to date while a window fills, under prequential."""


@dataclass(frozen=True, eq=False)
class WindowSequence:
    """Hypergraphs in the order in which they close.

    Attributes:
        windows: Hypergraphs with at least one event each.
        base: What each continues from: 0 for the static users, k for the state after the k-th window, int [window].
        ends: When each closes, ascending, int64 [window]; it holds events strictly before that.
    """

    windows: tuple[HypergraphWindow, ...]
    base: tuple[int, ...]
    ends: np.ndarray

    def closed(self, time: np.ndarray) -> np.ndarray:
        """Number of windows that had closed by each time, int64 [time]."""
        return np.searchsorted(self.ends, time, side="right")


def window_sequence(split: NextUserSplit, part: Part, windows: int) -> WindowSequence:
    """The hypergraphs that a part may look things up in.

    A window closes when it holds its share of the training events, one in `windows`, as in the paper. Later events fill
    windows of the same size, and the last closes where the protocol freezes the hypergraph: under strict at the part's
    first start. Under prequential windows go on to the end of the data, and `REFRESHES` times while one fills the
    memory is brought up to date: what has arrived of it is taken in for the time being, until more has arrived. Nothing
    about a window depends on what comes after it, so an event that looks up windows closed by its own time sees only
    its past.

    Args:
        split: Cascades and protocol.
        part: `train` gives the hypergraphs for training: those of the validation part, without later events.
        windows: Number of windows that the training events fill.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> window_sequence(tiny_split("strict"), "train", 4).ends.tolist()
    [21, 42, 63, 81]
    >>> window_sequence(tiny_split("strict"), "test", 4).ends.tolist()
    [21, 42, 63, 81, 91]
    """
    time, events = split.table.time, allowed_events(split, part)
    trained = np.sort(time[allowed_events(split, "train")])
    share = max(1, -(-len(trained) // windows))
    timed = split.protocol in ("strict", "prequential")
    stops = [split.cut("valid") if timed else int(trained[-1]) + 1]
    if part == "test" and timed:
        stops.append(split.cut("test"))
    later = np.sort(time[events & (time >= stops[0])])
    if not timed and len(later):
        stops.append(int(later[-1]) + 1)
    stretches = [trained, *np.split(later, np.searchsorted(later, stops[1:]))]
    full = np.unique(np.concatenate([stops, *(stretch[share::share] for stretch in stretches)]))
    partial = np.zeros(0, dtype=np.int64)
    if split.protocol == "prequential":
        step = max(1, share // REFRESHES)
        partial = np.concatenate([stretch[step::step] for stretch in stretches[1:]])
    return _laid_out(split, events, full, np.setdiff1d(partial, full))


def allowed_events(split: NextUserSplit, part: Part) -> np.ndarray:
    """Which events of the table a part's hypergraphs may hold, bool [event].

    Under prequential, validation ends where the test begins.
    """
    table = split.table
    if part == "train" and split.protocol == "prequential":
        return (table.cascade < split.train_end) & (table.time < split.cut("valid"))
    countable = split.countable("valid" if part == "train" else part)
    if countable.prequential:
        return table.time < split.cut("test") if part == "valid" else np.ones(len(table.time), dtype=bool)
    before = table.time < countable.before if countable.before is not None else True
    return (table.cascade < countable.cascades) & before


def _laid_out(split: NextUserSplit, events: np.ndarray, full: np.ndarray, partial: np.ndarray) -> WindowSequence:
    """Windows from one full end to the next, and from a full end to each partial end before the next."""
    table = split.table
    chosen = np.flatnonzero(events)
    chosen = chosen[np.argsort(table.time[chosen], kind="stable")]
    time, cascade, user = table.time[chosen], table.cascade[chosen], table.user[chosen]
    root = table.user[table.offsets[cascade]]
    made: list[tuple[HypergraphWindow, int, int]] = []
    begin = settled = 0
    for end in np.union1d(full, partial).tolist():
        stop = int(np.searchsorted(time, end, side="left"))
        if stop > begin:
            inside = slice(begin, stop)
            made.append((HypergraphWindow.of(cascade[inside], user[inside], root[inside]), settled, end))
        if end in full:
            settled, begin = len(made) if stop > begin else settled, stop
    windows, base, ends = zip(*made, strict=True)
    return WindowSequence(windows, base, np.array(ends, dtype=np.int64))
