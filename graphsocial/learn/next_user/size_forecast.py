"""Calibrated quantiles of the users a cascade still gains, from the network that ranks its next user."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import torch
from torch import nn

from graphsocial.errors import SchemaError
from graphsocial.learn.calibration import ConformalWidening
from graphsocial.learn.next_user.evidence import Questions
from graphsocial.learn.next_user.model import NextUserModel
from graphsocial.learn.next_user.sampled import target_context
from graphsocial.learn.next_user.size_to_come import SizeToCome, size_places
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.next_user_net import SIZE_LEVELS, size_pinball

EPOCHS, LEARNING_RATE, WEIGHT_DECAY = 4, 3e-3, 1e-3


@dataclass(frozen=True, eq=False)
class SizeForecast:
    """What is still to come after the places of a part.

    Attributes:
        cascade: Cascade of each place, int64 [place].
        position: Users seen so far, int64 [place].
        context: Length, age, last gap and age of the counts on log scales, float32 [place, 4].
        horizon: Seconds in which users are counted.
        quantiles: `SIZE_LEVELS` of log2(1 + users to come), ascending, float64 [place, level].
        value: What came; known to whoever judges, not to the forecast, float32 [place].
        known: Whether that could be known when the next part starts, always under users only and legacy, bool [place].
    """

    cascade: np.ndarray
    position: np.ndarray
    context: np.ndarray
    horizon: int
    quantiles: np.ndarray
    value: np.ndarray
    known: np.ndarray


class ContextQuantiles(Protocol):
    """A floor to `SizeForecaster`."""

    def fit(self, context: np.ndarray, value: np.ndarray, levels: Sequence[float]) -> object:
        """Trains on context [place, 4] and what came [place]."""

    def predict(self, context: np.ndarray) -> np.ndarray:
        """Ascending quantiles [place, level]."""


class SizeForecaster:
    """The size head of a trained `NextUserModel`, fitted on every place and calibrated on the validation part.

    While the network learns to rank, its head learns sizes at the targets, where somebody follows. Here a copy of the
    network goes on with the sizes alone, at all places, the last of each cascade included; the ranking keeps its own
    weights. Then split conformal prediction (`ConformalWidening`) widens or narrows the quantiles, on validation places
    whose horizon ended before the test part starts. Places of one cascade depend on each other, so the coverage found
    on test belongs beside every use. Weights that prequential ranking fits anew are not used.

    Args:
        model: Trained.
        horizon: Seconds after a place in which users are counted; None = the median duration of the training cascades
            as far as it is known, but under strict and prequential at most half of the time from the first validation
            cascade to the first test cascade, so that half of it can judge the intervals.

        epochs: Passes over the training places.

    Raises:
        NotFittedError: The model has no weights yet, or too few validation places matured in time.
        SchemaError: No training place has a size that was known in time.
    """

    def __init__(self, model: NextUserModel, horizon: int | None = None, epochs: int = EPOCHS):
        self.model, split = model, model.split
        questions = Questions.to_train(split, model.training.blocks, size_places(split, "train"))
        if horizon is None:
            horizon = SizeToCome.of(split.table, questions.targets, questions.event, split.train_end).horizon
            if split.protocol in ("strict", "prequential"):
                horizon = min(horizon, (split.cut("test") - split.cut("valid")) // 2)
        self.horizon = int(horizon)
        labels = SizeToCome.within(split.table, questions.targets, questions.event, self.horizon)
        if not labels.matured.any():
            raise SchemaError(
                f"{split.protocol}: no training place has a size known before the validation part starts, "
                f"{self.horizon:,} s after the place; expected at least one"
            )
        self._net = copy.deepcopy(model.model)
        self._fit(questions, labels, epochs)
        self._train = target_context(split.table, questions.targets, questions.known_time), labels
        self._valid, self._test = self._raw("valid"), self._raw("test")
        self.calibrated_on = int(self._valid.known.sum())
        self._calibrated(self._valid.quantiles, self._valid.quantiles)  # says now whether there are places enough

    def forecast(self) -> SizeForecast:
        """Quantiles at every place of the test part."""
        return self._calibrated(self._valid.quantiles, self._test.quantiles)

    def forecast_with(self, floor: ContextQuantiles) -> SizeForecast:
        """The same from a floor that knows a place's context alone, trained and calibrated on the same places."""
        context, labels = self._train
        floor.fit(context[labels.matured], labels.value[labels.matured], SIZE_LEVELS)
        return self._calibrated(floor.predict(self._valid.context), floor.predict(self._test.context))

    def _calibrated(self, valid: np.ndarray, test: np.ndarray) -> SizeForecast:
        known, cut = self._valid.known, self.model.split.cut("test")
        widening = ConformalWidening.fit(valid[known], self._valid.value[known], SIZE_LEVELS, cut)
        return replace(self._test, quantiles=np.maximum(widening.apply(test, cut), 0))

    def _fit(self, questions: Questions, labels: SizeToCome, epochs: int) -> None:
        net, rng = self._net.train(), np.random.default_rng(derived_seed(self.model.seed, "size"))
        optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        for epoch in range(epochs):
            optimizer.param_groups[0]["lr"] = LEARNING_RATE * (0.5 + 0.5 * np.cos(np.pi * epoch / epochs))
            for rows, read in self.model.read_places(net, questions, rng):
                known = labels.matured[rows]
                if known.any():
                    optimizer.zero_grad()
                    came = torch.from_numpy(labels.value[rows][known]).to(read.device)
                    size_pinball(net.size(read[torch.from_numpy(known).to(read.device)]), came).mean().backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                    optimizer.step()

    @torch.no_grad()
    def _raw(self, part: Literal["valid", "test"]) -> SizeForecast:
        """Before calibration."""
        split = self.model.split
        questions = Questions.to_predict(split, part, size_places(split, part))
        table, targets = split.table, questions.targets
        timed = split.protocol in ("strict", "prequential")
        known = (
            np.flatnonzero(table.time < split.cut("test")) if timed and part == "valid" else np.arange(len(table.user))
        )
        labels = SizeToCome.within(table, targets, known, self.horizon)
        net = self._net.eval()
        context, quantiles = np.empty((len(targets), 4), dtype=np.float32), np.empty((len(targets), len(SIZE_LEVELS)))
        for rows, read in self.model.read_places(net, questions):
            context[rows], quantiles[rows] = read[:, -4:].cpu().numpy(), net.size(read).double().cpu().numpy()
        return SizeForecast(
            cascade=targets.cascade,
            position=targets.position,
            context=context,
            horizon=self.horizon,
            quantiles=quantiles,
            value=labels.value,
            known=labels.matured if timed else np.ones(len(targets), dtype=bool),
        )
