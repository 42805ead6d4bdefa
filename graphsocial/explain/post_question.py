"""One post put to a classifier of posts, explained by its words, the regions of its picture and its modalities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.explain.attention_received import attention_received
from graphsocial.explain.attribution import Piece
from graphsocial.explain.captum_gradients import captum_gradients
from graphsocial.explain.covered_picture import covered_picture
from graphsocial.explain.first_order import first_order, shared_attention
from graphsocial.explain.replaced_output import replaced_output
from graphsocial.explain.word_spans import without_words, word_spans
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.nn.post_label_net import PostLabelNet

if TYPE_CHECKING:
    from PIL.Image import Image

_Parts = tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]


class PostReader(Protocol):
    """Makes of texts and pictures what a classifier of posts takes, as it was done for its training."""

    def read(
        self, texts: Sequence[str], pictures: Sequence[Image | None]
    ) -> tuple[PostInputs, Mapping[str, np.ndarray]]:
        """Tokens with what simpler models say about each post.

        Args:
            texts: "" where a post has none.
            pictures: None where a post has none.

        Returns:
            Inputs whose mask is False where a post has none, and evidence by name, zero there, [post, class].
        """
        ...


class PostQuestion:
    """The probability of one class of one post.

    A word is deleted from the text, a region is covered in the picture, and what is left is read again; gradients and
    attention of the tokens reach words and regions through how far each moves the tokens.

    Args:
        networks: A classifier's networks; their probabilities are averaged.
        reader: Reads changed texts and pictures.
        text: Text of the post, "" for none.
        picture: Its picture, RGB, None for none.
        classes: Names of the classes.
        chosen: Class that is explained; None: the most probable one.
        grid: Regions along each side of the picture.
        task: Name of the head.
        subject: Readable name of the post.
        as_of: Nothing at or after this time was used; None where posts have no times.

    Raises:
        SchemaError: Neither text nor picture, no network, or no such class.
    """

    def __init__(
        self,
        networks: Sequence[PostLabelNet],
        reader: PostReader,
        text: str,
        picture: Image | None,
        classes: Sequence[str],
        *,
        chosen: str | None = None,
        grid: int = 3,
        task: str = "post_label",
        subject: str = "a post",
        as_of: int | None = None,
    ):
        if not networks or not (text.strip() or picture is not None):
            raise SchemaError(f"{subject}: expected a network, and a text or a picture to explain")
        if chosen is not None and chosen not in classes:
            raise SchemaError(
                f"unknown class {chosen!r}, expected one of {', '.join(classes)}.{did_you_mean(chosen, classes)}"
            )
        self._networks, self._reader, self._text, self._picture = tuple(networks), reader, text, picture
        self._grid = grid
        self.task, self.subject, self.as_of = task, subject, as_of
        self.pieces = _pieces(text, picture is not None, grid)
        self._known: dict[bytes, np.ndarray] = {}
        whole = self._probabilities(np.ones((1, len(self.pieces)), dtype=bool))[0]
        self._chosen = int(whole.argmax()) if chosen is None else list(classes).index(chosen)
        self.chosen = classes[self._chosen]
        self.output_name = f"probability of {self.chosen!r}"

    def output(self, kept: np.ndarray) -> np.ndarray:
        """Probability of the chosen class, float64 [ask]; see `Explained`."""
        return self._probabilities(kept)[:, self._chosen]

    def gradient(self, steps: int) -> np.ndarray:
        """See `Explained`; the path begins where tokens and evidence say nothing."""
        parts = self._read(self._one_by_one())
        return np.mean([self._gradient(net, parts, steps) for net in self._networks], axis=0)

    def attention(self) -> np.ndarray:
        """See `Explained`."""
        parts = self._read(self._one_by_one())
        found = []
        for net in self._networks:
            tokens, mask, evidence = _of_net(net, parts)
            whole = [{name: each[:1] for name, each in part.items()} for part in (tokens, mask, evidence)]
            got = attention_received(net, *whole)
            hidden = [_hidden(net, name, tokens, mask) for name in net.modalities]
            moved = torch.cat([(each[:1] - each[1:]).norm(dim=-1) for each in hidden], dim=1)
            received = torch.cat([got[name][0] for name in net.modalities])
            found.append(shared_attention(self.pieces, received.cpu().numpy(), moved.detach().cpu().numpy()))
        return np.mean(found, axis=0)

    def _gradient(self, net: PostLabelNet, parts: _Parts, steps: int) -> np.ndarray:
        tokens, mask, evidence = _of_net(net, parts)
        count = len(net.modalities)
        values = [_hidden(net, name, tokens, mask).detach() for name in net.modalities]
        values += [evidence[name] for name in net.evidence]
        blank = {name: torch.zeros_like(tokens[name][:1]) for name in net.modalities}
        nothing = [_hidden(net, name, blank, mask).detach() for name in net.modalities]
        nothing += [torch.zeros_like(evidence[name][:1]) for name in net.evidence]

        def forward(*given: Tensor) -> Tensor:
            inside = dict(zip(net.modalities, given[:count], strict=True))
            says = dict(zip(net.evidence, given[count:], strict=True))
            size = len(given[0])

            def alike(part: Mapping[str, Tensor]) -> dict[str, Tensor]:
                return {name: part[name][:1].expand(size, *part[name].shape[1:]) for name in net.modalities}

            changes = {net.narrow[name]: _constant(inside[name]) for name in net.modalities}
            with replaced_output(changes):
                logits = net(alike(tokens), alike(mask), says)
            return logits.softmax(dim=-1)[:, self._chosen]

        gradients = captum_gradients(forward, [value[:1] for value in values], nothing, steps)
        return first_order(gradients, [value[:1] - value[1:] for value in values])

    def _one_by_one(self) -> np.ndarray:
        """Everything, then everything but each piece, bool [1 + piece, piece]."""
        size = len(self.pieces)
        return np.concatenate([np.ones((1, size), dtype=bool), ~np.eye(size, dtype=bool)])

    def _probabilities(self, kept: np.ndarray) -> np.ndarray:
        """Class probabilities, float64 [ask, class]; each set of pieces is read once."""
        keys = [row.tobytes() for row in kept]
        first = {key: place for place, key in enumerate(keys) if key not in self._known}
        if first:
            parts = self._read(kept[list(first.values())])
            with torch.no_grad():
                several = [net(*_of_net(net, parts)).softmax(dim=-1).double().cpu().numpy() for net in self._networks]
            self._known.update(zip(first, np.mean(several, axis=0), strict=True))
        return np.stack([self._known[key] for key in keys])

    def _read(self, kept: np.ndarray) -> _Parts:
        texts, pictures = zip(*(self._changed(row) for row in kept), strict=True)
        inputs, evidence = self._reader.read(texts, pictures)
        device = next(self._networks[0].parameters()).device

        def tensors(part: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
            return {name: torch.as_tensor(np.asarray(each), device=device) for name, each in part.items()}

        return tensors(inputs.tokens), tensors(inputs.mask), tensors(evidence)

    def _changed(self, kept: np.ndarray) -> tuple[str, Image | None]:
        gone = [piece for piece, stays in zip(self.pieces, kept, strict=True) if not stays]
        lost = {piece.what for piece in gone if piece.kind == "modality"}
        words = [(piece.place[0], piece.place[1]) for piece in gone if piece.kind == "word"]
        cells = [piece.place[0] * self._grid + piece.place[1] for piece in gone if piece.kind == "region"]
        text = "" if "text" in lost else without_words(self._text, words)
        picture = (
            None if "image" in lost or self._picture is None else covered_picture(self._picture, cells, self._grid)
        )
        return text, picture


def _pieces(text: str, has_picture: bool, grid: int) -> tuple[Piece, ...]:
    pieces = [Piece("modality", "text")] if text.strip() else []
    pieces += [Piece("modality", "image")] if has_picture else []
    pieces += [Piece("word", text[first:last], (first, last)) for first, last in word_spans(text)]
    if has_picture:
        pieces += [
            Piece("region", f"row {y + 1}, column {x + 1} of {grid}×{grid}", (y, x, grid))
            for y in range(grid)
            for x in range(grid)
        ]
    return tuple(pieces)


def _of_net(net: PostLabelNet, parts: _Parts) -> _Parts:
    tokens, mask, evidence = parts
    return (
        {name: tokens[name] for name in net.modalities},
        {name: mask[name] for name in net.modalities},
        {name: evidence[name] for name in net.evidence},
    )


def _hidden(net: PostLabelNet, name: str, tokens: Mapping[str, Tensor], mask: Mapping[str, Tensor]) -> Tensor:
    """What a network's first layer makes of tokens, as in its `forward`, [post, token, channel]."""
    raw = functional.layer_norm(tokens[name].float(), tokens[name].shape[-1:])
    hidden: Tensor = net.narrow[name](raw.masked_fill(~mask[name][: len(raw)].unsqueeze(-1), 0.0))
    return hidden


def _constant(value: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda out: value
