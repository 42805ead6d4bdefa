"""Balances by the names that commands and checkpoints use."""

from __future__ import annotations

from collections.abc import Iterable

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.balancing.balance import Balance
from graphsocial.nn.balancing.gradient_conflict import GradientConflict
from graphsocial.nn.balancing.mean_balance import MeanBalance
from graphsocial.nn.balancing.pc_grad import PCGrad
from graphsocial.nn.balancing.uncertainty_balance import UncertaintyBalance

BALANCE_NAMES = ("mean", "uncertainty", "pcgrad")


def balance_from_name(name: str, tasks: Iterable[str]) -> Balance:
    """A fresh balance.

    Args:
        name: One of `mean`, `uncertainty`, `pcgrad`.
        tasks: Names of the tasks that will be balanced.

    Raises:
        SchemaError: Unknown name.

    >>> balance_name(balance_from_name("pcgrad", ["a"]))
    'pcgrad'
    """
    if name == "mean":
        return MeanBalance()
    if name == "uncertainty":
        return UncertaintyBalance(tasks)
    if name == "pcgrad":
        return PCGrad()
    raise SchemaError(
        f"unknown balance {name!r}, expected one of {', '.join(BALANCE_NAMES)}.{did_you_mean(name, BALANCE_NAMES)}"
    )


def balance_name(balance: Balance) -> str:
    """The name that `balance_from_name` knows the balance by, watched or not; that of its class for any other."""
    if isinstance(balance, GradientConflict):
        return balance_name(balance.balance)
    for name, kind in zip(BALANCE_NAMES, (MeanBalance, UncertaintyBalance, PCGrad), strict=True):
        if isinstance(balance, kind):
            return name
    return type(balance).__name__
