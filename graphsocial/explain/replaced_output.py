"""What a module gives out, replaced while a block runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


@contextmanager
def replaced_output(modules: Mapping[nn.Module, Callable[[Any], Any]]) -> Iterator[None]:
    """Inside the block each module gives out what its function makes of its output; afterwards all is as before.

    Args:
        modules: Module to a function of its output.

    >>> import torch
    >>> layer = nn.Identity()
    >>> with replaced_output({layer: lambda out: out + 1}):
    ...     print(layer(torch.zeros(1)).item())
    1.0
    >>> layer(torch.zeros(1)).item()
    0.0
    """
    with ExitStack() as stack:
        for module, change in modules.items():

            def hook(module: nn.Module, given: Any, out: Any, change: Callable[[Any], Any] = change) -> Any:
                return change(out)

            stack.callback(module.register_forward_hook(hook).remove)
        yield
