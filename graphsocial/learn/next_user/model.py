"""The learned ranking: trained on what was known before each event, selected on validation, ranking all users."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.next_user.cascade_batches import cascade_batches, cascade_groups
from graphsocial.learn.next_user.co_participation import user_codes
from graphsocial.learn.next_user.content_evidence import ContentEvidence, ContentOfCascades
from graphsocial.learn.next_user.evidence import EvidenceReader, Questions, part_rows
from graphsocial.learn.next_user.evidence_kernel import CHANNELS
from graphsocial.learn.next_user.middle_ranks import full_ranks, reciprocal_at_100, sampled_ranks
from graphsocial.learn.next_user.sampled import (
    Neighbourhoods,
    Sampled,
    Sources,
    first_until,
    prefix_arrays,
    target_context,
)
from graphsocial.learn.next_user.size_to_come import SizeToCome
from graphsocial.learn.next_user.split import NextUserSplit
from graphsocial.learn.next_user.training import NextUserTraining
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.next_user_net import Asked, NextUserNet, NextUserNetConfig, size_pinball
from graphsocial.nn.seeding import seeded

TASK = "next_user"
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the residual among which validation chooses; at 0 the model is the counting rule, and it stays there unless
the gain is larger than its standard error over cascades: few validation targets must not talk it into noise."""
_HELD_OUT = 10  # one in so many of the newest targets judges weights fitted anew


class NextUserModel:
    """Trains a `NextUserNet` and ranks users by the counting score times the exponential of the net's residual.

    Every training target counts only events from before itself (`Questions.to_train`). The epoch, and the share of the
    residual that is added, are those with the best MAP@100 on the validation part; at a share of 0 the ranking is that
    of the counting rule to the last tie.

    Args:
        split: Cascades and protocol.
        sources: Links between users and content of the cascades, where there are any.
        seed: Of the initial weights, the order of the batches and the drawn candidates.
        net: Size and switches of the network.
        training: Settings of the loop.
        device: `auto` takes CUDA where there is one; else a torch device name.

    Attributes:
        assumptions: What the ranking takes for granted beyond the protocol.
        best_epoch: Epoch whose weights are kept, -1 before the first.
        share: Share of the residual that is added.

    Raises:
        SchemaError: No place to train or to validate on is left under this protocol.
    """

    name = "graphsocial"

    def __init__(
        self,
        split: NextUserSplit,
        sources: Sources | None = None,
        *,
        seed: int = 0,
        net: NextUserNetConfig | None = None,
        training: NextUserTraining | None = None,
        device: str = "auto",
    ):
        self.split, self.sources = split, sources or Sources(None, {})
        self.seed, self.net_config, self.training = (
            int(seed),
            net or NextUserNetConfig(),
            training or NextUserTraining(),
        )
        self.device = pick_device(device)
        self._code = torch.from_numpy(user_codes(split.table.users, self.net_config.channels)).to(self.device)
        self._content = {
            name: torch.from_numpy(np.asarray(vector, dtype=np.float32)).to(self.device)
            for name, vector in sorted(self.sources.content.items())
        }
        self.assumptions: tuple[str, ...] = self.sources.assumptions
        if self.sources.links is not None:
            untimed = "links between users have no times: each is taken to have existed before every event"
            self.assumptions = (untimed, *self.assumptions)
        self.model = self._new_net()
        self.best_epoch, self.share = -1, 0.0
        self._examples = {"train": 0, "valid": 0}
        self._seconds = {"evidence": 0.0, "training": 0.0}

    @property
    def config(self) -> dict[str, Any]:
        """Settings and what came of them, as plain values for a line of results."""
        return {
            **asdict(self.net_config),
            **asdict(self.training),
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "best_epoch": self.best_epoch,
            "share": self.share,
            "examples": dict(self._examples),
            "phase_seconds": {name: round(value, 1) for name, value in self._seconds.items()},
            "links": self.sources.links is not None,
            "content": sorted(self.sources.content),
            "assumptions": list(self.assumptions),
            "device": self.device.type,
        }

    # ---- training

    def fit(self) -> Iterator[EpochReport]:
        """Trains, one report per epoch; then holds the weights that were best on validation.

        The caller owns the progress bar. Leaving the loop early keeps the best weights so far; a new call starts anew.

        Raises:
            SchemaError: No target can be trained or validated on.
        """
        began = time.perf_counter()
        questions = Questions.to_train(self.split, self.training.blocks)
        sampled, around = self._sample(questions, self.training.hard, self.training.drawn, "train")
        asked = Questions.to_predict(self.split, "valid")
        valid, around_valid = self._sample(asked, self.training.judged_hard, self.training.judged_drawn, "valid")
        self._seconds["evidence"] = time.perf_counter() - began
        self.model, self.best_epoch, self.share = self._new_net(), -1, 0.0
        self._scale(self.model, sampled)
        best, best_score = _state(self.model), -1.0
        start = time.perf_counter()
        try:
            for epoch, loss, seconds in self._epochs(self.model, questions, sampled, around):
                score, share = self._judge(self.model, asked, valid, around_valid)
                selected = score > best_score
                if selected:
                    best, best_score, self.best_epoch, self.share = _state(self.model), score, epoch, share
                yield EpochReport(
                    epoch=epoch,
                    losses={TASK: loss},
                    validation={TASK: score},
                    score=score,
                    selected=selected,
                    seconds=time.perf_counter() - began,
                    examples_per_second=len(sampled.row) / max(seconds, 1e-9),
                    sampler_share=0.0,
                )
                began = time.perf_counter()
        finally:
            self.model.load_state_dict(best)
            self._seconds["training"] = time.perf_counter() - start

    def _judge(
        self, net: NextUserNet, questions: Questions, valid: Sampled, around: Neighbourhoods
    ) -> tuple[float, float]:
        """Estimated MAP@100 on validation targets, and the share of the residual that gives it."""
        residual = self._residuals(net, questions, valid, around)
        gains = [reciprocal_at_100(sampled_ranks(valid, share * residual)) for share in SHARES]
        cascade = np.unique(questions.targets.cascade[valid.row], return_inverse=True)[1]
        best = int(np.argmax([gain.mean() for gain in gains]))
        more = gains[best] - gains[0]
        off = np.bincount(cascade, more - more.mean())
        if more.sum() <= np.sqrt((off**2).sum()):
            best = 0
        return float(gains[best].mean()), SHARES[best]

    def _sample(
        self, questions: Questions, hard: int, drawn: int, part: Literal["train", "valid"]
    ) -> tuple[Sampled, Neighbourhoods]:
        """Evidence of all targets of a part that can be hit, and the neighbourhoods they may use."""
        rows = part_rows(questions.targets)
        if part == "train":  # with nothing counted there is nothing to learn from
            rows = rows[questions.until[rows] > 0][-self.training.most_rows :]
        else:
            rows = rows[:: -(-len(rows) // self.training.judged_rows) or 1]
        if not len(rows):
            raise SchemaError(
                f"{self.split.protocol}: the {part} part has no place to predict before the next part starts, "
                "expected at least one"
            )
        self._examples[part] = len(rows)
        around = self._neighbourhoods(questions)
        return (
            Sampled.of(self.split, questions, rows, self.sources, around, hard, drawn, derived_seed(self.seed, part)),
            around,
        )

    def _neighbourhoods(self, questions: Questions) -> Neighbourhoods:
        until = np.unique(first_until(questions))
        if len(until) and until[0] >= questions.settled:  # when to look again must not depend on what is still to come
            looks = [questions.settled]
            while (following := max(looks[-1] + 1, int(looks[-1] * (1 + 1 / self.training.blocks)))) <= until[-1]:
                looks.append(following)
            until = np.array(looks)
        elif len(until) > self.training.blocks:
            until = np.unique(np.linspace(0, until[-1], self.training.blocks + 1).astype(np.int64))
        limits = np.unique(np.append(0, until))
        return Neighbourhoods.of(self.split.table, questions.event, limits, self.training.neighbours)

    def _epochs(
        self,
        net: NextUserNet,
        questions: Questions,
        sampled: Sampled,
        around: Neighbourhoods,
        known_before: int | None = None,
    ) -> Iterator[tuple[int, float, float]]:
        """Trains on labels known before a time; yields epoch, mean loss and seconds."""
        training, epochs, rng = (
            self.training,
            self.training.epochs,
            np.random.default_rng(derived_seed(self.seed, "batches")),
        )
        optimizer = torch.optim.AdamW(net.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay)
        targets, table = questions.targets, self.split.table
        context = target_context(table, targets, questions.known_time)
        coming = SizeToCome.of(table, targets, questions.event, self.split.train_end, known_before)
        ends = np.flatnonzero(targets.user < 0) if self.split.protocol == "legacy" else np.zeros(0, dtype=np.int64)
        ends_of = dict(zip(targets.cascade[ends].tolist(), ends.tolist(), strict=True))
        most = self._batch_rows(len(sampled.row))
        groups = cascade_groups(targets.cascade[sampled.row], sampled.neighbourhood)
        steps = max(1, epochs * len(cascade_batches(groups, most, rng)))
        step = 0
        for epoch in range(epochs):
            began, total, count = time.perf_counter(), 0.0, 0
            net.train()
            for batch, which in cascade_batches(groups, most, rng):
                share = min(step / steps, 1.0)
                optimizer.param_groups[0]["lr"] = training.learning_rate * (0.5 + 0.5 * np.cos(np.pi * share))
                step += 1
                rows = sampled.row[batch]
                ended = np.array([ends_of[c] for c in np.unique(targets.cascade[rows]) if c in ends_of], dtype=np.int64)
                both = np.append(rows, ended)
                users = self._users(net, around, which)
                asked = self._asked(net, users, targets.cascade[both], targets.position[both])
                residual = net(
                    _first(asked, len(rows)),
                    users[torch.from_numpy(sampled.candidate[batch]).long().to(self.device)],
                    self._tensor(sampled.channel[batch]),
                )
                logits = self._tensor(sampled.base[batch] + sampled.weight[batch]) + residual
                loss = nn.functional.cross_entropy(logits, torch.zeros(len(rows), dtype=torch.long, device=self.device))
                total, count = total + loss.item() * len(rows), count + len(rows)
                given = self._tensor(context[both])
                if len(ends):
                    is_end = self._tensor((targets.user[both] < 0).astype(np.float32))
                    loss = loss + nn.functional.binary_cross_entropy_with_logits(net.end_logit(asked, given), is_end)
                if training.size_weight and coming.matured[both].any():
                    pinball = size_pinball(net.size_quantiles(asked, given), self._tensor(coming.value[both]))
                    known = self._tensor(coming.matured[both].astype(np.float32))
                    loss = loss + training.size_weight * (pinball * known).sum() / known.sum()
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                optimizer.step()
            yield epoch, total / max(count, 1), time.perf_counter() - began

    # ---- ranking

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user of every target of a part, float64 [target]; inf where it is no candidate.

        Under prequential the weights are fitted anew whenever the known events have doubled since the last fit, the
        newest tenth of the targets known by then judging epochs and share; a target is ranked by weights fitted on
        events before it.

        Raises:
            NotFittedError: `fit` has not finished an epoch.
            SchemaError: The split has other cascades or another protocol than the one trained on.
        """
        self._check_fitted()
        ours, theirs = self.split.table, split.table
        same = all(np.array_equal(getattr(ours, x), getattr(theirs, x)) for x in ("users", "user", "time", "offsets"))
        if split.protocol != self.split.protocol or not same:
            raise SchemaError(
                f"a split under {split.protocol} of {len(theirs)} cascades with {len(theirs.users)} users, expected "
                f"the protocol and the cascades trained on: {self.split.protocol}, {len(ours)} with {len(ours.users)}"
            )
        questions = Questions.to_predict(split, part)
        out = np.full(len(questions.targets), np.inf)
        rows = np.arange(len(out)) if split.protocol == "legacy" else part_rows(questions.targets)
        rows = rows[~questions.targets.repeated[rows]]
        for (net, share), mine in self._nets(split, questions, rows):
            for at, ranks in self._ranks(net, share, split, questions, mine):
                out[at] = ranks
        return out

    def _nets(
        self, split: NextUserSplit, questions: Questions, rows: np.ndarray
    ) -> Iterator[tuple[tuple[NextUserNet, float], np.ndarray]]:
        """Weights with their share of the residual, and the rows that they rank."""
        fitted = int(np.searchsorted(split.table.time[questions.event], self.split.cut("valid"), side="left"))
        if split.protocol != "prequential" or not self.training.retrain:
            yield (self.model, self.share), rows
            return
        chosen, left = (self.model, self.share), rows
        limit = 2 * max(fitted, 1)
        while len(left):
            later = questions.until[left] >= limit
            if (~later).any():
                yield chosen, left[~later]
            left = left[later]
            if len(left):
                chosen = self._retrained(int(split.table.time[questions.event[limit - 1]]), chosen)
                limit *= 2

    def _retrained(self, before: int, otherwise: tuple[NextUserNet, float]) -> tuple[NextUserNet, float]:
        """Weights fitted on everything before a time; the newest targets judge the epochs and the share."""
        training, questions = self.training, Questions.to_retrain(self.split, before)
        rows = part_rows(questions.targets)
        rows = rows[questions.until[rows] > 0][-training.most_rows :]
        newest = rows[np.argsort(questions.targets.time[rows], kind="stable")][-(len(rows) // _HELD_OUT) :]
        if len(rows) < 2 * _HELD_OUT:
            return otherwise
        first = int(questions.targets.time[newest].min())
        old = rows[questions.targets.time[rows] < first]
        judges = np.sort(newest[:: -(-len(newest) // training.judged_rows)])
        around = self._neighbourhoods(questions)

        def read(which: np.ndarray, hard: int, drawn: int) -> Sampled:
            seed = derived_seed(self.seed, "retrain")
            return Sampled.of(self.split, questions, which, self.sources, around, hard, drawn, seed)

        if not len(old):
            return otherwise
        sampled, valid = (
            read(old, training.hard, training.drawn),
            read(judges, training.judged_hard, training.judged_drawn),
        )
        net = self._new_net()
        self._scale(net, sampled)
        best, best_score, best_share = _state(net), -1.0, 0.0
        for _ in self._epochs(net, questions, sampled, around, first):
            score, share = self._judge(net, questions, valid, around)
            if score > best_score:
                best, best_score, best_share = _state(net), score, share
        net.load_state_dict(best)
        return net, best_share

    @torch.no_grad()
    def _ranks(
        self, net: NextUserNet, share: float, split: NextUserSplit, questions: Questions, rows: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Targets and their ranks, block by block."""
        net.eval()
        targets, table = questions.targets, split.table
        around, earliest = self._neighbourhoods(questions), first_until(questions)
        content = ContentEvidence(table, questions.event, self.sources.content, questions.settled)
        about = ContentOfCascades(content, targets.cascade[rows], earliest[rows])
        context = target_context(table, targets, questions.known_time)
        which, users = -1, self._code
        # a few at a time: more would not fit in a core's cache
        for block in EvidenceReader(split, questions, self.sources.links).everyone(rows, at_once=4):
            at = block.row
            near = around.latest(earliest[at])
            channel = block.channel
            if content.channels:
                channel = np.concatenate([channel, about.of(targets.cascade[at])], axis=2)
            score = np.where(block.score > 0, block.score, np.exp(block.channel[:, :, 0].astype(np.float64)))
            residual, end = np.zeros(score.shape), np.zeros(len(at))
            for each in np.unique(near):
                mine = near == each
                if each != which:
                    which, users = int(each), self._users(net, around, int(each))
                asked = self._asked(net, users, targets.cascade[at[mine]], targets.position[at[mine]])
                if share:
                    residual[mine] = net(asked, users, self._tensor(channel[mine])).double().cpu().numpy()
                end[mine] = net.end_logit(asked, self._tensor(context[at[mine]])).double().cpu().numpy()
            score = np.where(block.weight == 0, score * np.exp(share * residual), -1.0)
            yield at, full_ranks(score, targets.user[at], end if split.protocol == "legacy" else None)

    def read_places(
        self, net: NextUserNet, questions: Questions, rng: np.random.Generator | None = None
    ) -> Iterator[tuple[np.ndarray, Tensor]]:
        """What a network of this kind reads of places of any part, cascade by cascade, shuffled when there is an rng.

        Yields:
            Which places, and their state with their context, [place, state + 4].

        Raises:
            NotFittedError: `fit` has not finished an epoch.
        """
        self._check_fitted()
        targets, around = questions.targets, self._neighbourhoods(questions)
        near = around.latest(first_until(questions))
        context = self._tensor(target_context(self.split.table, targets, questions.known_time))
        users: dict[int, Tensor] = {}
        most = self.training.batch_rows if rng is None else self._batch_rows(len(targets))
        for rows, which in cascade_batches(cascade_groups(targets.cascade, near), most, rng):
            if which not in users:
                with torch.no_grad():
                    users[which] = self._users(net, around, which)
            asked = self._asked(net, users[which], targets.cascade[rows], targets.position[rows])
            yield rows, torch.cat([asked.state, context[torch.from_numpy(rows).to(self.device)]], dim=1)

    def _batch_rows(self, rows: int) -> int:
        return int(np.clip(rows // 60, 32, self.training.batch_rows))

    def _check_fitted(self) -> None:
        if self.best_epoch < 0:
            raise NotFittedError("graphsocial predicts after training: run through fit() first")

    # ---- shared

    def _new_net(self) -> NextUserNet:
        sizes = {name: vector.shape[1] for name, vector in self._content.items()}
        evidence = len(CHANNELS) + ContentEvidence(self.split.table, np.zeros(0, int), self.sources.content).channels
        with seeded(derived_seed(self.seed, "weights")):
            return NextUserNet(evidence, sizes, self.net_config).to(self.device)

    def _scale(self, net: NextUserNet, sampled: Sampled) -> None:
        """Centres the channels on the training candidates."""
        flat = sampled.channel[:: max(1, len(sampled.row) // 4000)].reshape(-1, sampled.channel.shape[2])[::7]
        flat = flat.astype(np.float32)
        net.evidence_mean.copy_(torch.from_numpy(flat.mean(axis=0)))
        net.evidence_scale.copy_(torch.from_numpy(flat.std(axis=0) + 1e-2))

    def _users(self, net: NextUserNet, around: Neighbourhoods, which: int) -> Tensor:
        return net.user_vectors(
            self._code,
            torch.from_numpy(around.code[which]).to(self.device),
            torch.from_numpy(around.closeness[which]).to(self.device),
        )

    def _asked(self, net: NextUserNet, users: Tensor, cascade: np.ndarray, position: np.ndarray) -> Asked:
        cascades, place = np.unique(cascade, return_inverse=True)
        code, pace = prefix_arrays(self.split.table, cascades, int(position.max()))
        chosen = torch.from_numpy(cascades).to(self.device)
        content = {name: vector[chosen] for name, vector in self._content.items()}
        prefix = net.read_prefix(users, torch.from_numpy(code).to(self.device), self._tensor(pace), content)
        return prefix.at(
            torch.from_numpy(place).to(self.device), torch.from_numpy(np.asarray(position) - 1).to(self.device)
        )

    @torch.no_grad()
    def _residuals(
        self, net: NextUserNet, questions: Questions, sampled: Sampled, around: Neighbourhoods
    ) -> np.ndarray:
        """Residuals of sampled candidates, float64 [row, candidate]."""
        net.eval()
        targets, out = questions.targets, np.empty(sampled.score.shape)
        users = {int(i): self._users(net, around, int(i)) for i in np.unique(sampled.neighbourhood)}
        for rows, which in cascade_batches(
            cascade_groups(targets.cascade[sampled.row], sampled.neighbourhood), 512, None
        ):
            at = sampled.row[rows]
            asked = self._asked(net, users[which], targets.cascade[at], targets.position[at])
            candidates = users[which][torch.from_numpy(sampled.candidate[rows]).long().to(self.device)]
            out[rows] = net(asked, candidates, self._tensor(sampled.channel[rows])).double().cpu().numpy()
        if not np.isfinite(out).all():
            raise SchemaError(f"{(~np.isfinite(out)).sum()} residuals are no finite numbers: the training diverged")
        return out

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(self.device)


def _first(asked: Asked, rows: int) -> Asked:
    return Asked(asked.state[:rows], asked.mean[:rows], asked.last[:rows])


def _state(net: NextUserNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}
