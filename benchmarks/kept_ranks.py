"""Ranks of finished trainings on disk, so that a run of hours may be interrupted, or spread over machines."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.errors import DataIntegrityError


@dataclass(frozen=True)
class Training:
    """What one training left behind.

    Attributes:
        ranks: Middle rank of the right user at every test target, float64 [target].
        seconds: Training and ranking.
        peak_mb: Highest memory of the process when it was done.
        config: What the model says about itself.
    """

    ranks: np.ndarray
    seconds: float
    peak_mb: float
    config: dict[str, Any]


@dataclass(frozen=True)
class KeptRanks:
    """A folder of finished trainings; they are of this code and this data as long as nobody changes either.

    Attributes:
        folder: Where they are; None keeps nothing.
        data_sha256: Hash of the corpus, which must be that of the kept ones.
    """

    folder: Path | None
    data_sha256: str

    def get(self, name: str, targets: int) -> Training | None:
        """A kept training, None if there is none of that name.

        Raises:
            DataIntegrityError: It is of another corpus.
        """
        path = self._path(name)
        if path is None or not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            ranks = kept["ranks"]
        if about["data_sha256"] != self.data_sha256 or len(ranks) != targets:
            raise DataIntegrityError(f"{path} was made from other data; remove it or keep ranks in another folder")
        return Training(ranks, about["seconds"], about["peak_mb"], about["config"])

    def put(self, name: str, training: Training) -> None:
        """Keeps a training; the file appears complete or not at all."""
        path = self._path(name)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {
            "data_sha256": self.data_sha256,
            "seconds": training.seconds,
            "peak_mb": training.peak_mb,
            "config": training.config,
        }
        part = path.with_name(f".{path.stem}.{os.getpid()}.npz")
        np.savez_compressed(part, ranks=training.ranks, about=np.array(json.dumps(about)))
        os.replace(part, path)

    def _path(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{name}.npz"
