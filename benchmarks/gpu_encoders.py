"""Text and image encoders on the card: texts and pictures per second, in float32 and bfloat16."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.gpu_ceilings import Ceilings, Line

WORDS = ("flood", "storm", "subway", "photo", "fake", "real", "water", "street", "york", "sandy", "shark", "news")


def measure_encoders(device: str, small: bool, ceilings: Ceilings) -> Iterator[Line]:
    """20,000 texts of 3 to 40 words and 2,000 pictures (a fiftieth if small), through the encoders as users call them.

    Where the packaged weights are not installed, the same architectures with weights drawn at random: speed does not
    depend on their values.
    """
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, rng.integers(3, 41))) for _ in range(400 if small else 20_000)]
    pixels = rng.integers(0, 255, (20 if small else 2_000, 224, 224, 3), dtype=np.uint8)
    for precision in ("float32",) if device == "cpu" else ("float32", "bfloat16"):
        encoder, weights, parameters = _text(device, precision)
        encoder.embed(texts[: len(texts) // 4])
        taken = _taken(lambda encoder=encoder: encoder.embed(texts), device)
        pieces = sum(len(p) for p in encoder._tokenize(texts)[0])
        flops = 2 * parameters * pieces / taken
        about = {"texts": len(texts), "pieces": pieces, "weights": weights, "flops_per_second": flops}
        yield f"minilm/{precision}", "texts_per_second", len(texts) / taken, "1/s", about
        yield f"minilm/{precision}", "part_of_product_ceiling", flops / ceilings.flops_per_second, "", about
        start = time.perf_counter()
        encoder._tokenize(texts)
        about = {"what": "word pieces, on the CPU, before the card has anything to do"}
        yield f"minilm/{precision}", "tokenizer_share", (time.perf_counter() - start) / taken, "", about
    from PIL import Image

    pictures = [Image.fromarray(array) for array in pixels]
    for precision in ("float32",) if device == "cpu" else ("float32", "bfloat16"):
        images, weights = _image(device, precision)
        images.embed(pictures[: len(pictures) // 4])
        taken = _taken(lambda images=images: images.embed(pictures), device)
        about = {"pictures": len(pictures), "weights": weights, "from": "decoded 224 x 224 pictures"}
        yield f"efficientnet_lite0/{precision}", "pictures_per_second", len(pictures) / taken, "1/s", about


def _taken(work, device: str) -> float:  # type: ignore[no-untyped-def]
    import torch

    start = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _text(device: str, precision: str):  # type: ignore[no-untyped-def]
    """The encoder, which weights it has, and how many of its parameters work on every word piece."""
    from graphsocial.embed import text_embedder
    from graphsocial.errors import GraphSocialError

    try:
        encoder, weights = text_embedder(device=device, precision=precision), "packaged"
    except (GraphSocialError, ImportError):
        with tempfile.TemporaryDirectory() as folder:
            encoder = text_embedder(_drawn_minilm(Path(folder)), device=device, precision=precision)
        weights = "drawn at random"
    layers = encoder._model[0].auto_model.encoder
    return encoder, weights, sum(p.numel() for p in layers.parameters())


def _drawn_minilm(folder: Path) -> str:
    """A model of MiniLM's shape in sentence-transformers' layout: 6 layers of 384 channels, 12 heads."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    inner = folder / "bert"
    inner.mkdir()
    (inner / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(inner / "vocab.txt")).save_pretrained(inner)
    config = BertConfig(
        vocab_size=30_522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1_536
    )
    BertModel(config).save_pretrained(inner)
    model = SentenceTransformer(modules=[Transformer(str(inner), max_seq_length=128), Pooling(384)])
    model.save(str(folder / "model"))
    return str(folder / "model")


def _image(device: str, precision: str):  # type: ignore[no-untyped-def]
    from graphsocial.embed import image_embedder
    from graphsocial.embed.image import TimmImage
    from graphsocial.embed.packaged_weights import EFFICIENTNET_LITE0
    from graphsocial.errors import GraphSocialError

    try:
        return image_embedder(device=device, precision=precision), "packaged"
    except (GraphSocialError, ImportError):
        import timm

        model = timm.create_model("tf_efficientnet_lite0", pretrained=False).to(device)
        return TimmImage(model, EFFICIENTNET_LITE0, 2, precision == "bfloat16"), "drawn at random"
