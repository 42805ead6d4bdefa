"""Explained posts as one offline page: words highlighted, regions as a heat map, neighbours that mattered."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from graphsocial.embed import read_image
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.explain import Attribution, FaithfulnessReport, ModalityValue, Piece
from graphsocial.learn.bootstrap import BootstrapInterval
from graphsocial.report.times import show_time

_HERE = Path(__file__).parent
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SIDE = 560
"""Most pixels along a side of an embedded picture."""
_ROWS = 8
"""Most edges, and most neighbours, of a post."""
_NOTHING_SEEN = 0.08
"""Scores below this share of the largest are not coloured."""
_METHODS = {
    "deletion": "deletion",
    "integrated_gradients": "integrated gradients",
    "gradient_input": "gradient × input",
    "attention": "attention",
    "random": "random order",
}
_PLURAL = {
    "edge": "edges",
    "neighbour": "neighbours",
    "modality": "modalities",
    "word": "words",
    "region": "image regions",
}


@dataclass(frozen=True, eq=False)
class ShownExplanation:
    """One explained prediction as it is handed to the page.

    Attributes:
        attribution: Scores of its pieces.
        text: The text whose words were scored, "" for none.
        picture: File of the picture whose regions were scored, None for none. It is embedded, without its metadata.
        truth: What was true, None where nobody knows.
        checks: By kind of pieces, insertion minus deletion of this order, and the mean of random orders.
        near: Text and picture of neighbours whose words or regions were scored, by `Piece.of`.
    """

    attribution: Attribution
    text: str = ""
    picture: Path | None = None
    truth: str | None = None
    checks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    near: Mapping[str, tuple[str, Path | None]] = field(default_factory=dict)


def write_explanations(
    shown: Sequence[ShownExplanation],
    out: str | Path,
    *,
    title: str = "Explained predictions",
    faithfulness: Sequence[FaithfulnessReport] = (),
    stability: Mapping[str, BootstrapInterval] | None = None,
    values: Sequence[ModalityValue] = (),
) -> Path:
    """Writes one HTML file that loads nothing from anywhere.

    A picture that cannot be read is said to be so, and its post keeps the rest. Pictures are embedded: whoever may not
    pass them on leaves them out.

    Args:
        shown: The predictions, in the order of the page.
        out: File to write, or a folder for `explanations.html`.
        title: Of the page.
        faithfulness: Of the methods over many examples.
        stability: By kind of pieces, agreement between models of other seeds.
        values: What each modality is worth.

    Returns:
        Path of the page.

    Raises:
        SchemaError: There is nothing to show, or the file cannot be written.
    """
    if not shown:
        raise SchemaError("got no explanation to show, expected at least one")
    page = (
        _environment()
        .get_template("explanations.html")
        .render(
            css=Markup(
                (_HERE / "style.css").read_text(encoding="utf-8") + (_HERE / "explanations.css").read_text("utf-8")
            ),
            title=_clean(title),
            items=[_item(each) for each in shown],
            tables=[_faithfulness(each) for each in faithfulness],
            stability=[(_PLURAL.get(kind, kind), _interval(value)) for kind, value in (stability or {}).items()],
            values=[_value(each) for each in values],
        )
    )
    target = Path(out)
    if target.is_dir():
        target = target / "explanations.html"
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(page.encode("utf-8", errors="replace"))
        os.replace(draft, target)
    except OSError as problem:
        raise SchemaError(f"{target} cannot be written ({problem.strerror or problem})") from problem
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return target


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _item(shown: ShownExplanation) -> dict[str, Any]:
    found = shown.attribution
    by_kind = {kind: found.only(kind) for kind in ("word", "region", "modality", "edge", "neighbour")}  # type: ignore[arg-type]
    contents = {"": (shown.text, shown.picture)} | dict(shown.near)
    return {
        "subject": _clean(found.subject),
        "task": _clean(found.task),
        "output": _clean(found.output),
        "value": f"{found.value:.3f}",
        "method": _METHODS.get(found.method, found.method),
        "as_of": "" if found.as_of is None else show_time(found.as_of),
        "truth": "" if shown.truth is None else _clean(shown.truth),
        "contents": [
            _content(of, text, picture, by_kind["word"], by_kind["region"]) for of, (text, picture) in contents.items()
        ],
        "bars": [
            (_PLURAL[kind], _bars(by_kind[kind].top(_ROWS)), max(0, len(by_kind[kind].pieces) - _ROWS))
            for kind in ("modality", "neighbour", "edge")
            if by_kind[kind].pieces
        ],
        "checks": [
            (_PLURAL.get(kind, kind), f"{ours:+.3f}", f"{chance:+.3f}") for kind, (ours, chance) in shown.checks.items()
        ],
    }


def _strengths(score: np.ndarray) -> np.ndarray:
    """Scores relative to the largest absolute one, 0 where there is none, [piece]."""
    known = np.nan_to_num(score, nan=0.0)
    largest = np.abs(known).max(initial=0.0)
    return known / largest if largest > 0 else np.zeros(len(known))


def _content(of: str, text: str, picture: Path | None, words: Attribution, regions: Attribution) -> dict[str, Any]:
    """Text and picture of one node."""
    shown, reason = _picture(picture)
    return {
        "of": _clean(of),
        "words": _words(text, words, of),
        "picture": shown,
        "reason": reason,
        "cells": _cells(regions, of),
    }


def _words(text: str, found: Attribution, of: str) -> list[dict[str, Any]]:
    """The text in stretches, each a word with its score or what stands between words."""
    text, parts, at = _clean(text), [], 0
    own = [row for row, piece in enumerate(found.pieces) if piece.of == of]
    strength = _strengths(found.score)
    for row in sorted(own, key=lambda row: found.pieces[row].place):
        first, last = found.pieces[row].place
        parts.append({"text": text[at:first], "score": ""})
        parts.append(_stretch(text[first:last], found.score[row], strength[row]))
        at = last
    parts.append({"text": text[at:], "score": ""})
    return [part for part in parts if part["text"]]


def _stretch(text: str, score: float, strength: float) -> dict[str, Any]:
    return {"text": text, "score": f"{score:+.4f}", **_paint(strength)}


def _paint(strength: float) -> dict[str, Any]:
    seen = abs(strength) >= _NOTHING_SEEN
    side = ("up" if strength > 0 else "down") if seen else "none"
    return {"side": side, "percent": round(100 * abs(strength))}


def _cells(found: Attribution, of: str) -> list[dict[str, Any]]:
    """The regions of the first picture, in percent of its sides."""
    strength = _strengths(found.score)
    cells = []
    for piece, score, strong in zip(found.pieces, found.score, strength, strict=True):
        if piece.of != of:
            continue
        if (len(piece.place) == 3 and not piece.what.startswith("picture ")) or piece.what.startswith("picture 1,"):
            row, column, grid = piece.place if len(piece.place) == 3 else (0, 0, 1)
            box = {"left": 100 * column / grid, "top": 100 * row / grid, "side_percent": 100 / grid}
            cells.append(box | {"score": f"{score:+.3f}", "what": piece.what} | _paint(strong))
    return cells


def _bars(found: Attribution) -> list[dict[str, Any]]:
    strength = _strengths(found.score)
    return [
        {"what": _name(piece), "score": f"{score:+.4f}", **_paint(strong)}
        for piece, score, strong in zip(found.pieces, found.score, strength, strict=True)
    ]


def _name(piece: Piece) -> str:
    return _clean(piece.what if len(piece.what) <= 160 else piece.what[:160] + "…")


def _picture(file: Path | None) -> tuple[str, str]:
    """The picture as a data URI, and why there is none."""
    if file is None:
        return "", ""
    try:
        image = read_image(Path(file))
    except DataIntegrityError as problem:
        return "", str(problem)
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}", ""


def _faithfulness(report: FaithfulnessReport) -> dict[str, Any]:
    rows = [
        {
            "method": _METHODS.get(row.method, row.method),
            "cells": [
                _interval(value)
                for value in (row.deletion, row.insertion, row.faithfulness, row.over_random, row.over_attention)
            ],
        }
        for row in report.rows
    ]
    return {
        "task": _clean(report.task),
        "kind": _PLURAL[report.kind],
        "examples": report.examples,
        "left_out": report.left_out,
        "rows": rows,
    }


def _value(found: ModalityValue) -> dict[str, Any]:
    whole, nothing = found.coalitions[frozenset(found.value)], found.coalitions[frozenset()]
    largest = max((abs(each.value) for each in found.value.values()), default=0.0) or 1.0
    return {
        "metric": found.metric.replace("_", " "),
        "flavour": found.flavour,
        "whole": f"{whole:.3f}",
        "nothing": f"{nothing:.3f}",
        "rows": [
            {"what": _clean(name), "interval": _interval(each), **_paint(each.value / largest)}
            for name, each in found.value.items()
        ],
    }


def _interval(found: BootstrapInterval | None) -> str:
    if found is None:
        return ""
    ends = "" if found.interval is None else f" [{found.interval[0]:.3f}, {found.interval[1]:.3f}]"
    return f"{found.value:.3f}{ends}"


def _clean(text: str) -> str:
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
