"""How many events descend from one on average, and by when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel

_EVEN, _EARLY = 160, 96  # points of the grid, spread evenly and towards the beginning


@dataclass(frozen=True, eq=False)
class ClusterGrowth:
    """Mean size of the tree below an event, itself included, for every age up to a horizon.

    The mean M of age s solves M(s) = 1 + branching integral(density(u) M(s - u) du from 0 to s): an event is there, and
    each direct answer begins a tree of its own (Hawkes and Oakes, "A cluster process representation of a self-exciting
    process", Journal of Applied Probability 11(3), 1974). M is taken as linear between the points of a grid, and
    integrated against the kernel exactly (product integration, Linz, "Analytical and Numerical Methods for Volterra
    Equations", 1985, ch. 7).

    Attributes:
        kernel: Memory kernel.
        age: Points, seconds, ascending from 0 to the horizon, float64 [point].
        weight: Weight of M at each point in the integral that belongs to each age, float64 [age point, point].
    """

    kernel: MemoryKernel
    age: np.ndarray
    weight: np.ndarray

    @classmethod
    def until(cls, kernel: MemoryKernel, horizon: float) -> ClusterGrowth:
        """Up to a finite horizon, seconds."""
        early = min(horizon / _EVEN, float(kernel.delay(0.01)))
        age = np.union1d(np.linspace(0, horizon, _EVEN), np.geomspace(early, horizon, _EARLY)[:-1])
        age = age[np.diff(age, prepend=-1.0) > horizon * 1e-12]
        return cls(kernel, age, _weights(kernel, age, age))

    def size(self, branching: float) -> np.ndarray:
        """Mean size of the tree, float64 [point]."""
        from scipy.linalg import solve_triangular

        points = len(self.age)
        return solve_triangular(np.eye(points) - branching * self.weight, np.ones(points), lower=True)

    def answers(self, age: np.ndarray) -> np.ndarray:
        """Weights of M in the mean number of further events below events of some ages, float64 [event, point].

        The direct answers to an event that come between now and the horizon, each with the tree that it begins.

        Args:
            age: Seconds since each event [event].
        """
        return _weights(self.kernel, np.asarray(age, dtype=np.float64) + self.age[-1], self.age)


def _weights(kernel: MemoryKernel, at: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Weights of M(x) in the integral of density(at - x) M(x) over x, float64 [at, point]."""
    delay = np.maximum(at[:, None] - point, 0)
    mass, moment = -np.diff(kernel.mass(delay), axis=1), -np.diff(kernel.moment(delay), axis=1)
    right = ((at[:, None] - point[:-1]) * mass - moment) / np.diff(point)  # of the cell's right end
    out = np.zeros(delay.shape)
    out[:, 1:] += right
    out[:, :-1] += mass - right
    return out
