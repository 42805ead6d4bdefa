"""A world of posts whose mood is one word, or the colour of one region of a picture, and a classifier of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from PIL import Image

from graphsocial.explain import PostQuestion
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.post_labels.word_evidence import WordEvidence
from tests.learn.small_training import WordHashes

FILLERS = ("road", "bread", "window", "music", "paper", "stone", "walk", "chair")
CLASSES = ("glad", "sad")
SIZE, GRID = 24, 2


def picture(glad: bool, cell: int) -> Image.Image:
    """Grey with one red or blue cell."""
    pixels = np.full((SIZE, SIZE, 3), 128, np.uint8)
    y, x = divmod(cell, GRID)
    half = SIZE // GRID
    pixels[y * half : (y + 1) * half, x * half : (x + 1) * half] = (255, 20, 20) if glad else (20, 20, 255)
    return Image.fromarray(pixels)


class ToyReader:
    """Hashed words, mean colours of cells, and what words say alone."""

    def __init__(self) -> None:
        self.embedder = WordHashes(tokens=3, channels=24)
        self.words: WordEvidence | None = None

    def read(self, texts: Sequence[str], pictures: Sequence[Image.Image | None]):
        embedded = self.embedder.embed(list(texts))
        says = np.array([bool(text.strip()) for text in texts])
        shows = np.array([each is not None for each in pictures])
        half = SIZE // GRID
        cells = np.zeros((len(texts), 1 + GRID**2, 3), np.float32)
        for at, each in enumerate(pictures):
            if each is not None:
                mean = np.asarray(each, dtype=np.float32).reshape(GRID, half, GRID, half, 3).mean(axis=(1, 3))
                cells[at] = np.concatenate([mean.mean(axis=(0, 1))[None], mean.reshape(-1, 3)])
        inputs = PostInputs(
            {"text": embedded.tokens, "image": cells},
            {"text": embedded.mask & says[:, None], "image": np.repeat(shows[:, None], cells.shape[1], axis=1)},
            {"text": np.array([text.strip() for text in texts], dtype=object)},
        )
        evidence: Mapping[str, np.ndarray] = (
            {} if self.words is None else {"text": self.words.of(inputs.words["text"].tolist())}
        )
        return inputs, evidence


class PlantedPosts:
    """240 posts with a text, a picture or both, and the classifier."""

    def __init__(self, seed: int = 0, with_evidence: bool = True) -> None:
        rng = np.random.default_rng(0)
        self.target = rng.integers(0, 2, 240)
        self.cell = rng.integers(0, GRID**2, 240)
        has = rng.integers(0, 3, 240)  # both, text, picture
        self.texts, self.pictures = [], []
        for at, kind in enumerate(has):
            words = [str(word) for word in rng.choice(FILLERS, 4, replace=False)]
            words.insert(int(rng.integers(0, 5)), "rain" if self.target[at] else "sun")
            self.texts.append("" if kind == 2 else " ".join(words))
            self.pictures.append(None if kind == 1 else picture(not self.target[at], int(self.cell[at])))
        self.reader = ToyReader()
        train, group = np.arange(180), np.arange(180)
        seen = {}
        if with_evidence:
            self.reader.words = WordEvidence(self.texts[:180], self.target[:180], group, 2, rng=0)
            seen = {"text": self.reader.words.out_of_fold}
        inputs, _ = self.reader.read(self.texts, self.pictures)
        config = PostLabelConfig(channels=16, heads=2, dropout=0.1, rate=1e-2, epochs=30, nets=2)
        self.model = PostLabelModel(inputs.take(train), seen, self.target[:180], group, 2, config, rng=seed)

    @property
    def networks(self):
        return self.model.networks

    def question(self, at: int, **options) -> PostQuestion:
        return PostQuestion(
            self.networks, self.reader, self.texts[at], self.pictures[at], CLASSES, grid=GRID, **options
        )


@cache
def planted_posts(seed: int = 0, with_evidence: bool = True) -> PlantedPosts:
    return PlantedPosts(seed, with_evidence)
