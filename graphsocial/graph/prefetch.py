"""A hint to the processor, for compiled loops that wait for memory."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def prefetch(typing: Any, array: Any, position: Any) -> Any:
    """Starts to bring the cache line of `array.ravel()[position]` near, without waiting; any position will do.

    Worth it where a loop knows some rounds ahead which row it will read, and branches keep the processor from finding
    out itself. The array lies in one piece.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", (address.type,), kind)
        builder.call(function, [address, number(0), number(3), number(1)])  # to read, often again, data
        return context.get_dummy_value()

    return types.void(array, types.intp), generate
