"""The encoder learns what was planted, and only along paths that its switches leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import HeteroData

from graphsocial.nn import EncoderConfig, GraphEncoder, seeded
from graphsocial.nn.heads import LabelHead, LinkHead

REPLY = ("post", "reply", "post")
TYPES = ["post"]
World = Callable[[int, torch.Generator], tuple[HeteroData, Tensor]]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small only wait for each other on more threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def replies(count: int, g: torch.Generator) -> tuple[HeteroData, Tensor]:
    """Each seed post has a text and no image; of its neighbours one has an image, whose kind is the label.

    Every picture has other noise, texts say nothing, and the neighbour with the image stands at any place.
    """
    fanout = 3
    batch, label = HeteroData(), torch.randint(0, 2, (count,), generator=g)
    batch["post"].hop = torch.cat([torch.zeros(count), torch.ones(count * fanout)]).long()
    batch["post"].text_row = torch.randint(0, 20, (count * (1 + fanout), 1), generator=g)
    shows = torch.randint(0, fanout, (count,), generator=g)
    image_row = torch.full((count * (1 + fanout), 1), -1)
    image_row[count + torch.arange(count) * fanout + shows, 0] = torch.arange(count)
    batch["post"].image_row = image_row
    batch.text_tokens, batch.text_mask = torch.randn(20, 2, 8, generator=g), torch.ones(20, 2, dtype=torch.bool)
    kind = torch.linspace(-1, 1, 6).outer(torch.ones(1)).T * (2.0 * label.view(-1, 1) - 1)
    batch.image_tokens = kind.unsqueeze(1) + 0.7 * torch.randn(count, 2, 6, generator=g)
    batch.image_mask = torch.ones(count, 2, dtype=torch.bool)
    target = torch.arange(count).repeat_interleave(fanout)
    batch[REPLY].edge_index = torch.stack([count + torch.arange(count * fanout), target])
    batch[REPLY].age = torch.rand(count * fanout, generator=g) * 1e5
    return batch, label


def accuracy_after(config: EncoderConfig, steps: int = 60, world: World = replies) -> float:
    """Trains on fresh planted batches, then scores on one more."""
    g = torch.Generator().manual_seed(0)
    with seeded(1):
        encoder = GraphEncoder(config, TYPES, [REPLY], {"text": 8, "image": 6}, {})
        head = LabelHead(config.channels, 2)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], 5e-3)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, steps)
    for _ in range(steps):
        batch, label = world(64, g)
        loss = head.loss(head(encoder(batch).fused["post"][:64]), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        falling.step()
    batch, label = world(400, g)
    encoder.eval()
    with torch.no_grad():
        return float((head(encoder(batch).fused["post"][:400]).argmax(1) == label).float().mean())


SMALL = {"channels": 16, "layers": 1, "dropout": 0.0, "modality_dropout": 0.0}


def test_a_text_learns_from_its_neighbours_image():
    assert accuracy_after(EncoderConfig(**SMALL)) > 0.95


def test_late_fusion_finds_it_too_through_the_image_slot():
    """It may: its image slot gathers images, and the readout sees that slot."""
    assert accuracy_after(EncoderConfig(**SMALL, fusion="late")) > 0.95


def test_ablations_cannot_learn_it():
    for switch in ({"use_graph": False}, {"modalities": ("text", "structure")}):
        assert accuracy_after(EncoderConfig(**SMALL, **switch), steps=30) < 0.6


def bound(count: int, g: torch.Generator) -> tuple[HeteroData, Tensor]:
    """Two neighbours, each with a word and an image. The seed's word is that of one of them, whose image is the label.

    What has to be learnt is which word came with which image: neither the words nor the images alone say it.
    """
    words = torch.rand(count, 4, generator=g).argsort(dim=1)[:, :2]
    kinds, which = torch.randint(0, 2, (count, 2), generator=g), torch.randint(0, 2, (count, 1), generator=g)
    batch, label = HeteroData(), kinds.gather(1, which).view(-1)
    batch["post"].hop = torch.cat([torch.zeros(count), torch.ones(2 * count)]).long()
    batch["post"].text_row = torch.cat([words.gather(1, which).view(-1), words.flatten()]).view(-1, 1)
    batch["post"].image_row = torch.cat([torch.full((count,), -1), kinds.view(-1)]).view(-1, 1)
    batch.text_tokens, batch.text_mask = torch.eye(4, 8).unsqueeze(1), torch.ones(4, 1, dtype=torch.bool)
    batch.image_tokens, batch.image_mask = torch.eye(2, 6).unsqueeze(1), torch.ones(2, 1, dtype=torch.bool)
    batch[REPLY].edge_index = torch.stack([count + torch.arange(2 * count), torch.arange(count).repeat_interleave(2)])
    batch[REPLY].age = torch.rand(2 * count, generator=g) * 1e5
    return batch, label


def test_words_find_the_image_that_came_with_them():
    """The reason for attention across modalities: late fusion cannot tie a neighbour's word to its image.

    It is right where both images are equal, which is half of the time, and can only guess elsewhere.
    """
    two = SMALL | {"layers": 2, "channels": 32}
    assert accuracy_after(EncoderConfig(**two), 200, bound) > 0.95
    assert accuracy_after(EncoderConfig(**two, fusion="late"), 200, bound) < 0.85


def test_one_tiny_batch_is_learnt_by_heart():
    g = torch.Generator().manual_seed(3)
    batch, _ = replies(16, g)
    label = torch.randint(0, 3, (16,), generator=g)
    batch["post"].structure = torch.randn(len(batch["post"].hop), 4, generator=g)
    with seeded(0):
        encoder = GraphEncoder(
            EncoderConfig(channels=32, dropout=0.0, modality_dropout=0.0), TYPES, [REPLY], {"text": 8, "image": 6},
            {"post": 4},
        )  # fmt: skip
        head, link = LabelHead(32, 3), LinkHead(32)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters(), *link.parameters()], 3e-3)
    linked = torch.arange(16) % 2
    for _ in range(120):
        fused = encoder(batch).fused["post"][:16]
        loss = head.loss(head(fused), label) + link.loss(link(fused, fused.roll(1, 0)), linked)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.02


def test_training_is_the_same_to_the_bit():
    def run() -> Tensor:
        batch, label = replies(32, torch.Generator().manual_seed(0))
        with seeded(0):
            encoder = GraphEncoder(EncoderConfig(channels=16), TYPES, [REPLY], {"text": 8, "image": 6}, {})
        encoder.generator = torch.Generator().manual_seed(9)
        optimizer = torch.optim.Adam(encoder.parameters(), 1e-3)
        for _ in range(3):
            optimizer.zero_grad()
            functional.cross_entropy(encoder(batch).fused["post"][:32], label).backward()
            optimizer.step()
        return torch.cat([p.detach().flatten() for p in encoder.parameters()])

    torch.randn(7)
    assert torch.equal(run(), run())
