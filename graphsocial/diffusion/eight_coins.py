"""Eight edges of a run toss their coins at once, inside compiled loops; those that succeed are set down in a row."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from graphsocial.diffusion.eight_words import LANES, WORD, WORDS, all_of, scrambled
from graphsocial.diffusion.random_stream_kernel import mix

_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_BYTES = ir.VectorType(ir.IntType(8), LANES)
_LONG = ir.IntType(64)
_RANGE = 2.0**31
_LANE = tuple(range(LANES))


def _first_lanes() -> np.ndarray:
    """Of each set of lanes, those in it, ascending, a byte each; 0 where there are no more."""
    lanes = [[lane for lane in _LANE if chosen >> lane & 1] for chosen in range(2**LANES)]
    packed = [sum(lane << 8 * place for place, lane in enumerate(row)) for row in lanes]
    return np.array(packed, dtype=np.uint64)


FIRST_LANES = _first_lanes()
"""What `set_down` reads, uint64 [256]."""


@numba.njit(inline="always")
def offset_of(stream):  # type: ignore[no-untyped-def]
    """What is added to every coin of a run, a float32 between 0 and 1.

    Coins are whole numbers; with an offset that is uniform over runs, chances smaller than one of them are exact, too.
    """
    return np.float32((np.float64(mix(stream) >> np.uint64(41)) + 0.5) * 2.0**-23)


@intrinsic
def eight_coins(typing: Any, chance: Any, place: Any, coin: Any, offset: Any, low_key: Any, high_key: Any) -> Any:
    """Which of eight edges succeed, one bit each, uint32: 0 never does, 1 always.

    A coin, 31 bits, is scrambled from its number and the two halves of the run's key. As a float, it keeps all of them
    where it is small, which is where rare edges decide.

    Args:
        typing: Given by numba.
        chance: Chance of each edge, float32 [edge].
        place: The first of the eight, uint64.
        coin: Number of its coin, those of the others follow, uint64.
        offset: The run's, see `offset_of`, float32.
        low_key: Half of the run's key, uint32.
        high_key: The other half, uint32.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), _FLOATS.as_pointer())
        goal = builder.fmul(builder.load(address, align=4), ir.Constant(_FLOATS, [_RANGE] * LANES))
        first = all_of(builder, builder.add(builder.trunc(arguments[2], WORD), arguments[4]))
        coins = scrambled(builder, builder.add(first, ir.Constant(WORDS, _LANE)), arguments[5])
        fallen = builder.fadd(builder.sitofp(coins, _FLOATS), all_of(builder, arguments[3], _FLOATS))
        succeed = builder.fcmp_ordered("<=", fallen, goal)
        return builder.zext(builder.bitcast(succeed, ir.IntType(LANES)), WORD)

    return types.uint32(chance, types.uint64, types.uint64, types.float32, types.uint32, types.uint32), generate


@intrinsic
def set_down(typing: Any, stage: Any, by: Any, at: Any, first_lanes: Any, chosen: Any, place: Any, who: Any) -> Any:
    """Writes the places of the chosen of eight edges one after the other, and beside each whose they are.

    Always writes eight; those past the chosen are `place`, to be written over.

    Args:
        typing: Given by numba.
        stage: Places, uint32.
        by: Whose they are, uint8.
        at: Where to write, uint64.
        first_lanes: `FIRST_LANES`.
        chosen: One bit for each of the eight, uint64.
        place: The first of the eight, uint64.
        who: The same byte eight times, uint64.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def where(array: int, position: int, kind: Any) -> Any:
            data = context.make_array(signature.args[array])(context, builder, arguments[array]).data
            return builder.bitcast(builder.gep(data, [arguments[position]]), kind.as_pointer())

        lanes = builder.zext(builder.load(where(3, 4, _BYTES), align=8), WORDS)
        first = all_of(builder, builder.trunc(arguments[5], WORD))
        builder.store(builder.add(lanes, first), where(0, 2, WORDS), align=4)
        builder.store(arguments[6], where(1, 2, _LONG), align=1)
        return context.get_dummy_value()

    return types.void(stage, by, types.uint64, first_lanes, types.uint64, types.uint64, types.uint64), generate


@intrinsic
def count_bits(typing: Any, bits: Any) -> Any:
    """How many bits are set, uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = builder.module.declare_intrinsic("llvm.ctpop", (WORD,), ir.FunctionType(WORD, [WORD]))
        return builder.zext(builder.call(function, [arguments[0]]), _LONG)

    return types.uint64(types.uint32), generate
