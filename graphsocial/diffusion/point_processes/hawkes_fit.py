"""A self-exciting process that was fitted: how sure its numbers are, and what it has seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.errors import LeakageError, SchemaError, did_you_mean
from graphsocial.graph.time import format_time


@dataclass(frozen=True, eq=False)
class HawkesFit:
    """A process of maximum likelihood.

    Attributes:
        process: The process.
        log_likelihood: Its log-likelihood; times in seconds.
        standard_error: Of each fitted parameter, from the observed information; nan for one at a bound.
        events: Events that were explained.
        sequences: Sequences they are in, all with the same parameters.
        converged: Whether the search ended where the likelihood is flat.
        at_bound: Fitted parameters that ended at a bound of the search; their true maximum may lie beyond.
        known_until: The events came before this second; None for all there is.
    """

    process: HawkesProcess
    log_likelihood: float
    standard_error: Mapping[str, float]
    events: int
    sequences: int
    converged: bool = True
    at_bound: tuple[str, ...] = ()
    known_until: int | None = None

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 parameters - 2 log-likelihood; the smaller the better."""
        return 2 * len(self.standard_error) - 2 * self.log_likelihood

    def value(self, name: str) -> float:
        """A parameter of the process or of its kernel.

        Raises:
            SchemaError: There is none of that name.
        """
        kernel = {parameter: getattr(self.process.kernel, parameter) for parameter in self.process.kernel.parameters}
        known = {"background": self.process.background, "branching": self.process.branching, **kernel}
        if name not in known:
            raise SchemaError(f"no parameter {name!r}, the fit has {', '.join(known)}.{did_you_mean(str(name), known)}")
        return float(known[name])

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Where a fitted parameter lies at a level of confidence: a normal interval of its logarithm.

        nan where the standard error is; the value twice for a parameter that was held.

        Raises:
            SchemaError: There is none of that name, or no level between 0 and 1.
        """
        from scipy.special import ndtri

        if not 0 < level < 1:
            raise SchemaError(f"got level={level!r}, expected a number between 0 and 1")
        value = self.value(name)
        if name not in self.standard_error:
            return value, value
        reach = float(ndtri((1 + level) / 2)) * self.standard_error[name] / value
        return value * math.exp(-reach), value * math.exp(reach)

    def check_known(self, as_of: int | None, allow_future_model: bool = False) -> bool:
        """Whether the fit is used as of a time before its events were all known, which has to be allowed.

        Args:
            as_of: Seconds; None: as of now, when everything is known.
            allow_future_model: The loud switch.

        Raises:
            LeakageError: It saw what was not known then, and `allow_future_model` is not set.
        """
        if as_of is None or (self.known_until is not None and self.known_until <= as_of):
            return False
        if not allow_future_model:
            seen = "everything" if self.known_until is None else f"what came before {format_time(self.known_until)}"
            raise LeakageError(
                f"the fitted Hawkes process knows {seen}, but is used as of {format_time(as_of)}; fit on what was "
                "known then, or pass allow_future_model=True"
            )
        return True

    def __repr__(self) -> str:
        parts = []
        for name in ("background", "branching", *self.process.kernel.parameters):
            error = f" ± {self.standard_error[name]:.2g}" if name in self.standard_error else " (held)"
            parts.append(f"{name} {self.value(name):.4g}{error}")
        kernel, state = type(self.process.kernel).__name__, "" if self.converged else ", not converged"
        until = "" if self.known_until is None else f", known until {format_time(self.known_until)}"
        return f"HawkesFit ({kernel}) of {self.events:,} events: {', '.join(parts)}; AIC {self.aic:.6g}{state}{until}"
