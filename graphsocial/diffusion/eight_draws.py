"""Eight nodes of a run draw their numbers at once, inside compiled loops."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 8
"""Edges that are looked at together; arrays are read this far past an edge, so they need as many more entries."""

_LANE = ir.IntType(32)
_LANES = ir.VectorType(_LANE, LANES)


@intrinsic
def eight_draws(
    typing: Any, target: Any, place: Any, begin: Any, length: Any, edge: Any, low_key: Any, high_key: Any
) -> Any:
    """Which of eight edges' stretches the numbers of their targets fall on, one bit each, uint32.

    The number of a node, 31 bits, is scrambled from its position and the two halves of the run's key by whole-number
    arithmetic (multipliers of Wellons' `triple32`), so it is the same on every machine and wherever it is asked for.

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
            return builder.load(builder.bitcast(address, _LANES.as_pointer()), align=4)

        def all_of(value: Any) -> Any:
            vector = ir.Constant(_LANES, ir.Undefined)
            for lane in range(LANES):
                vector = builder.insert_element(vector, value, _LANE(lane))
            return vector

        def shifted(x: Any, bits: int) -> Any:
            return builder.lshr(x, ir.Constant(_LANES, [bits] * LANES))

        def times(x: Any, factor: int) -> Any:
            return builder.mul(x, ir.Constant(_LANES, [factor] * LANES))

        x = builder.add(eight(0, 1), all_of(arguments[5]))
        x = times(builder.xor(x, shifted(x, 17)), 0xED5AD4BB)
        x = builder.add(builder.xor(x, shifted(x, 11)), all_of(arguments[6]))
        x = times(x, 0xAC4C1B51)
        x = times(builder.xor(x, shifted(x, 15)), 0x31848BAB)
        x = shifted(builder.xor(x, shifted(x, 14)), 1)
        falls = builder.icmp_unsigned("<", builder.sub(x, eight(2, 4)), eight(3, 4))
        return builder.zext(builder.bitcast(falls, ir.IntType(LANES)), _LANE)

    return types.uint32(target, types.uint64, begin, length, types.uint64, types.uint32, types.uint32), generate


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """Position of the lowest bit that is set, uint64; of a number that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_LANE, [_LANE, ir.IntType(1)])
        function = builder.module.declare_intrinsic("llvm.cttz", (_LANE,), kind)
        return builder.zext(builder.call(function, [arguments[0], ir.IntType(1)(1)]), ir.IntType(64))

    return types.uint64(types.uint32), generate
