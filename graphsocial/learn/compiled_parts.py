"""The parts of a model that gain from translation by `torch.compile`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from graphsocial.errors import SchemaError
from graphsocial.nn.token_pooling import TokenPooling


def compile_parts(model: nn.Module, backend: str = "inductor") -> int:
    """Has the dense parts of a model translated when they are first used; returns how many there are.

    Dense parts are its small networks, layer norms and the pooling of tokens. What lies between them, the layout of
    sampled neighbourhoods, has another shape in every batch and would be translated anew again and again; the attention
    has a compiled kernel of its own on CUDA. Names of weights stay, so checkpoints do too.

    Args:
        model: Whose parts.
        backend: Compiler behind `torch.compile`.
    """
    parts = [part for part in model.modules() if isinstance(part, nn.Sequential | nn.LayerNorm | TokenPooling)]
    for part in parts:
        # Not part.compile(): it leaves torch's own modules, which these are, untranslated without a word.
        part.forward = torch.compile(part.forward, dynamic=True, backend=backend)  # type: ignore[method-assign]
    return len(parts)


@contextmanager
def telling_compiler_trouble() -> Iterator[None]:
    """Turns what the compiler inside cannot do into one sentence.

    Raises:
        SchemaError: A part cannot be translated here, for want of a C++ compiler, Triton or support in torch.
    """
    from torch._dynamo.exc import TorchDynamoException

    try:
        yield
    except TorchDynamoException as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise SchemaError(
            f"torch.compile cannot translate this model here ({reason}); train without compile"
        ) from error
