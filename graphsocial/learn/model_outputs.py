"""What the heads of a model say about examples, block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.examples import Examples
from graphsocial.learn.model import Model
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.workplace import Workplace


@torch.inference_mode()
def model_outputs(
    model: Model, work: Workplace, graph: SocialGraph, content: ContentIndex, examples: Mapping[str, Examples]
) -> dict[str, Tensor]:
    """Head outputs for examples, on the CPU, in their order; each process works on its share of the blocks.

    Args:
        model: The model; it is left in evaluation mode.
        work: Its tasks and settings; a block holds `score_batch` rows.
        graph: Graph or view to sample from.
        content: Token rows of its nodes.
        examples: Task to rows.

    Returns:
        Task to outputs [example, output]; a task without rows has none.
    """
    model.eval()
    found: dict[str, list[Tensor]] = {name: [] for name in examples}
    block = work.training.score_batch
    for name, rows in examples.items():
        for number, start in enumerate(range(0, max(len(rows), 1), block)):
            if number % work.processes.count != work.processes.rank:
                continue
            part = rows.take(np.arange(start, min(start + block, len(rows))))
            if not len(part):
                continue
            seed = derived_seed(work.rng, "score", name, start)
            batch = work.batch(graph, content, {name: part}, seed).to(work.device)
            with work.precision():
                found[name].append(model(batch, work.tasks)[name].float().cpu())
    return {name: torch.cat(parts) for name, parts in _in_order(work.processes.gather(found)).items() if parts}


def _in_order(found: Sequence[Mapping[str, list[Tensor]]]) -> dict[str, list[Tensor]]:
    """Blocks in their order, from what each process made of every so many of them."""
    blocks: dict[str, list[Tensor]] = {}
    for name in found[0]:
        count = sum(len(one[name]) for one in found)
        blocks[name] = [found[number % len(found)][name][number // len(found)] for number in range(count)]
    return blocks
