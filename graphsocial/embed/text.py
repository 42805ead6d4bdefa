"""Text encoder: any sentence-transformers model, giving a token for the text and one for each of its segments.

Bit-honesty. What is stored for a text must not depend on which other texts were encoded with it. Matrix products pick
their kernel, and with it their rounding, by shape, so every batch here has a shape that follows from the text alone:
the number of word pieces is padded to a multiple of 8, and the last batch of each width is filled up to 16 rows.
Measured with all-MiniLM-L6-v2 and torch 2.13 on a CPU with AVX-512: between the tokens of 11,412 posts and those of
their earlier half, 0 of 8,764,416 float16 values differ; a shuffled half of 3,000 texts agrees before rounding to
float16, too; 1 and 2 threads agree. Batches as `SentenceTransformer.encode` cuts them change 19 % of sentence
embeddings in float32 and 99 of 115,200 values in float16 when 600 texts are halved. 16 rows were also the fastest of
16, 32 and 64. On other devices batches have 1,024 rows; there nothing was measured. Tokens of another device or torch
version may differ in the last bit: the layout, and so the cache, names the kind of device.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.embed.encoder import Embedded, EncoderInfo, TextEmbedder
from graphsocial.embed.model_source import (
    licence_in_card,
    load_from,
    pick_device,
    quiet_loading,
    source_of,
    weights_hash,
)
from graphsocial.embed.packaged_weights import MINILM, minilm_folder
from graphsocial.embed.precision import Precision, is_narrow
from graphsocial.embed.torchvision_repair import repair_torchvision
from graphsocial.embed.use_multilingual import USE_MULTILINGUAL, UseMultilingualText
from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_WIDTH_STEP = 8
_ROWS = {"cpu": 16}
_ROWS_ELSEWHERE = 1024
_LAYOUT = 1


def text_embedder(
    name: str = MINILM.name,
    tokens: int = 4,
    max_pieces: int = 128,
    device: str | None = None,
    precision: Precision = "float32",
) -> TextEmbedder:
    """A text encoder by name.

    Args:
        name: `builtin:minilm` (English, comes with the install), `builtin:use_multilingual` (16 languages, the extra
            `multilingual`), any sentence-transformers model name, or a folder.
        tokens: Tokens per text: the sentence embedding, and segments.
        max_pieces: Texts are cut to this many word pieces; `builtin:use_multilingual` cuts characters instead.
        device: "cpu", "cuda", …; None takes CUDA where there is one.
        precision: "bfloat16" is faster on a card, and tokens are other tokens: they get a cache of their own;
            `builtin:use_multilingual` knows float32 only.

    Raises:
        SchemaError: Unknown builtin or precision, missing folder, or a number out of range.
        MissingExtraError: `builtin:use_multilingual` is not installed.
        GraphSocialError: The model cannot be loaded, or the hub cannot be reached.
    """
    source = source_of(name, "text", MINILM.name, USE_MULTILINGUAL.name)
    if tokens < 1 or max_pieces < _WIDTH_STEP:
        raise SchemaError(
            f"text encoder got tokens={tokens}, max_pieces={max_pieces}, expected at least 1 and {_WIDTH_STEP}"
        )
    narrow = is_narrow(precision)
    if name == USE_MULTILINGUAL.name:
        if narrow:
            raise SchemaError(f"text encoder {name!r} got precision={precision!r}, expected float32")
        return UseMultilingualText(tokens)
    where = pick_device(device)
    model = load_from(name, source, "text", MINILM.name, lambda: _load(name, source, where))
    encoder = SentenceTransformerText(model, MINILM, tokens, max_pieces, narrow)
    if source == "builtin":
        return encoder
    tokenizer = getattr(getattr(model.tokenizer, "backend_tokenizer", None), "to_str", str)()
    encoder.info = EncoderInfo(
        name=name,
        modality="text",
        channels=encoder.info.channels,
        sha256=weights_hash(model.state_dict(), tokenizer),
        licence=licence_in_card(Path(name).expanduser()) if source == "folder" else "unknown",
        note="sentence-transformers model" + (" folder" if source == "folder" else " from the model hub"),
    )
    return encoder


class SentenceTransformerText:
    """Token 0 is the model's own sentence embedding, tokens 1.. are contiguous segments of the text.

    A segment is the mean of its word pieces' states, sent through what the model does after pooling (projection,
    scaling to unit length) as if it were a text of one piece, so all tokens live in one space. A text with fewer pieces
    than segments has its last tokens masked. A model that shows no word pieces (a bag of words, a CLIP text tower)
    gives token 0 only.

    Attributes:
        info: Which encoder it is.
        tokens: Tokens per text.
    """

    def __init__(self, model: SentenceTransformer, info: EncoderInfo, tokens: int, max_pieces: int, narrow: bool):
        import torch

        self.tokens = tokens
        self._narrow = narrow
        self._model = model.eval().to(torch.bfloat16) if narrow else model.eval()
        limit = model.max_seq_length
        self._max_pieces = max_pieces if limit is None else min(max_pieces, int(limit))
        self._rows = _ROWS.get(model.device.type, _ROWS_ELSEWHERE)
        prompt = model.prompts.get(model.default_prompt_name) if model.default_prompt_name else None
        self._prompt = prompt or ""
        self._pieces, channels = self._probe()
        self.info = replace(info, channels=channels)

    @property
    def layout(self) -> str:
        """What the tokens are, in a line."""
        segments = f" + {self.tokens - 1} segments" if self._pieces and self.tokens > 1 else ""
        return (
            f"text v{_LAYOUT}: {self.tokens} tokens: sentence{segments}, at most {self._max_pieces} pieces, "
            f"prompt {self._prompt!r}, {self._model.device.type}{', bfloat16' if self._narrow else ''}"
        )

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Tokens of normalised texts, each in a batch whose shape follows from that text's length alone."""
        import torch

        tokens = np.zeros((len(texts), self.tokens, self.info.channels), np.float16)
        mask = np.zeros((len(texts), self.tokens), bool)
        with torch.inference_mode():
            batches = self._pieces_of(texts) if self._pieces else self._whole(texts)
            for index, values, exists in batches if len(texts) else ():
                tokens[index], mask[index] = values, exists
        return Embedded(tokens, mask)

    def _pieces_of(self, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Positions, tokens and mask of one batch after the other, the shortest texts first."""
        by_width: dict[int, list[int]] = defaultdict(list)
        pieces, special = self._tokenize(texts)
        for position, row in enumerate(pieces):
            by_width[-(-len(row) // _WIDTH_STEP) * _WIDTH_STEP].append(position)
        for width in sorted(by_width):
            rows = by_width[width]
            for start in range(0, len(rows), self._rows):
                part = rows[start : start + self._rows]
                tokens, mask = self._forward(width, [pieces[row] for row in part], [special[row] for row in part])
                yield np.array(part, np.int64), tokens, mask

    def _tokenize(self, texts: Sequence[str]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Word pieces of each text and, beside them, which are special ([CLS] and its like)."""
        lower = bool(getattr(self._model[0], "do_lower_case", False))
        read = [self._prompt + (text.lower() if lower else text) for text in texts]
        asked = {"truncation": True, "max_length": self._max_pieces, "padding": False}
        compiled = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if compiled is None:
            found = self._model.tokenizer(read, return_special_tokens_mask=True, **asked)
            ids, marks = found["input_ids"], found["special_tokens_mask"]
        else:  # what the wrapper does with the answer, a text at a time, takes four times as long as the answer
            self._model.tokenizer([""], **asked)  # tells the compiled one where to cut
            pieces = compiled.encode_batch(read)
            ids, marks = [one.ids for one in pieces], [one.special_tokens_mask for one in pieces]
        return [np.array(row, np.int64) for row in ids], [np.array(row, bool) for row in marks]

    def _forward(
        self, width: int, pieces: list[np.ndarray], special: list[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        import torch

        device = self._model.device
        segments = self.tokens - 1
        lengths = np.zeros(self._rows, np.int64)
        lengths[: len(pieces)] = [len(row_pieces) for row_pieces in pieces]
        seen = np.arange(width) < lengths[:, None]
        ids = np.full((self._rows, width), self._model.tokenizer.pad_token_id or 0, np.int64)
        ids[seen] = np.concatenate(pieces)
        content = np.zeros((self._rows, width), bool)
        content[seen] = ~np.concatenate(special)
        weight, holds = segment_weights(content, segments)
        mask = np.zeros((self._rows, self.tokens), bool)
        mask[: len(pieces), 0] = True
        mask[:, 1:] = holds
        seen = seen.astype(np.int64)
        seen[:, 0] = 1  # rows that only fill up the batch still need something to attend to
        features = {"input_ids": torch.from_numpy(ids).to(device), "attention_mask": torch.from_numpy(seen).to(device)}
        states, whole, tail = self._through(features)
        tokens = whole[:, None]
        if segments:
            means = torch.bmm(torch.from_numpy(weight).to(device, states.dtype), states)
            tokens = torch.cat([tokens, self._pool_single(means, tail)], dim=1)
        values = tokens[: len(pieces)].to(torch.float16).cpu().numpy()
        return np.where(mask[: len(pieces), :, None], values, np.float16(0)), mask[: len(pieces)]

    def _through(self, features: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor, list[Any]]:
        """States of the word pieces, the sentence embedding, and the modules from pooling on."""
        states: torch.Tensor | None = None
        tail: list[Any] = []
        for module in self._model:
            if "token_embeddings" in features and (tail or _pools(module, features)):
                tail.append(module)
                states = features["token_embeddings"] if states is None else states
            features = module(features)
        if states is None:
            raise SchemaError("this model shows no word pieces")
        return states, features["sentence_embedding"], tail

    def _pool_single(self, means: torch.Tensor, tail: list[Any]) -> torch.Tensor:
        """Each segment through pooling and what follows, as a text of one piece: [row, segment, channel]."""
        import torch

        rows, segments, channels = means.shape
        single = means.reshape(rows * segments, 1, channels)
        features = {"token_embeddings": single, "attention_mask": torch.ones_like(single[..., 0], dtype=torch.int64)}
        for module in tail:
            features = module(features)
        return features["sentence_embedding"].reshape(rows, segments, -1)

    def _whole(self, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """As `_pieces_of`, for a model that gives one vector per text: token 0 alone exists."""
        for start in range(0, len(texts), self._rows):
            part = list(texts[start : start + self._rows])
            # Filled up with blanks, so that at least the number of rows does not follow from how many texts there are.
            found = self._model.encode(
                part + [""] * (self._rows - len(part)),
                batch_size=self._rows,
                show_progress_bar=False,
                convert_to_numpy=True,
            )[: len(part)]
            tokens = np.zeros((len(part), self.tokens, found.shape[1]), np.float16)
            tokens[:, 0] = found
            mask = np.zeros((len(part), self.tokens), bool)
            mask[:, 0] = True
            yield np.arange(start, start + len(part)), tokens, mask

    def _probe(self) -> tuple[bool, int]:
        """Whether the model shows word pieces, and how wide its embedding is, seen by encoding one word."""
        import torch

        with torch.inference_mode():
            try:
                _, tokens, _ = next(self._pieces_of(["word"]))
                return True, tokens.shape[2]
            except Exception:  # what else a model without word pieces may raise is up to that model
                found = self._model.encode(["word"], show_progress_bar=False, convert_to_numpy=True)
                return False, found.shape[1]


def segment_weights(content: np.ndarray, segments: int) -> tuple[np.ndarray, np.ndarray]:
    """How much each word piece counts in each segment of its text: means of contiguous stretches of nearly one length.

    Args:
        content: Which places of each text hold pieces that count, not special ones or padding, bool [row, place].
        segments: How many segments to make; fewer where there are fewer pieces.

    Returns:
        Weights, float32 [row, segment, place], and which segments there are, bool [row, segment].

    >>> weight, there = segment_weights(np.array([[False, True, True, True, False]]), 2)
    >>> weight.round(2).tolist(), there.tolist()
    ([[[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5, 0.0]]], [[True, True]])
    """
    pieces = content.sum(1, keepdims=True)
    made = np.minimum(pieces, segments)
    rank = content.cumsum(1)  # from 1
    segment = np.where(content, (rank * made - 1) // np.maximum(pieces, 1), -1)
    inside = segment[:, None] == np.arange(segments)[:, None]
    size = inside.sum(2, keepdims=True)
    return (inside / np.maximum(size, 1)).astype(np.float32), size[..., 0] > 0


def _pools(module: Any, features: dict[str, Any]) -> bool:
    """Whether a module turns word pieces into a sentence embedding, by what it declares or is called."""
    return "sentence_embedding" not in features and "pooling" in type(module).__name__.lower()


def _load(name: str, source: str, device: torch.device) -> SentenceTransformer:
    repair_torchvision()
    from sentence_transformers import SentenceTransformer

    if source == "hub":
        return SentenceTransformer(name, device=str(device))
    folder = minilm_folder() if source == "builtin" else Path(name).expanduser()
    with quiet_loading():
        return SentenceTransformer(str(folder), device=str(device))
