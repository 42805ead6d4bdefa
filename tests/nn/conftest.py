"""Small hand-made batches for the encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from graphsocial.nn import EncoderConfig, GraphEncoder, seeded

TEXT, IMAGE = 6, 10
EDGES = [
    ("user", "author", "post"),
    ("post", "rev_author", "user"),
    ("user", "repost", "user"),
    ("user", "rev_repost", "user"),
    ("media", "rev_show", "post"),
    ("post", "rev_tag", "hashtag"),
    ("hashtag", "tag", "post"),
]
TYPES = ["user", "post", "media", "hashtag"]
STRUCTURE = {"user": 3, "post": 2, "hashtag": 4}


def random_batch(seed: int = 0, posts: int = 8) -> HeteroData:
    """Trees of two hops: post seeds with an author, an image and a hashtag; the author with posts and friends."""
    g = torch.Generator().manual_seed(seed)
    hop: dict[str, list[int]] = {t: [] for t in TYPES}
    pairs: dict[tuple[str, str, str], list[tuple[int, int]]] = {e: [] for e in EDGES}

    def grow(edge_type: tuple[str, str, str], target: int, most: int) -> list[int]:
        made = []
        for _ in range(int(torch.randint(0, most + 1, (1,), generator=g))):
            hop[edge_type[0]].append(hop[edge_type[2]][target] + 1)
            made.append(len(hop[edge_type[0]]) - 1)
            pairs[edge_type].append((made[-1], target))
        return made

    hop["post"] = [0] * posts
    for post in range(posts):
        for user in grow(EDGES[0], post, 1):
            grow(EDGES[1], user, 5)
            grow(EDGES[2], user, 3)
            grow(EDGES[3], user, 2)
        grow(EDGES[4], post, 2)
        for tag in grow(EDGES[6], post, 2):
            grow(EDGES[5], tag, 9)
    batch = HeteroData()
    for t in TYPES:
        count = len(hop[t])
        batch[t].hop = torch.tensor(hop[t])
        batch[t].node = torch.arange(count)
        batch[t].num_seeds = posts if t == "post" else 0
        if t in STRUCTURE:
            batch[t].structure = torch.randn(count, STRUCTURE[t], generator=g)
    batch["post"].text_row = torch.randint(-1, 12, (len(hop["post"]), 1), generator=g)
    batch["post"].image_row = torch.randint(-1, 5, (len(hop["post"]), 2), generator=g)
    batch["media"].image_row = torch.randint(0, 5, (len(hop["media"]), 1), generator=g)
    batch.text_tokens = torch.randn(12, 3, TEXT, generator=g)
    batch.text_mask = torch.rand(12, 3, generator=g) < 0.8
    batch.image_tokens = torch.randn(5, 4, IMAGE, generator=g).half()
    batch.image_mask = torch.ones(5, 4, dtype=torch.bool)
    for e, listed in pairs.items():
        index = torch.tensor(sorted(listed, key=lambda p: p[1]), dtype=torch.int64).view(-1, 2).T.contiguous()
        batch[e].edge_index = index
        batch[e].age = torch.rand(index.shape[1], generator=g) * 1e6 + 1
    return batch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small only wait for each other on more threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def make_batch() -> Callable[..., HeteroData]:
    return random_batch


@pytest.fixture
def make_encoder() -> Callable[..., GraphEncoder]:
    def make(seed: int = 0, train: bool = False, **config: object) -> GraphEncoder:
        with seeded(seed):
            encoder = GraphEncoder(
                EncoderConfig(**({"channels": 16} | config)),  # type: ignore[arg-type]
                TYPES,
                EDGES,
                {"text": TEXT, "image": IMAGE},
                STRUCTURE,
            )
        return encoder.train(train)

    return make


@pytest.fixture
def seeds_of() -> Callable[..., Tensor]:
    """The fused vectors of the post seeds."""
    return lambda encoder, batch: encoder(batch).fused["post"][: batch["post"].num_seeds]
