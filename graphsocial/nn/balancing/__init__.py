"""How the losses of several tasks become one step. Each balance has `backward(losses, shared)`."""

from graphsocial.nn.balancing.balance import Balance
from graphsocial.nn.balancing.balance_names import balance_from_name, balance_name
from graphsocial.nn.balancing.gradient_conflict import GradientConflict, PairConflict
from graphsocial.nn.balancing.mean_balance import MeanBalance
from graphsocial.nn.balancing.pc_grad import PCGrad
from graphsocial.nn.balancing.uncertainty_balance import UncertaintyBalance

__all__ = [
    "Balance",
    "GradientConflict",
    "MeanBalance",
    "PCGrad",
    "PairConflict",
    "UncertaintyBalance",
    "balance_from_name",
    "balance_name",
]
