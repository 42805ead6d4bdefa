"""The learned ranking of posts for users, on top of the best rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.learn.recommendation.evidence import Candidates
from graphsocial.learn.recommendation.evidence_kernel import CHANNELS, OF_PAIR, OF_POST, OF_TARGET
from graphsocial.learn.recommendation.floors import floor_scores
from graphsocial.learn.recommendation.ranked import METRICS, ranked
from graphsocial.learn.recommendation.ranker_config import RankerConfig
from graphsocial.learn.recommendation.words import Words, words_of_candidates
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.recommendation_net import RecommendationNet
from graphsocial.nn.seeding import seeded

JUDGED = METRICS.index("ndcg@10")
_NO_CANDIDATE = -1e9


@dataclass(frozen=True)
class RankerEpoch:
    """What an epoch of training came to.

    Attributes:
        epoch: From 1 on.
        loss: Mean over training targets.
        ndcg: NDCG@10 on validation.
    """

    epoch: int
    loss: float
    ndcg: float

    def __str__(self) -> str:
        return f"epoch {self.epoch}: loss {self.loss:.4f}, validation NDCG@10 {self.ndcg:.4f}"


class Ranker:
    """Ranks candidates by a rule and what a network adds to it, learned by softmax over the candidates.

    Args:
        rule: Floor that it starts from, see `FLOORS`; None = no rule.
        words: Words of the posts, float32 [post, channel], as `narrowed` gives them; None = none are read.
        config: Settings; None = those of `RankerConfig()`.
        rng: Seed of weights and order.
        device: Where to compute.

    Raises:
        SchemaError: Nothing is left to read.
    """

    def __init__(
        self,
        rule: str | None,
        words: np.ndarray | None = None,
        config: RankerConfig | None = None,
        rng: int = 0,
        device: str = "auto",
    ):
        config = config or RankerConfig()
        self._words = words if config.words else None
        names = (*(OF_POST if config.of_post else ()), *(OF_PAIR if config.of_pair else ()))
        if not names and self._words is None:
            raise SchemaError("a ranker got neither channels of posts, nor of users, nor words, expected one of them")
        self._columns = [CHANNELS.index(name) for name in (*names, *OF_TARGET)]
        self._rule, self._config, self._rng, self._device = rule, config, rng, pick_device(device)
        self._net: RecommendationNet | None = None
        self.known_until: int | None = None

    @property
    def parameters(self) -> int:
        """Number of learned numbers.

        Raises:
            NotFittedError: Before `fit`.
        """
        return sum(weights.numel() for weights in self._fitted().parameters())

    def fit(self, train: Candidates, valid: Candidates, known_until: int) -> Iterator[RankerEpoch]:
        """Trains, epoch by epoch; the weights of the best epoch on validation stay once the iterator is through.

        Args:
            train: Candidates of the training targets, sampled or not; targets without the right post are left out.
            valid: All candidates of the validation targets.
            known_until: Seconds before which all of these lie.

        Raises:
            SchemaError: No training target has its post among its candidates.
        """
        rows = np.flatnonzero(train.right >= 0)
        if not len(rows):
            raise SchemaError(f"none of {len(train)} training targets has its post among the candidates")
        config, seed = self._config, derived_seed(self._rng, "recommendation")
        reader, judged = _Reader(self, train), _Reader(self, valid)
        with seeded(seed):
            net = RecommendationNet(reader.channels, reader.width, config.hidden, config.matched).to(self._device)
        net.scale.fit(reader.all_channels())
        order = np.random.default_rng(seed)
        optimizer = torch.optim.AdamW(net.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        per_epoch = -(-len(rows) // config.batch)
        pace = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, config.learning_rate, total_steps=config.epochs * per_epoch, pct_start=0.1
        )
        self._net, self.known_until = net, known_until
        best, weights = -1.0, net.state_dict()
        for epoch in range(1, config.epochs + 1):
            net.train()
            loss_sum = 0.0
            for batch in np.array_split(order.permutation(rows), per_epoch):
                score, right = reader.scores(net, batch, with_weight=True)
                loss = functional.cross_entropy(score, right)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                pace.step()
                loss_sum += float(loss.detach()) * len(batch)
            ndcg = float(ranked(valid, self._scores(net, judged)).gains[:, JUDGED].mean())
            if ndcg > best:
                best, weights = ndcg, {name: value.clone() for name, value in net.state_dict().items()}
            yield RankerEpoch(epoch, loss_sum / len(rows), ndcg)
        net.load_state_dict(weights)

    def scores(self, candidates: Candidates, as_of: int, allow_future_model: bool = False) -> np.ndarray:
        """Scores, the higher the better, float32 [row].

        Args:
            candidates: As they were read.
            as_of: Time of the earliest target, in seconds.
            allow_future_model: Whether the ranker may know what came later than that.

        Raises:
            NotFittedError: Before `fit`.
            LeakageError: The ranker knows things from `as_of` or later.
        """
        net = self._fitted()
        if self.known_until is not None and as_of < self.known_until and not allow_future_model:
            raise LeakageError(
                f"the ranker was fitted with what was known until {self.known_until}, and is asked as of {as_of}; "
                "pass allow_future_model=True to say that this is meant"
            )
        return self._scores(net, _Reader(self, candidates))

    def _scores(self, net: RecommendationNet, reader: _Reader) -> np.ndarray:
        out = np.empty(len(reader.candidates.post), dtype=np.float32)
        if not len(out):
            return out
        net.eval()
        with torch.no_grad():
            for begin in range(0, len(reader.candidates), self._config.batch):
                targets = np.arange(begin, min(begin + self._config.batch, len(reader.candidates)))
                row, there = reader.rows(targets)
                out[row[there]] = reader.scores(net, targets)[0].cpu().numpy()[there]
        return out

    def _fitted(self) -> RecommendationNet:
        if self._net is None:
            raise NotFittedError("the ranker has no weights yet: run through fit() first")
        return self._net


class _Reader:
    """Batches of candidates as tensors."""

    def __init__(self, ranker: Ranker, candidates: Candidates):
        self.candidates, self._columns, self._device = candidates, ranker._columns, ranker._device
        self._words = ranker._words
        self._of_words: Words | None = None
        if self._words is not None:
            self._of_words = words_of_candidates(self._words, candidates)
        rule = ranker._rule
        self._rule = np.zeros(len(candidates.post), np.float32) if rule is None else floor_scores(rule, candidates)

    @property
    def width(self) -> int:
        """Channels of words."""
        return 0 if self._words is None else self._words.shape[1]

    @property
    def channels(self) -> int:
        """Channels of evidence."""
        return len(self._columns) + (0 if self._of_words is None else self._of_words.channel.shape[1])

    def all_channels(self) -> torch.Tensor:
        """Evidence of all rows, [row, channel]."""
        return torch.from_numpy(self._channels(slice(None))).to(self._device)

    def rows(self, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row of each candidate, filled up with the last one, and where it is one, [target, candidate] each."""
        begin, size = self.candidates.offsets[targets], self.candidates.size[targets]
        place = np.arange(max(int(size.max(initial=0)), 1))
        row = begin[:, None] + np.minimum(place, np.maximum(size - 1, 0)[:, None])
        return np.minimum(row, max(len(self.candidates.post) - 1, 0)), place < size[:, None]

    def scores(
        self, net: RecommendationNet, targets: np.ndarray, with_weight: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores [target, candidate] and the place of the right post [target]."""
        row, there = self.rows(targets)
        tensor = lambda array: torch.from_numpy(array).to(self._device)  # noqa: E731
        match = None
        if self._of_words is not None and self._words is not None:
            some, place = np.unique(self.candidates.post[row], return_inverse=True)
            profile = self._of_words.profile[targets]
            match = net.match(tensor(self._words[some]), tensor(profile), tensor(place.reshape(row.shape)))
        score = net(tensor(self._rule[row]), tensor(self._channels(row)), match)
        add = np.where(there, self.candidates.weight[row] if with_weight else 0, _NO_CANDIDATE).astype(np.float32)
        return score + tensor(add), tensor(self.candidates.right[targets] - self.candidates.offsets[targets])

    def _channels(self, row: np.ndarray | slice) -> np.ndarray:
        known = self.candidates.channel[row][..., self._columns]
        return known if self._of_words is None else np.concatenate([known, self._of_words.channel[row]], axis=-1)
