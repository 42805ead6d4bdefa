"""The cases that classifiers of posts are compared in: floors, each modality alone, both fusions, controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphsocial.learn.post_labels.config_choice import choose_config
from graphsocial.learn.post_labels.feature_evidence import BoostedClassifier, FeatureEvidence
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import LOSSES, PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.post_labels.vector_evidence import VectorEvidence
from graphsocial.learn.post_labels.what_is_there import by_what_is_there
from graphsocial.learn.post_labels.word_evidence import TfidfClassifier, WordEvidence

FLOORS = ("majority", "tfidf", "tfidf_balanced", "cascade_boosted")
CROSS, LATE = "cross_modal", "late_fusion"

RATES = (1e-4, 1e-3)
"""Beside the one that settings have: what tokens add to the evidence overfits soon."""

CHANNELS = 256
"""Principal directions that tokens are brought to, for every case the same."""


@dataclass(frozen=True)
class Fold:
    """One cut of the posts.

    Attributes:
        inputs: All posts.
        target: Class codes [post].
        group: What stays together inside the training part [post].
        classes: Number of classes.
        train: Rows of the training part.
        test: Rows of the test part.
        rng: Seed of everything drawn.
        features: Counted features of the modality "cascade" [post, feature]; None: there is no such modality.
    """

    inputs: PostInputs
    target: np.ndarray
    group: np.ndarray
    classes: int
    train: np.ndarray
    test: np.ndarray
    rng: int
    features: np.ndarray | None = None


@dataclass(frozen=True)
class Case:
    """One learned case.

    Attributes:
        name: As it stands in the lines.
        modalities: What it sees.
        configs: Settings to choose from.
        shuffled: A modality whose content goes to other posts, in training and test alike.
        drop: A modality and the share of posts that lose it, in training and test alike.
    """

    name: str
    modalities: tuple[str, ...]
    configs: tuple[PostLabelConfig, ...]
    shuffled: str | None = None
    drop: tuple[str, float] | None = None


def grid(base: PostLabelConfig, quick: bool) -> tuple[PostLabelConfig, ...]:
    """Settings that every case chooses from: how classes of unequal size are treated, and how fast is learned."""
    if quick:
        return (base,)
    return (*(replace(base, loss=loss) for loss in LOSSES), *(replace(base, rate=rate) for rate in RATES))


def late(configs: Sequence[PostLabelConfig]) -> tuple[PostLabelConfig, ...]:
    """The same settings without attention across modalities."""
    return tuple(replace(config, fusion="late") for config in configs)


def floor_probabilities(fold: Fold, words: Mapping[str, np.ndarray], characters: bool) -> dict[str, np.ndarray]:
    """Class probabilities of the test posts by floor, float64 [post, class].

    Args:
        fold: The cut.
        words: Texts by modality; the floors read all of them, one after the other.
        characters: Whether also characters count, for languages without spaces.
    """
    target = fold.target[fold.train]
    share = np.bincount(target, minlength=fold.classes) / len(target)
    out = {"majority": np.tile(share, (len(fold.test), 1))}
    if fold.features is not None:
        boosted = BoostedClassifier(fold.features[fold.train], target, fold.classes, fold.rng)
        out["cascade_boosted"] = boosted.probability(fold.features[fold.test])
    if not words:
        return out
    texts = np.array([" ".join(parts) for parts in zip(*words.values(), strict=True)], dtype=object)
    for name, strength, balanced in (("tfidf", 10.0, False), ("tfidf_balanced", 1.0, True)):
        model = TfidfClassifier(texts[fold.train].tolist(), target, fold.classes, characters, strength, balanced)
        out[name] = model.probability(texts[fold.test].tolist())
    return out


def evidence_of(fold: Fold, inputs: PostInputs) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What words, counts and first tokens say about the training posts, out of fold, and about the test posts.

    By modality, those of first tokens with `:vector` behind.
    """
    train, test = {}, {}
    if fold.features is not None and "cascade" in inputs.modalities:
        counted = FeatureEvidence(
            fold.features[fold.train], fold.target[fold.train], fold.group[fold.train], fold.classes, fold.rng
        )
        train["cascade"], test["cascade"] = counted.out_of_fold, counted.of(fold.features[fold.test])
    for name, words in sorted(inputs.words.items()):
        fitted = WordEvidence(
            words[fold.train], fold.target[fold.train], fold.group[fold.train], fold.classes, fold.rng
        )
        train[name], test[name] = fitted.out_of_fold, fitted.of(words[fold.test])
    for name, tokens in sorted(inputs.tokens.items()):
        first, there = tokens[:, 0], np.asarray(inputs.mask[name].any(axis=1))
        if name == "cascade" or not there[fold.train].any():
            continue
        rows = fold.train
        linear = VectorEvidence(first[rows], there[rows], fold.target[rows], fold.group[rows], fold.classes, fold.rng)
        key = f"{name}:vector"
        train[key], test[key] = linear.out_of_fold, linear.of(first[fold.test], there[fold.test])
    return train, test


@dataclass(frozen=True, eq=False)
class FittedCase:
    """A case after training.

    Attributes:
        model: What was trained.
        config: The settings that were chosen.
        asked: Test posts.
        evidence: What is known about them, by name [post, class].
        rng: Seed of which test posts lose a modality.
    """

    model: PostLabelModel
    config: PostLabelConfig
    asked: PostInputs
    evidence: Mapping[str, np.ndarray]
    rng: int

    def probability(
        self, lost: tuple[str, float] | None = None, alone: Mapping[str, PostLabelModel] | None = None
    ) -> np.ndarray:
        """Class probabilities of the test posts, float64 [post, class].

        Args:
            lost: A modality, and the share of the test posts that come without it; a post that lost it at some share
                lacks it at every larger one.
            alone: Models of one modality each, which answer posts of which nothing else is there; None: this one does.
        """
        alone = alone or {}
        if lost is None:
            return by_what_is_there(self.model, alone, self.asked, self.evidence)
        modality, share = lost
        rows = _lottery(len(self.asked), share, self.rng)
        left = {
            name: np.where(rows[:, None], np.float32(0), each) if name.partition(":")[0] == modality else each
            for name, each in self.evidence.items()
        }
        return by_what_is_there(self.model, alone, self.asked.without(modality, rows), left)


def fit_case(case: Case, fold: Fold, evidence: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]) -> FittedCase:
    """Chooses settings inside the training part, and trains on all of it.

    Args:
        case: What is trained.
        fold: The cut.
        evidence: `evidence_of` the fold; made anew where the case changes the words.
    """
    inputs = fold.inputs.only(case.modalities)
    if case.shuffled is not None:
        inputs = inputs.shuffled(case.shuffled, fold.rng)
    if case.drop is not None:
        inputs = inputs.without(case.drop[0], _lottery(len(inputs), case.drop[1], fold.rng))
    seen, asked = (
        {name: part[name] for name in part if name.partition(":")[0] in case.modalities} for part in evidence
    )
    changed = case.shuffled if case.drop is None else case.drop[0]
    if changed is not None:
        anew = evidence_of(fold, inputs.only((changed,)))
        seen, asked = (
            {name: part[name] for name in part if name.partition(":")[0] != changed} | fresh
            for part, fresh in zip((seen, asked), anew, strict=True)
        )
    train, target, group = inputs.take(fold.train), fold.target[fold.train], fold.group[fold.train]
    trial = tuple(replace(config, nets=1) for config in case.configs)
    chosen, _ = choose_config(trial, train, seen, target, group, fold.classes, fold.rng)
    config = replace(chosen, nets=case.configs[0].nets)
    model = PostLabelModel(train, seen, target, group, fold.classes, config, fold.rng)
    return FittedCase(model, config, inputs.take(fold.test), asked, fold.rng)


def _lottery(size: int, share: float, rng: int) -> np.ndarray:
    """Which posts lose something, bool [post]."""
    lost: np.ndarray = np.random.default_rng(rng).permutation(size) < round(share * size)
    return lost
