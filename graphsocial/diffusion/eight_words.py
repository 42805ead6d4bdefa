"""Eight 32-bit numbers at once, as generated code that others are built from."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

LANES = 8
"""How many."""

WORD = ir.IntType(32)
WORDS = ir.VectorType(WORD, LANES)


def all_of(builder: Any, value: Any, kind: Any = WORDS) -> Any:
    """The same value in every lane."""
    vector = ir.Constant(kind, ir.Undefined)
    for lane in range(LANES):
        vector = builder.insert_element(vector, value, WORD(lane))
    return vector


def shifted(builder: Any, x: Any, bits: int) -> Any:
    """Each moved down by so many bits."""
    return builder.lshr(x, ir.Constant(WORDS, [bits] * LANES))


def scrambled(builder: Any, x: Any, key: Any) -> Any:
    """31 random bits of each word, by whole-number arithmetic, so the same on every machine.

    Multipliers of Wellons' `triple32`; a key, 32 bits, goes in between, so that words scrambled with different keys do
    not look alike.
    """

    def times(x: Any, factor: int) -> Any:
        return builder.mul(x, ir.Constant(WORDS, [factor] * LANES))

    x = times(builder.xor(x, shifted(builder, x, 17)), 0xED5AD4BB)
    x = builder.add(builder.xor(x, shifted(builder, x, 11)), all_of(builder, key))
    x = times(x, 0xAC4C1B51)
    x = times(builder.xor(x, shifted(builder, x, 15)), 0x31848BAB)
    return shifted(builder, builder.xor(x, shifted(builder, x, 14)), 1)
