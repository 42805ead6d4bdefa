"""Rows of an array in a file, read as they are asked for."""

from __future__ import annotations

import mmap
import os
from math import prod
from typing import Any

import numpy as np
import torch


class MappedRows:
    """A stand-in for a tensor that lies in a file: indexing by rows reads them, and nothing else stays in memory.

    The file is mapped anew for every read and let go of after it, so the pages that were touched do not add up to the
    whole file; the kernel's cache keeps them as long as nobody needs the memory. The file is held open, so a table that
    is written anew meanwhile changes nothing.

    Args:
        array: A memory-mapped array in C order.
    """

    def __init__(self, array: np.memmap):
        if not array.flags.c_contiguous or array.filename is None:
            raise ValueError("expected a whole array in a file, in C order")
        self.shape, self.dtype = torch.Size(array.shape), array.dtype
        self._file = open(os.fspath(array.filename), "rb")
        self._offset = array.offset

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> torch.Tensor:
        """Rows as a tensor of their own; they are read in the order of the file.

        Args:
            rows: int64 [row], or anything else that indexes an array.
        """
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            if hasattr(mmap, "MADV_RANDOM"):
                mapped.madvise(mmap.MADV_RANDOM)  # rows are far apart: reading on would bring in others
            view = np.frombuffer(mapped, self.dtype, prod(self.shape), self._offset).reshape(self.shape)
            try:
                if not isinstance(rows, torch.Tensor):
                    return torch.from_numpy(np.array(view[rows]))
                index = rows.numpy()
                order = np.argsort(index, kind="stable")
                found = np.empty((len(index), *self.shape[1:]), self.dtype)
                found[order] = view[index[order]]
                return torch.from_numpy(found)
            finally:
                del view  # a mapping cannot be closed while something looks at it

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
