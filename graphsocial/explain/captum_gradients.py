"""Gradients of an output, at an input or averaged over the path to it, taken by Captum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from graphsocial.errors import MissingExtraError


def captum_gradients(
    forward: Callable[..., Tensor], inputs: Sequence[Tensor], baselines: Sequence[Tensor], steps: int
) -> tuple[Tensor, ...]:
    """Gradient of a scalar with respect to each input, of the inputs' shapes.

    Args:
        forward: Takes as many tensors, [ask, …] each, and gives the scalar of each, [ask].
        inputs: [1, …] each.
        baselines: Where the path begins, of the same shapes.
        steps: Points of the path over which gradients are averaged, Gauss-Legendre; 0: at the inputs alone.

    Raises:
        MissingExtraError: Captum is not installed.

    >>> import torch
    >>> x = torch.tensor([[3.0]])
    >>> at, over = (captum_gradients(lambda x: x[:, 0] ** 2, [x], [x * 0], steps)[0] for steps in (0, 8))
    >>> round(at.item(), 4), round(over.item(), 4)
    (6.0, 3.0)
    """
    try:
        from captum.attr import IntegratedGradients, Saliency
    except ImportError as problem:
        raise MissingExtraError(
            "gradient attributions need the extra `explain`: pip install 'graphsocial[explain]'"
        ) from problem
    given = tuple(each.detach().clone().requires_grad_() for each in inputs)
    if steps == 0:
        found = Saliency(forward).attribute(given, abs=False)
    else:
        path = IntegratedGradients(forward, multiply_by_inputs=False)
        found = path.attribute(given, baselines=tuple(baselines), n_steps=steps)
    return tuple(each.detach() for each in found)
