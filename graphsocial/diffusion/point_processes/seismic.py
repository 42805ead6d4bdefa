"""SEISMIC: cascades whose infectiousness changes, estimated from what happened lately."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel, positive
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class Seismic:
    """What SEISMIC takes as known of all cascades; `predict_size` estimates the infectiousness of each.

    Zhao, Erdogdu, He, Rajaraman and Leskovec, "SEISMIC: a self-exciting point process model for predicting tweet
    popularity", KDD 2015. Expected further events are alpha p (N - N_e) / (1 - gamma p mean_degree), where p is the
    infectiousness, N the degrees of all events so far and N_e those that have already been exposed.

    Attributes:
        kernel: Memory kernel; by default the paper's, for Twitter.
        mean_degree: How many will see an event that is still to come, on average; 1 where degrees are not used.
        alpha: Scales the direct answers still to come; 1 is the theory, the paper fits it by age of the cascade.
        gamma: Scales the answers to further events, likewise.

    >>> Seismic().kernel
    SeismicKernel(plateau=300.0, exponent=0.242)
    """

    kernel: MemoryKernel = field(default_factory=SeismicKernel)
    mean_degree: float = 1.0
    alpha: float = 1.0
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.kernel, type) or not hasattr(self.kernel, "compiled"):
            raise SchemaError(f"SEISMIC: kernel got {self.kernel!r}, expected a memory kernel, such as SeismicKernel()")
        object.__setattr__(self, "mean_degree", positive("SEISMIC: mean_degree", self.mean_degree))
        object.__setattr__(self, "alpha", positive("SEISMIC: alpha", self.alpha))
        if isinstance(self.gamma, bool) or not isinstance(self.gamma, int | float | np.number):
            raise SchemaError(f"SEISMIC: gamma got {self.gamma!r}, expected a finite number, at least 0")
        if not (math.isfinite(self.gamma) and self.gamma >= 0):
            raise SchemaError(f"SEISMIC: gamma got {self.gamma!r}, expected a finite number, at least 0")
