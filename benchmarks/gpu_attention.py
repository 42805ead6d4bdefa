"""A layer of cross-modal graph attention, forward and backward: on a card, on the CPU, and PyG's `HGTConv`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.gpu_ceilings import Ceilings, Line, seconds_of
from graphsocial.learn.compiled_parts import compile_parts

CHANNELS, HEADS = 64, 4
CPU_WAYS = (("loops", "fp32"),)
CUDA_WAYS = (("compiled", "bf16"), ("segments", "bf16"), ("padded", "bf16"), ("padded", "fp32"))
"""What the layer can do there; in float32 it takes padded buckets on a card, see the kernel alone."""

EDGE_TYPES = (("user", "author", "post"), ("post", "rev_author", "user"), ("user", "follow", "user"))


def measure_attention(device: str, small: bool, ceilings: Ceilings) -> Iterator[Line]:
    """200 k users, 800 k posts and 4.6 M edges with skewed degrees (a twentieth if small), 64 channels, 4 heads."""
    scale = 20 if small else 1
    users, posts = 200_000 // scale, 800_000 // scale
    edges = _edges(users, posts, 3_000_000 // scale)
    count = sum(e.shape[1] for e in edges.values())
    turns = 3 if small else 10
    results: dict[str, float] = {}
    for slots in (1, 3):
        for kind, precision in CPU_WAYS if device == "cpu" else CUDA_WAYS:
            step = _our_step(device, users, posts, edges, slots, kind, precision)
            name = f"ours_{slots}_slots/{kind}_{precision}"
            _reset(device)
            results[name] = seconds_of(step, device, turns)
            keys = (count + 2 * (users + posts)) * slots
            width = 2 if precision == "bf16" else 4
            about = {"edges": count, "nodes": users + posts, "slots": slots, "peak_gb": _peak(device)}
            yield name, "seconds", results[name], "s", about
            yield name, "keys_per_second", keys / results[name], "1/s", about
            # keys and values and their gradients, each once: the least that the attention alone moves
            least = 4 * keys * 2 * CHANNELS * width / results[name]
            yield name, "part_of_copy_ceiling", least / ceilings.bytes_per_second, "", about
    for precision in ("fp32",) if device == "cpu" else ("bf16", "fp32"):
        name = f"hgt_conv/{precision}"
        _reset(device)
        results[name] = seconds_of(_hgt_step(device, users, posts, edges, precision), device, turns)
        yield name, "seconds", results[name], "s", {"edges": count, "nodes": users + posts, "peak_gb": _peak(device)}
    kind = "loops_fp32" if device == "cpu" else "compiled_bf16"
    theirs = min(taken for name, taken in results.items() if name.startswith("hgt_conv"))
    for slots in (1, 3):
        ratio = theirs / results[f"ours_{slots}_slots/{kind}"]
        yield f"ours_{slots}_slots", "ratio_to_hgt_conv", ratio, "x", {"hgt_conv": "the faster precision"}
    if device == "cuda":
        yield from _beside_cpu(results, users, posts, edges)
        yield from _kernel_alone(device, users, posts, edges, ceilings)


def _edges(users: int, posts: int, follows: int) -> dict[tuple[str, str, str], np.ndarray]:
    rng = np.random.default_rng(0)
    author = np.stack([(users * rng.random(posts) ** 3).astype(np.int64), np.arange(posts)])
    follow = np.stack([(users * rng.random(follows) ** 3).astype(np.int64), rng.integers(users, size=follows)])
    return dict(zip(EDGE_TYPES, (author, author[::-1].copy(), follow), strict=True))


def _our_step(
    device: str, users: int, posts: int, edges: dict[Any, np.ndarray], slots: int, kind: str, precision: str
) -> Callable[[], Any]:
    import torch

    from graphsocial.nn.cross_modal_attention import CrossModalAttention
    from graphsocial.nn.neighbour_table import build_neighbour_table
    from graphsocial.nn.seeding import seeded

    with seeded(0):
        layer = CrossModalAttention(["post", "user"], list(EDGE_TYPES), slots, CHANNELS, HEADS).to(device)
        x = torch.randn(users + posts, slots, CHANNELS).to(device).requires_grad_()
        present = (torch.rand(users + posts, slots) < 0.8).to(device)
    wanted = {t: torch.ones(n, dtype=torch.bool, device=device) for t, n in (("post", posts), ("user", users))}
    index = {e: torch.from_numpy(pairs).to(device) for e, pairs in edges.items()}
    table = build_neighbour_table(wanted, index)
    age = {e: torch.rand(pairs.shape[1], device=device) * 1e6 for e, pairs in index.items()}
    padded = kind == "padded"
    if kind == "compiled":
        compile_parts(layer)
    if padded:
        _ = table.place  # laid out once, outside the clock, as the segments are

    def step() -> None:
        with torch.autocast(device, torch.bfloat16) if precision == "bf16" else contextlib.nullcontext():
            out, _, _ = layer(x, present, table, age, weights=padded)
        out.float().square().mean().backward()
        layer.zero_grad(set_to_none=True)
        x.grad = None

    return step


def _hgt_step(device: str, users: int, posts: int, edges: dict[Any, np.ndarray], precision: str) -> Callable[[], Any]:
    import torch
    from torch_geometric.nn import HGTConv

    torch.manual_seed(0)
    conv = HGTConv(CHANNELS, CHANNELS, (["post", "user"], list(EDGE_TYPES)), HEADS).to(device)
    x = {t: torch.randn(n, CHANNELS, device=device, requires_grad=True) for t, n in (("post", posts), ("user", users))}
    index = {e: torch.from_numpy(pairs).to(device) for e, pairs in edges.items()}

    def step() -> None:
        with torch.autocast(device, torch.bfloat16) if precision == "bf16" else contextlib.nullcontext():
            out = conv(x, index)
        sum(part.float().square().mean() for part in out.values()).backward()
        conv.zero_grad(set_to_none=True)
        for part in x.values():
            part.grad = None

    return step


def _beside_cpu(results: dict[str, float], users: int, posts: int, edges: dict[Any, np.ndarray]) -> Iterator[Line]:
    """The same layer and graph, in float32, on all threads of the CPU."""
    import torch

    taken = seconds_of(_our_step("cpu", users, posts, edges, 3, "loops", "fp32"), "cpu", turns=2, warm=1)
    about = {"cpu_seconds": taken, "cpu_threads": torch.get_num_threads(), "cpu": "loops, float32"}
    for kind in ("segments_bf16", "compiled_bf16", "padded_fp32"):
        yield f"ours_3_slots/{kind}", "ratio_to_cpu", taken / results[f"ours_3_slots/{kind}"], "x", about


def _kernel_alone(
    device: str, users: int, posts: int, edges: dict[Any, np.ndarray], ceilings: Ceilings
) -> Iterator[Line]:
    """The compiled attention without projections, in bf16."""
    import torch

    from graphsocial.nn.neighbour_table import build_neighbour_table
    from graphsocial.nn.segment_attention import segment_attention, segments_of

    wanted = {t: torch.ones(n, dtype=torch.bool, device=device) for t, n in (("post", posts), ("user", users))}
    table = build_neighbour_table(wanted, {e: torch.from_numpy(pairs).to(device) for e, pairs in edges.items()})
    there = torch.rand(table.num_rows, 3, device=device) < 0.8
    segments = segments_of(table, there, False)
    query = torch.randn(users + posts, 3, CHANNELS, device=device).bfloat16().requires_grad_()
    rows = torch.randn(table.num_rows, 3, 2 * CHANNELS, device=device).bfloat16().requires_grad_()
    moved = 2 * (rows.numel() + 2 * query.numel())
    with torch.no_grad():
        forward = seconds_of(lambda: segment_attention(query, rows, segments, HEADS), device)
    out = segment_attention(query, rows, segments, HEADS)
    toward = torch.randn_like(out)

    def backward() -> None:
        torch.autograd.grad(out, (query, rows), toward, retain_graph=True)

    back = seconds_of(backward, device)
    flops = 4 * (segments.order.numel() + 2 * (users + posts)) * 3 * 3 * CHANNELS
    for name, taken, bytes_moved, work in (
        ("forward", forward, moved, flops),
        ("backward", back, 2 * (2 * rows.numel() + 4 * query.numel()), 2.5 * flops),
    ):
        about = {"bytes": bytes_moved, "flops": work, "counted": "each input read once, each output written once"}
        yield f"kernel/{name}", "seconds", taken, "s", about
        yield f"kernel/{name}", "bytes_per_second", bytes_moved / taken, "B/s", about
        yield f"kernel/{name}", "part_of_copy_ceiling", bytes_moved / taken / ceilings.bytes_per_second, "", about
        yield f"kernel/{name}", "flops_per_second", work / taken, "FLOP/s", about


def _reset(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> float | None:
    import torch

    return torch.cuda.max_memory_allocated() / 1e9 if device == "cuda" else None
