"""Eight nodes of a run draw their numbers at once, inside compiled loops."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from graphsocial.diffusion.eight_words import LANES, WORD, WORDS, all_of, scrambled


@intrinsic
def eight_draws(
    typing: Any, target: Any, place: Any, begin: Any, length: Any, edge: Any, low_key: Any, high_key: Any
) -> Any:
    """Which of eight edges' stretches the numbers of their targets fall on, one bit each, uint32.

    The number of a node, 31 bits, is scrambled from its position and the two halves of the run's key, so it is the same
    wherever it is asked for.

    Args:
        typing: Given by numba.
        target: Whom each edge reaches, int32 [edge + LANES].
        place: The first of the eight in `target`, uint64.
        begin: Where each edge's stretch begins, uint32 [edge + LANES].
        length: How long it is, uint32 [edge + LANES].
        edge: The first of the eight in `begin` and `length`, uint64.
        low_key: Half of the run's key, uint32.
        high_key: The other half, uint32.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def eight(array: int, position: int) -> Any:
            data = context.make_array(signature.args[array])(context, builder, arguments[array]).data
            address = builder.gep(data, [arguments[position]])
            return builder.load(builder.bitcast(address, WORDS.as_pointer()), align=4)

        x = scrambled(builder, builder.add(eight(0, 1), all_of(builder, arguments[5])), arguments[6])
        falls = builder.icmp_unsigned("<", builder.sub(x, eight(2, 4)), eight(3, 4))
        return builder.zext(builder.bitcast(falls, ir.IntType(LANES)), WORD)

    return types.uint32(target, types.uint64, begin, length, types.uint64, types.uint32, types.uint32), generate


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """Position of the lowest bit that is set, uint64; of a number that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(WORD, [WORD, ir.IntType(1)])
        function = builder.module.declare_intrinsic("llvm.cttz", (WORD,), kind)
        return builder.zext(builder.call(function, [arguments[0], ir.IntType(1)(1)]), ir.IntType(64))

    return types.uint64(types.uint32), generate
