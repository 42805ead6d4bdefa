"""Cross-entropy for classes of unequal size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.heads.masked_mean import masked_mean

Imbalance = Literal["none", "class_balanced", "focal", "logit_adjusted"]
_KINDS = ("none", "class_balanced", "focal", "logit_adjusted")


class ClassLoss(nn.Module):
    """Cross-entropy, or one of three ways to keep rare classes from being ignored.

    - `class_balanced`: weight (1 - β) / (1 - βⁿ), scaled to a mean of 1 over classes (Cui et al. 2019,
      arXiv 1901.05555).
    - `focal`: factor (1 - p)^γ, p being the probability of the true class (Lin et al. 2017, arXiv 1708.02002).
    - `logit_adjusted`: τ log(class frequency) is added to the logits in the loss, not when predicting (Menon et al.
      2021, arXiv 2007.07314).

    Args:
        classes: Number of classes.
        imbalance: Which of them.
        class_counts: Training examples of each class; `class_balanced` and `logit_adjusted` need it.
        beta: β of `class_balanced`.
        gamma: γ of `focal`.
        tau: τ of `logit_adjusted`.

    Raises:
        SchemaError: Unknown `imbalance`, or counts missing or not one per class.

    >>> rare = ClassLoss(2, "logit_adjusted", class_counts=[3, 1])
    >>> round(float(rare(torch.zeros(1, 2), torch.tensor([1]))), 4)  # log 4
    1.3863
    """

    weight: Tensor
    shift: Tensor

    def __init__(
        self,
        classes: int,
        imbalance: Imbalance = "none",
        class_counts: Sequence[int] | None = None,
        beta: float = 0.9999,
        gamma: float = 2.0,
        tau: float = 1.0,
    ):
        super().__init__()
        if imbalance not in _KINDS:
            raise SchemaError(
                f"unknown imbalance {imbalance!r}, expected one of {', '.join(_KINDS)}."
                f"{did_you_mean(imbalance, _KINDS)}"
            )
        if imbalance in ("class_balanced", "logit_adjusted") and (class_counts is None or len(class_counts) != classes):
            raise SchemaError(
                f"imbalance={imbalance!r} with class_counts={class_counts!r}, expected one for each of the "
                f"{classes} classes"
            )
        number = torch.tensor([1.0] * classes if class_counts is None else [max(float(n), 1.0) for n in class_counts])
        weight, shift = torch.ones(classes), torch.zeros(classes)
        if imbalance == "class_balanced":
            weight = ((1 - beta) / (1 - beta ** number.double())).float()
            weight = weight / weight.mean()
        if imbalance == "logit_adjusted":
            shift = tau * (number / number.sum()).log()
        self.classes, self.gamma = classes, gamma if imbalance == "focal" else 0.0
        # Part of the loss as it was fitted, so saved with the weights.
        self.register_buffer("weight", weight)
        self.register_buffer("shift", shift)

    def forward(self, logits: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mean loss.

        Args:
            logits: [example, class].
            target: Class of each example, int64 [example]; anything where the mask is False.
            mask: Which examples count, bool [example].
        """
        target = target if mask is None else torch.where(mask, target, 0)
        entropy = functional.cross_entropy(logits.float() + self.shift, target, reduction="none")
        if self.gamma:
            entropy = (-torch.expm1(-entropy)).clamp(min=1e-9) ** self.gamma * entropy
        return masked_mean(entropy * self.weight[target], mask)
