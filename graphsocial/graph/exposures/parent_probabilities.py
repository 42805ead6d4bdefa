"""How likely each candidate is to be the one that an adopter had an item from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.exposures.adoptions import Adoptions, Items, adoptions
from graphsocial.graph.exposures.cascade_parents import UNEXPOSED, Unexposed, check_choice, trees_under
from graphsocial.graph.exposures.delay_decay import ExponentialDecay, PowerLawDecay
from graphsocial.graph.exposures.exposures_found import list_exposures, untimed_follows
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ITERATIONS = 1_000


@dataclass(frozen=True, repr=False, eq=False)
class ParentProbabilities(QueryResult):
    """One row per adopter and candidate; the rows of an adopter sum to one.

    Attributes:
        adopted: The items' members, which rows refer to.
        child: The adopter, a member, int64 [row].
        candidate: Who may have passed the item on to it, an earlier member; -1 for nobody, int64 [row].
        probability: That it did, float64 [row].
        decay: Density of delays, fitted where no parameter was given and there was something to fit it on.
        external: Chance that an exposed adopter came from outside the graph.
        log_likelihood: Of when the exposed adopted.
        iterations: Steps of the fit, 0 when nothing was fitted.
        assumptions: What has to be believed, a sentence each; a decay that knows the future is among them.
    """

    adopted: Adoptions
    child: np.ndarray
    candidate: np.ndarray
    probability: np.ndarray
    decay: ExponentialDecay | PowerLawDecay
    external: float
    log_likelihood: float
    iterations: int
    assumptions: tuple[str, ...] = ()

    @property
    def delay(self) -> np.ndarray:
        """Seconds from the candidate's adoption to the child's, float64 [row]; nan for nobody."""
        delay = self.adopted.time[self.child] - self.adopted.time[self.candidate]
        return np.where(self.candidate >= 0, delay, np.nan)

    def title(self) -> str:
        """How many adopters and candidates, and under which model."""
        children = len(np.unique(self.child))
        return (
            f"parents of {children:,} adopters of {len(self.adopted.item):,} items: {(self.candidate >= 0).sum():,} "
            f"candidates, {self.external:.1%} from outside, {self.decay}"
            + "".join(f"; {sentence}" for sentence in self.assumptions)
        )

    def columns(self) -> dict[str, Column]:
        """One row per adopter and candidate; a candidate of None is nobody in the graph."""
        candidate = self.adopted.ids(self.adopted.who[self.candidate])
        candidate[self.candidate < 0] = None
        return {
            "item": self.adopted.item_ids[self.adopted.item_of[self.child]],
            "child": self.adopted.ids(self.adopted.who[self.child]),
            "candidate": candidate,
            "delay": np.ma.array(self.delay, mask=self.candidate < 0),
            "probability": self.probability,
        }

    def most_probable(self, unexposed: Unexposed = "author") -> CascadeSet:
        """Trees in which everybody hangs under its most probable parent, the latest of equal ones.

        Args:
            unexposed: Adopters that most probably had the item from nobody hang under the "author" or are a "root".
        """
        check_choice("unexposed", unexposed, UNEXPOSED)
        parent = np.full(len(self.adopted.who), -1, dtype=np.int64)
        order = np.lexsort((self.candidate, self.probability, self.child))
        parent[self.child[order]] = self.candidate[order]  # the last one written stays
        return trees_under(self.adopted, parent, unexposed)

    def plot(self, ax: Axes | None = None) -> Axes:
        """How many adopters have a parent that is so probable; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        highest = np.zeros(len(self.adopted.who))
        np.maximum.at(highest, self.child, np.where(self.candidate >= 0, self.probability, 0))
        ax.hist(highest[np.unique(self.child)], bins=20, range=(0, 1))
        ax.set(xlabel="probability of the most probable parent", ylabel="adopters")
        ax.set_title(self.title(), fontsize="small", wrap=True)
        return ax


def parent_probabilities(
    graph: SocialGraph,
    edge_type: EdgeType,
    follow: EdgeType,
    items: Items | None = None,
    decay: ExponentialDecay | PowerLawDecay | None = None,
    external: float | None = 0.0,
    assume_always: bool = False,
    allow_future_model: bool = False,
) -> ParentProbabilities:
    """A probability for every node that an adopter could have had an item from: its exposures before adopting.

    An exposed adopter has one parent: with chance `external` nobody in the graph, and then it adopts at any moment
    between its first exposure and the view's end alike; else one of its exposures, each as likely beforehand, after a
    delay whose density is `decay`. The probabilities follow by Bayes' rule: they are shares of these densities. This is
    the transmission model of NetInf (Gomez-Rodriguez, Leskovec and Krause, KDD 2010). What is not given is fitted to
    the adoptions of these items by maximum likelihood, with expectation maximisation (Dempster, Laird and Rubin 1977).
    Two things make a fitted mean a little short: adoptions still to come at the view's end, and those whom several
    exposures would have reached. Whoever was not exposed came from outside, with certainty.

    Args:
        graph: The view.
        edge_type: Who passed on what, such as user repost post.
        follow: Relation between adopters along whose flow items spread; see `cascade_trees` for when it exposes.
        items: One key or several, or positions; None for every item of the view.
        decay: `ExponentialDecay` or `PowerLawDecay`, fitted where its parameter is None; None for an exponential.
        external: Chance in [0, 1) that an exposed adopter came from outside all the same; None to be fitted.
        assume_always: Treat follows whose own time nobody recorded as older than everything.
        allow_future_model: Use a decay that was fitted on what the view does not know yet.

    Raises:
        SchemaError: Unknown relation, relations that do not fit together, or an external that is no chance.
        UnknownNodeError: The view does not know an item.
        LeakageError: The decay was fitted on adoptions at or after the view's end.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost, follow = ("user", "repost", "post"), ("user", "follow", "user")
    >>> rows = {
    ...     repost: [("ann", "p", 0), ("bob", "p", 10), ("cy", "p", 20)],
    ...     follow: [("cy", "ann", 0), ("cy", "bob", 0)],
    ... }
    >>> tables = {e: pa.table(dict(zip(("src", "dst", "time"), zip(*r)))) for e, r in rows.items()}
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {e: {} for e in rows}), {}, tables)
    >>> parent_probabilities(graph, repost, follow, decay=ExponentialDecay(mean=10.0))
    parents of 3 adopters of 1 items: 2 candidates, 0.0% from outside, ExponentialDecay(mean=10.0, known_until=None)
      item  child  candidate  delay  probability
      p     ann    None       --     1
      p     bob    None       --     1
      p     cy     ann        20     0.2689
      p     cy     bob        10     0.7311
    """
    decay = ExponentialDecay() if decay is None else decay
    if not isinstance(decay, ExponentialDecay | PowerLawDecay):
        raise SchemaError(f"got decay={decay!r}, expected an ExponentialDecay or a PowerLawDecay")
    number = isinstance(external, int | float | np.number) and not isinstance(external, bool)
    if external is not None and not (number and 0 <= external < 1):
        raise SchemaError(f"got external={external!r}, expected a chance in [0, 1), or None to be fitted")
    until = graph.end
    assumptions: tuple[str, ...] = ()
    if decay.known_until is not None and until is not None and decay.known_until > until:
        knows = f"a decay fitted on what is known until {format_time(decay.known_until)}"
        if not allow_future_model:
            raise LeakageError(
                f"{knows} would be used as of {format_time(until)}; pass allow_future_model=True to do so all the same"
            )
        assumptions = (f"{knows} was used, THE FUTURE of this view",)
    adopted = adoptions(graph, edge_type, items)
    slot, candidate = list_exposures(adopted, follow, assume_always)
    adopter, size = adopted.adopters, np.diff(slot)
    child = np.repeat(np.arange(len(size)), size)
    end = int(adopted.time.max(initial=0)) + 1 if until is None else until
    exposed = slot[adopter] < slot[adopter + 1]
    open_for = np.ones(len(adopter))  # seconds from the first exposure to the view's end
    open_for[exposed] = end - adopted.time[candidate[slot[adopter[exposed]]]]
    fit = _Fit(
        np.append(0, np.cumsum(size[adopter])),
        *decay.stretched(adopted.time[child] - adopted.time[candidate]),
        open_for,
    )
    rate, chance, likelihood, iterations = fit.run(decay.rate, external)
    if decay.rate is None and rate is not None:
        decay = decay.fitted(rate, end)
    alone = np.flatnonzero((fit.none > 0) | (size[adopter] == 0))
    child = np.concatenate([child, adopter[alone]])
    candidate = np.concatenate([candidate, np.full(len(alone), -1)])
    order = np.lexsort((candidate, child))
    probability = np.concatenate([fit.probability, fit.none[alone]])[order]
    return ParentProbabilities(
        adopted, child[order], candidate[order], probability, decay, chance, likelihood, iterations,
        (*assumptions, *untimed_follows(graph, follow, assume_always)),
    )  # fmt: skip


class _Fit:
    def __init__(self, slot: np.ndarray, stretched: np.ndarray, log_stretch: np.ndarray, open_for: np.ndarray):
        self.slot, self.stretched, self.log_stretch, self.outside = slot, stretched, log_stretch, 1 / open_for
        self.probability, self.none = np.empty(len(stretched)), np.ones(len(open_for))

    def run(self, rate: float | None, external: float | None) -> tuple[float | None, float, float, int]:
        """Rate, chance of coming from outside, log-likelihood, iterations; leaves the shares in this object."""
        exposed = int((self.slot[:-1] < self.slot[1:]).sum())
        fit_rate, fit_external = rate is None and exposed > 0, external is None and exposed > 0
        if fit_rate:
            rate = 1 / float(self.stretched.mean())
        chance = (0.5 if fit_external else 0.0) if external is None else float(external)
        shares, weighted, nobody, likelihood = self._step(rate, chance)
        if not (fit_rate or fit_external):
            return rate, chance, likelihood, 0
        iterations, gain = 0, np.inf
        while gain > 1e-10 * abs(likelihood) and iterations < MOST_ITERATIONS:
            if fit_rate and weighted > 0:
                rate = shares / weighted
            if fit_external:
                chance = min(nobody / exposed, 1 - 1e-12)
            before = likelihood
            shares, weighted, nobody, likelihood = self._step(rate, chance)
            iterations, gain = iterations + 1, likelihood - before
        return rate, chance, likelihood, iterations

    def _step(self, rate: float | None, chance: float) -> tuple[float, float, float, float]:
        from graphsocial.graph.exposures.parent_probability_kernel import share_out  # numba: imported when first needed

        return share_out(
            self.slot, self.stretched, self.log_stretch, 1.0 if rate is None else rate, chance, self.outside,
            self.probability, self.none,
        )  # fmt: skip
