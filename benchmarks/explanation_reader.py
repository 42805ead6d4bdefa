"""Reads changed texts and covered pictures as the posts of a folder were read, each distinct one once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.decomposition import PCA

from benchmarks.post_label_data import GRID, TEXT_TOKENS, LabelledPosts, text_encoder
from graphsocial.embed import image_embedder, normalise_text, text_embedder
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.vector_evidence import VectorEvidence
from graphsocial.learn.post_labels.word_evidence import WordEvidence

if TYPE_CHECKING:
    from PIL.Image import Image

CHANNELS = 256
_MOST = 8192


class FoldReader:
    """Everything between a post and a classifier, fitted on the training posts of a fold.

    Args:
        posts: All posts.
        train: Rows of the training posts.
        group: What stays in one fold [post].
        rng: Seed.

    Attributes:
        inputs: All posts, tokens along the principal directions of the training posts' tokens.
        train_evidence: What simpler models say about the training posts, out of fold.
        picture_size: Side of the square that pictures are brought to, None where there is no picture.
    """

    def __init__(self, posts: LabelledPosts, train: np.ndarray, group: np.ndarray, rng: int):
        self._classes = len(posts.classes)
        self._narrow = {
            name: _directions(tokens[train][posts.inputs.mask[name][train]], rng)
            for name, tokens in posts.inputs.tokens.items()
            if posts.inputs.mask[name][train].any()
        }
        tokens = {name: self._narrowed(name, posts.inputs.tokens[name]) for name in self._narrow}
        masks = {name: posts.inputs.mask[name] for name in self._narrow}
        self.inputs = PostInputs(tokens, masks, posts.inputs.words)
        target, units = posts.target[train], group[train]
        self.train_evidence: dict[str, np.ndarray] = {}
        self._words: WordEvidence | None = None
        if "text" in posts.inputs.words:
            self._words = WordEvidence(posts.inputs.words["text"][train], target, units, self._classes, rng)
            self.train_evidence["text"] = self._words.out_of_fold
        self._vectors: dict[str, VectorEvidence] = {}
        for name in sorted(self._narrow):
            there = masks[name].any(axis=1)[train]
            self._vectors[name] = VectorEvidence(tokens[name][train, 0], there, target, units, self._classes, rng)
            self.train_evidence[f"{name}:vector"] = self._vectors[name].out_of_fold
        self._text = text_embedder(text_encoder(posts.folder), tokens=TEXT_TOKENS) if "text" in tokens else None
        self._image = image_embedder(grid=GRID) if "image" in tokens else None
        self.picture_size = None if self._image is None else self._image.size
        self._read: dict[tuple[str, bytes], tuple[np.ndarray, np.ndarray]] = {}

    def evidence(self, inputs: PostInputs) -> dict[str, np.ndarray]:
        """What simpler models say about posts, zero where a post has nothing of the modality, [post, class]."""
        out = {}
        if self._words is not None and "text" in inputs.words:
            words, place = np.unique(inputs.words["text"].astype(str), return_inverse=True)
            out["text"] = self._words.of(words.tolist())[place]
        for name, model in self._vectors.items():
            if name in inputs.tokens:
                out[f"{name}:vector"] = model.of(inputs.tokens[name][:, 0], inputs.mask[name].any(axis=1))
        return out

    def read(
        self, texts: Sequence[str], pictures: Sequence[Image | None]
    ) -> tuple[PostInputs, Mapping[str, np.ndarray]]:
        """See `graphsocial.explain.PostReader`."""
        words = [normalise_text(text) for text in texts]
        tokens, masks = {}, {}
        if self._text is not None:
            keys = [word.encode() for word in words]
            tokens["text"], masks["text"] = self._tokens("text", keys, words)
        if self._image is not None:
            shown = [b"" if each is None else hashlib.sha256(each.tobytes()).digest() for each in pictures]
            tokens["image"], masks["image"] = self._tokens("image", shown, pictures)
        inputs = PostInputs(tokens, masks, {} if self._words is None else {"text": np.array(words, dtype=object)})
        return inputs, self.evidence(inputs)

    def _tokens(self, name: str, keys: Sequence[bytes], contents: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
        """Tokens and mask of contents, nothing for an empty key, [content, token, channel] and [content, token]."""
        new = {
            key: content for key, content in zip(keys, contents, strict=True) if key and (name, key) not in self._read
        }
        if new:
            embedder = self._text if name == "text" else self._image
            made = embedder.embed(list(new.values()))  # type: ignore[union-attr, arg-type]
            narrowed = self._narrowed(name, made.tokens)
            for key, tokens, mask in zip(new, narrowed, made.mask, strict=True):
                self._read[name, key] = tokens, mask
        shape = self.inputs.tokens[name].shape[1:]
        nothing = np.zeros(shape, np.float32), np.zeros(shape[0], dtype=bool)
        found = [self._read[name, key] if key else nothing for key in keys]
        return np.stack([each for each, _ in found]), np.stack([mask for _, mask in found])

    def _narrowed(self, name: str, tokens: np.ndarray) -> np.ndarray:
        model, scale = self._narrow[name]
        flat = model.transform(_normal(tokens.reshape(-1, tokens.shape[-1])))
        narrowed: np.ndarray = (flat / scale).astype(np.float32).reshape(*tokens.shape[:-1], -1)
        return narrowed


def _directions(tokens: np.ndarray, rng: int) -> tuple[PCA, float]:
    """Principal directions of tokens, and the root mean square of a token along them."""
    if len(tokens) > _MOST:
        tokens = tokens[np.random.default_rng(rng).choice(len(tokens), _MOST, replace=False)]
    count = min(CHANNELS, *tokens.shape)
    model = PCA(count, svd_solver="covariance_eigh").fit(_normal(tokens))
    return model, float(np.sqrt(np.mean(model.explained_variance_)) + 1e-9)


def _normal(tokens: np.ndarray) -> np.ndarray:
    values = tokens.astype(np.float32)
    return (values - values.mean(axis=1, keepdims=True)) / (values.std(axis=1, keepdims=True) + 1e-5)
