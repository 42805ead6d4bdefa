"""Dot products and scaled sums of a few channels at once, inside compiled loops, on vector registers.

Loops over the sixteen or so channels of a head are unrolled by the compiler before it could make vectors of them, so it
is told. The number of channels is the length of a tuple, which the compiler knows.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_CONTRACT, _ANY_ORDER = ("contract",), ("reassoc", "contract")


@intrinsic
def dot(typing: Any, lanes: Any, left: Any, left_at: Any, right: Any, right_at: Any) -> Any:
    """Dot product of channels from `left_at` of `left.ravel()` and from `right_at` of `right.ravel()` on, float32.

    Args:
        typing: Given by numba.
        lanes: A tuple of as many entries as channels.
        left: float32, in one piece.
        left_at: First channel.
        right: Likewise.
        right_at: First channel.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b = (_read(context, builder, signature, arguments, at, lanes.count)[0] for at in (1, 3))
        product = builder.fmul(a, b, flags=_CONTRACT)
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), product.type])
        name = f"llvm.vector.reduce.fadd.v{lanes.count}f32"
        total = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(total, [ir.Constant(ir.FloatType(), 0.0), product], fastmath=_ANY_ORDER)

    return types.float32(lanes, left, types.intp, right, types.intp), generate


@intrinsic
def add(typing: Any, lanes: Any, out: Any, out_at: Any, scale: Any, row: Any, row_at: Any) -> Any:
    """Adds `scale` times the channels from `row_at` of `row.ravel()` on to those from `out_at` of `out.ravel()` on.

    Args:
        typing: Given by numba.
        lanes: A tuple of as many entries as channels.
        out: float32, in one piece.
        out_at: First channel.
        scale: Factor, float32.
        row: As `out`.
        row_at: First channel.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        before, address = _read(context, builder, signature, arguments, 1, lanes.count)
        added, _ = _read(context, builder, signature, arguments, 4, lanes.count)
        factor = builder.insert_element(ir.Constant(added.type, ir.Undefined), arguments[3], ir.IntType(32)(0))
        every = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count)
        factor = builder.shuffle_vector(factor, factor, every)
        now = builder.fadd(before, builder.fmul(factor, added, flags=_CONTRACT), flags=_CONTRACT)
        builder.store(now, address, align=4)
        return context.get_dummy_value()

    return types.void(lanes, out, types.intp, types.float32, row, types.intp), generate


def _read(context: Any, builder: Any, signature: Any, arguments: Any, at: int, count: int) -> tuple[Any, Any]:
    """Channels of the array that is argument `at`, from the place on that is the next one; and their address."""
    data = context.make_array(signature.args[at])(context, builder, arguments[at]).data
    vector = ir.VectorType(ir.FloatType(), count)
    address = builder.bitcast(builder.gep(data, [arguments[at + 1]]), vector.as_pointer())
    return builder.load(address, align=4), address
