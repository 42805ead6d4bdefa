"""Features on disk give what features in memory give, and stay on disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from graphsocial.embed import EmbeddingTable
from graphsocial.embed.mapped_table import mapped_arrays, open_mapped
from graphsocial.errors import DataIntegrityError
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.mapped_rows import MappedRows
from tests.learn.small_training import equal, weights, world_graph, world_tokens
from tests.scale.training.test_steps_in_parts import a_trainer


def mapped_mb() -> float:
    """Memory that pages of files take; what the rest of a long run has allocated is left out."""
    return int(Path("/proc/self/statm").read_text().split()[2]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_training_on_disk_is_training_in_memory_to_the_bit(tmp_path: Path) -> None:
    folder = world_tokens().save(tmp_path / "tokens")
    mapped = open_mapped(folder)
    assert all(isinstance(found.tokens, np.memmap) for found in mapped.tokens.values())
    content = ContentIndex.of(world_graph(), mapped)
    assert content.tokens and all(isinstance(found, MappedRows) for found in content.tokens.values())
    assert content.token_channels == ContentIndex.of(world_graph(), world_tokens()).token_channels
    trained = []
    for table in (EmbeddingTable.open(folder), mapped):
        trainer = a_trainer(epochs=1, dropout=0.3, prefetch=2)
        list(trainer.epochs(world_graph(), table))
        trained.append(trainer)
    assert equal(weights(trained[0]), weights(trained[1]))
    assert trained[0].history[0]["validation"] == trained[1].history[0]["validation"]


def test_every_way_to_ask_for_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(50, 3, 4)).astype(np.float16)
    file = np.memmap(tmp_path / "rows", np.float16, "w+", offset=4096 + 8, shape=values.shape)
    file[:] = values
    file.flush()
    rows = MappedRows(np.memmap(tmp_path / "rows", np.float16, "r", offset=4096 + 8, shape=values.shape))
    assert rows.shape == (50, 3, 4) and len(rows) == 50
    for asked in ([7, 0, 49, 7], [], [3]):
        got = rows[torch.tensor(asked, dtype=torch.int64)]
        assert got.dtype == torch.float16 and np.array_equal(got.numpy(), values[asked])
    assert np.array_equal(rows[:, 0].numpy(), values[:, 0])
    (tmp_path / "rows").unlink()
    assert np.array_equal(rows[torch.tensor([5])].numpy(), values[[5]]), "a table written anew takes nothing away"
    with pytest.raises(IndexError):
        rows[torch.tensor([50])]
    with pytest.raises(ValueError, match="C order"):
        MappedRows(file[:, ::2])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's count of resident pages")
def test_memory_stays_bounded_however_much_is_read(tmp_path: Path) -> None:
    contents, row = 40_000, (4, 256)  # 82 MB
    file = np.memmap(tmp_path / "rows", np.float16, "w+", shape=(contents, *row))
    file[:] = 1
    file.flush()
    del file
    rows = MappedRows(np.memmap(tmp_path / "rows", np.float16, "r", shape=(contents, *row)))
    whole = np.memmap(tmp_path / "rows", np.float16, "r", shape=(contents, *row))
    draw = np.random.default_rng(0)
    rows[torch.from_numpy(draw.permutation(contents)[:1000])]
    before, highest = mapped_mb(), 0.0
    for start in range(0, contents, 1000):
        assert float(rows[torch.arange(start, start + 1000)].sum(dtype=torch.float64)) == 1000 * 4 * 256
        highest = max(highest, mapped_mb() - before)
    assert highest < 25, "82 MB were read"
    assert int(whole.sum(dtype=np.int64)) == contents * 4 * 256
    assert mapped_mb() - before > 60, "the measure sees a mapping that is kept"


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    folder = world_tokens().save(tmp_path / "tokens")
    assert set(mapped_arrays(next(folder.glob("tokens-*")))) == set(world_tokens()._arrays())
    file = next(folder.glob("tokens-*"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(DataIntegrityError, match="checksum does not match"):
        open_mapped(folder)
    file.unlink()
    with pytest.raises(DataIntegrityError, match="damaged"):
        open_mapped(folder)
    with pytest.raises(DataIntegrityError, match="is no embedding table"):
        open_mapped(tmp_path)
