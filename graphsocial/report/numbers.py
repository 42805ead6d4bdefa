"""Numbers as a paper prints them: a shared count of decimals, a true minus sign, brackets for intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MISSING = "–"


def as_number(value: Any) -> float | None:
    """The value as a finite float, None when it is not one.

    >>> as_number(2), as_number("x"), as_number(float("nan")), as_number(True)
    (2.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def as_interval(value: Any) -> tuple[float, float] | None:
    """The value as `(low, high)`, None when it is not a pair of finite numbers.

    >>> as_interval([0, 1]), as_interval([0]), as_interval(None)
    ((0.0, 1.0), None, None)
    """
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = as_number(value[0]), as_number(value[1])
    return None if low is None or high is None else (low, high)


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of one table are written.

    Attributes:
        decimals: Digits after the point, the same in the whole table so that points align.
        bare: Whether the zero before the point is dropped, as is usual where nothing exceeds one.
    """

    decimals: int = 3
    bare: bool = False

    def number(self, value: Any) -> str:
        """A number, or a dash for a missing one.

        >>> NumberStyle(2, bare=True).number(-0.051), NumberStyle(1).number(None)
        ('−.05', '–')
        """
        number = as_number(value)
        if number is None:
            return MISSING
        text = f"{abs(number):,.{self.decimals}f}"
        if self.bare and text.startswith("0."):
            text = text[1:]
        negative = number < 0 and any(digit in "123456789" for digit in text)
        return ("−" if negative else "") + text

    def interval(self, value: Any) -> str:
        """An interval in brackets, or a dash for a missing one.

        >>> NumberStyle(2, bare=True).interval([-0.05, 0.1])
        '[−.05, .10]'
        """
        pair = as_interval(value)
        return MISSING if pair is None else f"[{self.number(pair[0])}, {self.number(pair[1])}]"


def style_for(values: Iterable[Any]) -> NumberStyle:
    """The style in which these numbers (and the ends of these intervals) can stand in one table.

    Three decimals below ten, fewer above, and more where a number would otherwise read as zero although it is not:
    an interval of a difference must not look as if it touched zero.

    >>> style_for([0.61, [0.5, 0.7]]), style_for([1.4, [0.0001, 2]]).decimals, style_for([250.0]).decimals
    (NumberStyle(decimals=3, bare=True), 4, 1)
    """
    numbers = [abs(number) for value in values for number in _flat(value)]
    largest = max(numbers, default=0.0)
    decimals = 3 if largest < 10 else 2 if largest < 100 else 1 if largest < 1000 else 0
    smallest = min((number for number in numbers if number > 0), default=1.0)
    while decimals < 6 and round(smallest, decimals) == 0 and smallest > 1e-6:
        decimals += 1
    return NumberStyle(decimals, bare=largest <= 1)


def readable(name: Any) -> str:
    """A metric's, floor's or relation's name as it is written in running text.

    >>> readable("macro_f1"), readable("msle"), readable("tfidf_linear"), readable("TF-IDF + linear")
    ('macro-F1', 'MSLE', 'TF-IDF + linear', 'TF-IDF + linear')
    """
    known = {
        "macro_f1": "macro-F1",
        "msle": "MSLE",
        "mse": "MSE",
        "mae": "MAE",
        "rmse": "RMSE",
        "auc": "AUC",
        "roc_auc": "ROC AUC",
        "mrr": "MRR",
        "map": "MAP",
        "hits@10": "Hits@10",
        "ndcg@10": "NDCG@10",
        "pinball": "pinball loss",
        "pinball_loss": "pinball loss",
        "tfidf_linear": "TF-IDF + linear",
        "tfidf": "TF-IDF",
    }
    text = str(name)
    return known.get(text.lower(), text.replace("_", " "))


def _flat(value: Any) -> list[float]:
    if isinstance(value, list | tuple):
        return list(as_interval(value) or ())
    number = as_number(value)
    return [] if number is None else [number]
