"""Tokens of all contents, and which node shows which content: what models get besides the graph."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.embed.atomic_file import write_atomically
from graphsocial.embed.encoder import EncoderInfo
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean
from graphsocial.schema import MODALITIES, NODE_TYPES

_FORMAT = 1
_TABLE = "table.json"


@dataclass(frozen=True, eq=False, repr=False)
class ModalityTokens:
    """Tokens of every distinct content of one modality.

    Attributes:
        modality: "text", "image" or "video".
        tokens: float16 [content, token, channel], zero where masked; token 0 stands for the whole text or picture.
        mask: Which tokens exist, bool [content, token].
        encoder: What made them.
        layout: What the tokens are, in a line.
        time: Video only: seconds into the clip, float32 [content, token].
    """

    modality: str
    tokens: np.ndarray
    mask: np.ndarray
    encoder: EncoderInfo
    layout: str = ""
    time: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        contents, tokens, channels = self.tokens.shape
        return (
            f"{self.modality} {contents:,} contents × {tokens} tokens × {channels} channels, {self.encoder.name} "
            f"(sha256 {self.encoder.sha256[:12]}, {self.encoder.licence})"
        )


@dataclass(frozen=True)
class BrokenMedia:
    """A picture or clip that could not be read; its post keeps its text.

    Attributes:
        id: Id of the media node.
        path: What its `path` column says.
        reason: Why, in a few words.
    """

    id: str
    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class NodeContents:
    """Which contents each node shows.

    Attributes:
        ids: Ids of the nodes.
        offsets: Where each node's contents start, int64 [node + 1].
        content: Content positions, int64 [shown].
    """

    ids: tuple[str, ...]
    offsets: np.ndarray
    content: np.ndarray
    _position: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._position.update((name, row) for row, name in enumerate(self.ids))

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Contents of each id, int64 [id, item], -1 where there are no more; at least one item wide."""
        position = np.array([self._position.get(name, -1) for name in ids], np.int64)
        known = position >= 0
        start = np.where(known, self.offsets[position], 0)
        length = np.where(known, self.offsets[position + 1] - start, 0)
        item = np.arange(max(1, int(length.max(initial=0))))
        inside = item < length[:, None]
        found = np.full(inside.shape, -1, np.int64)
        found[inside] = self.content[(start[:, None] + item)[inside]]
        return found


class EmbeddingTable:
    """Modality tokens of a graph's posts and media, by content, with the encoders that made them.

    Attributes:
        tokens: Per modality present, its tokens.
        normalisation: What was done to texts.
        problems: Media that could not be read.
    """

    def __init__(
        self,
        tokens: Mapping[str, ModalityTokens],
        contents: Mapping[tuple[str, str], NodeContents],
        normalisation: TextNormalisation | None = None,
        problems: Iterable[BrokenMedia] = (),
    ):
        """A table from its parts; `embed_posts` makes them from a graph.

        Args:
            tokens: Per modality, its tokens.
            contents: Per (node type, modality), which node shows what.
            normalisation: What was done to texts, None for the default.
            problems: Media that could not be read.
        """
        self.tokens = dict(tokens)
        self.contents = dict(contents)
        self.normalisation = normalisation or TextNormalisation()
        self.problems = tuple(problems)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities that have at least one content."""
        return tuple(self.tokens)

    @property
    def node_types(self) -> tuple[str, ...]:
        """Node types that show at least one content."""
        return tuple(sorted({node_type for node_type, _ in self.contents}))

    @property
    def encoders(self) -> dict[str, EncoderInfo]:
        """Per modality, what made its tokens."""
        return {modality: found.encoder for modality, found in self.tokens.items()}

    def rows(self, node_type: str, modality: str, ids: Iterable[str]) -> np.ndarray:
        """Which contents nodes show: positions in `tokens[modality]`, int64 [id, item], -1 for none.

        The width follows from the ids asked for alone, so nodes that come later change nothing.

        Raises:
            SchemaError: No such node type or modality.
        """
        for got, known, what in ((node_type, NODE_TYPES, "node type"), (modality, MODALITIES, "modality")):
            if got not in known:
                raise SchemaError(
                    f"unknown {what} {got!r}, expected one of {', '.join(known)}.{did_you_mean(str(got), known)}"
                )
        names = list(ids)
        found = self.contents.get((node_type, modality))
        return np.full((len(names), 1), -1, np.int64) if found is None else found.rows(names)

    def assumptions(self, first_use: int) -> tuple[str, ...]:
        """Sentences on encoders that may know of things after `first_use`, seconds UTC."""
        found = (encoder.assumption(first_use) for encoder in dict.fromkeys(self.encoders.values()))
        return tuple(sentence for sentence in found if sentence)

    def __repr__(self) -> str:
        lines = ["EmbeddingTable", *(f"  {found!r}" for found in self.tokens.values())]
        lines += [] if self.tokens else ["  no contents"]
        shown = {
            f"{node_type} {modality} {int((np.diff(found.offsets) > 0).sum()):,} of {len(found.ids):,}"
            for (node_type, modality), found in self.contents.items()
        }
        lines += [f"  nodes with contents: {', '.join(sorted(shown))}"] if shown else []
        if self.problems:
            first = self.problems[0]
            lines.append(f"  {len(self.problems)} broken media, first {first.id!r} ({first.path}): {first.reason}")
        return "\n".join(lines)

    def save(self, path: Path | str) -> Path:
        """Writes the table as a folder: `table.json` and one safetensors file that it names.

        The new values are written under a new name and `table.json` is replaced last, in one step, so a kill or a full
        disk leaves the old table as it was.

        Raises:
            SchemaError: The folder holds something else.
            DataIntegrityError: It cannot be written.
        """
        import safetensors.numpy

        folder = Path(path)
        try:
            if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / _TABLE).exists())):
                raise SchemaError(f"{folder} exists and is no embedding table; it is not overwritten")
            folder.mkdir(parents=True, exist_ok=True)
            data = safetensors.numpy.save(self._arrays())
            checksum = hashlib.sha256(data).hexdigest()
            name = f"tokens-{checksum[:16]}.safetensors"
            write_atomically(folder / name, data)
            about = self._about() | {"tokens_file": name, "tokens_sha256": checksum}
            about["about_sha256"] = _about_hash(about)
            write_atomically(folder / _TABLE, json.dumps(about).encode())
            for old in folder.glob("tokens-*.safetensors"):
                if old.name != name:
                    with contextlib.suppress(OSError):
                        old.unlink()
        except OSError as error:
            raise DataIntegrityError(
                f"embedding table {folder} cannot be written ({error.strerror or error}); what stood there still does"
            ) from error
        return folder

    @classmethod
    def open(cls, path: Path | str) -> EmbeddingTable:
        """Reads a saved table.

        Raises:
            DataIntegrityError: Missing, damaged, or of another format.
        """
        import safetensors.numpy

        folder = Path(path)
        if not (folder / _TABLE).is_file():
            raise DataIntegrityError(f"{folder} is no embedding table: {_TABLE} is missing")
        try:
            about = json.loads((folder / _TABLE).read_bytes())
            if about["format"] != _FORMAT:
                raise DataIntegrityError(f"embedding table {folder} has format {about['format']}, expected {_FORMAT}")
            data = (folder / about["tokens_file"]).read_bytes()
            intact = hashlib.sha256(data).hexdigest() == about["tokens_sha256"]
            if not intact or about.pop("about_sha256") != _about_hash(about):
                raise DataIntegrityError(f"embedding table {folder} is damaged: its checksum does not match")
            return cls._from_parts(about, safetensors.numpy.load(data))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataIntegrityError(f"embedding table {folder} is damaged ({error})") from error

    def _arrays(self) -> dict[str, np.ndarray]:
        arrays = {}
        for modality, found in self.tokens.items():
            arrays[f"{modality}/tokens"], arrays[f"{modality}/mask"] = found.tokens, found.mask
            if found.time is not None:
                arrays[f"{modality}/time"] = found.time
        for (node_type, modality), shown in self.contents.items():
            arrays[f"{node_type}/{modality}/offsets"] = shown.offsets
            arrays[f"{node_type}/{modality}/content"] = shown.content
        return {name: np.ascontiguousarray(array) for name, array in arrays.items()}

    def _about(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "modalities": {
                modality: {"encoder": found.encoder.to_json(), "layout": found.layout}
                for modality, found in self.tokens.items()
            },
            "nodes": [
                {"node_type": node_type, "modality": modality, "ids": list(shown.ids)}
                for (node_type, modality), shown in self.contents.items()
            ],
            "normalisation": asdict(self.normalisation) | {"hash": self.normalisation.hash},
            "problems": [asdict(problem) for problem in self.problems],
        }

    @classmethod
    def _from_parts(cls, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> EmbeddingTable:
        tokens = {
            modality: ModalityTokens(
                modality=modality,
                tokens=arrays[f"{modality}/tokens"],
                mask=arrays[f"{modality}/mask"],
                encoder=EncoderInfo(**raw["encoder"]),
                layout=raw["layout"],
                time=arrays.get(f"{modality}/time"),
            )
            for modality, raw in about["modalities"].items()
        }
        contents = {}
        for raw in about["nodes"]:
            key = raw["node_type"], raw["modality"]
            prefix = "/".join(key)
            contents[key] = NodeContents(tuple(raw["ids"]), arrays[f"{prefix}/offsets"], arrays[f"{prefix}/content"])
        stated = dict(about["normalisation"])
        declared = stated.pop("hash")
        normalisation = TextNormalisation(**stated)
        if normalisation.hash != declared:
            raise DataIntegrityError(
                "this embedding table was made with another text normalisation than this version has; embed again"
            )
        return cls(tokens, contents, normalisation, (BrokenMedia(**raw) for raw in about["problems"]))


def _about_hash(about: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
