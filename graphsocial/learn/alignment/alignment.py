"""A learned alignment: brings texts and pictures into one space, and knows until when it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from graphsocial.embed.encoder import EncoderInfo
from graphsocial.embed.table import EmbeddingTable, ModalityTokens
from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean
from graphsocial.graph import format_time
from graphsocial.learn.checkpoint import read_checkpoint, write_checkpoint
from graphsocial.nn.alignment_net import AlignmentNet, AlignmentNetConfig

FILE = "alignment.safetensors"
"""Where a run folder keeps its alignment."""

_KIND = "learned alignment"
_TOGETHER = 4_096


class Alignment:
    """Networks that bring vectors of texts and of pictures into one space; `fit_alignment` makes one.

    It was learned from pairs at hand, so it knows what these show and say, and little else.

    Attributes:
        nets: Networks; contents are compared by the mean of their cosines.
        inputs: Channels of each modality's vectors.
        encoders: Name of the encoder of each modality.
        known_until: Learned from pairs that became known before this time, int64 seconds UTC.
        pairs: How many it was learned from.
    """

    def __init__(
        self,
        nets: Sequence[AlignmentNet],
        config: AlignmentNetConfig,
        inputs: Mapping[str, int],
        encoders: Mapping[str, str],
        known_until: int,
        pairs: int,
    ):
        self.nets, self.config = tuple(net.eval() for net in nets), config
        self.inputs, self.encoders = dict(inputs), dict(encoders)
        self.known_until, self.pairs = known_until, pairs

    @property
    def name(self) -> str:
        """What it is called where results name an encoder."""
        return f"learned alignment of {' and '.join(self.encoders.values())}"

    def __repr__(self) -> str:
        return (
            f"Alignment({self.name}, from {self.pairs:,} pairs before {format_time(self.known_until)}, "
            f"{len(self.nets)} networks of {self.config.channels} channels)"
        )

    def project(self, modality: str, vectors: np.ndarray) -> np.ndarray:
        """Where vectors lie in the common space, unit length, float32 [content, common].

        Args:
            modality: "text" or "image".
            vectors: Whole-content tokens [content, channel].

        Raises:
            SchemaError: Another modality, or vectors of another width.
        """
        if modality not in self.inputs:
            raise SchemaError(
                f"unknown modality {modality!r}, expected one of {', '.join(self.inputs)}."
                f"{did_you_mean(modality, self.inputs)}"
            )
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.inputs[modality]:
            raise SchemaError(f"got {modality} vectors {vectors.shape}, expected [content, {self.inputs[modality]}]")
        parts = []
        with torch.inference_mode():
            for first in range(0, max(len(vectors), 1), _TOGETHER):
                part = torch.from_numpy(vectors[first : first + _TOGETHER])
                parts.append(torch.cat([net(modality, part) for net in self.nets], dim=1) / len(self.nets) ** 0.5)
        return torch.cat(parts).numpy()

    def align(self, tokens: EmbeddingTable) -> EmbeddingTable:
        """The same contents in the common space, one token each; clips as the pictures they begin with.

        Raises:
            SchemaError: The table is by other encoders.
        """
        made = {}
        for modality, found in tokens.tokens.items():
            kind = "text" if modality == "text" else "image"
            if found.encoder.name != self.encoders[kind]:
                raise SchemaError(
                    f"the alignment was learned on {kind}s by {self.encoders[kind]}, "
                    f"the table is by {found.encoder.name}"
                )
            placed = self.project(kind, found.tokens[:, 0].astype(np.float32))[:, None].astype(np.float16)
            info = EncoderInfo(
                self.name, kind, placed.shape[2], found.encoder.sha256, note="learned from the pairs at hand"
            )
            made[modality] = ModalityTokens(modality, placed, np.ones(placed.shape[:2], dtype=bool), info, "aligned")
        return EmbeddingTable(made, tokens.contents, tokens.normalisation, tokens.problems)

    def save(self, path: str | Path) -> None:
        """Writes the alignment into one file; in a run folder it is called `alignment.safetensors`.

        Raises:
            DataIntegrityError: The file cannot be written; an earlier one is untouched.
        """
        tensors = {
            f"{at}.{name}": value for at, net in enumerate(self.nets) for name, value in net.state_dict().items()
        }
        state = {
            "kind": _KIND,
            "config": asdict(self.config),
            "nets": len(self.nets),
            "inputs": self.inputs,
            "encoders": self.encoders,
            "known_until": self.known_until,
            "pairs": self.pairs,
        }
        write_checkpoint(Path(path), tensors, state)

    @classmethod
    def open(cls, path: str | Path) -> Alignment:
        """Reads what `save` wrote.

        Raises:
            DataIntegrityError: No such file, or it is damaged or holds something else.
        """
        tensors, state = read_checkpoint(Path(path))
        if state.get("kind") != _KIND:
            raise DataIntegrityError(f"{path} holds {state.get('kind', 'a trained run')!r}, expected {_KIND!r}")
        try:
            return cls._from_state(tensors, state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise DataIntegrityError(f"{path} is damaged: {error}") from error

    @classmethod
    def _from_state(cls, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> Alignment:
        config = AlignmentNetConfig(**state["config"])
        nets = []
        for at in range(state["nets"]):
            net = AlignmentNet(state["inputs"], config)
            prefix = f"{at}."
            net.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
            nets.append(net)
        return cls(nets, config, state["inputs"], state["encoders"], int(state["known_until"]), int(state["pairs"]))
