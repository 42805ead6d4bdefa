"""An attribution as a value: which piece of the input pushed the output how far, by one method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.explain.evidence import KINDS, Kind
from graphsocial.graph import format_time

Method = Literal["integrated_gradients", "gradient_input", "attention", "deletion", "random"]
METHODS: tuple[Method, ...] = ("integrated_gradients", "gradient_input", "attention", "deletion", "random")


@dataclass(frozen=True)
class Piece:
    """One thing that can be taken from the input.

    Attributes:
        kind: Edge (one row of a relation, into a node that is asked about), neighbour (a node with all its edges into
            those), modality (all of one), word, or image region.
        what: Readable name.
        place: Where it is: a word's first character and the one behind its last; a region's row, column and number of
            cells along each side; empty for other kinds.
        of: Node that a word or a region belongs to, where it is not the one asked about.
    """

    kind: Kind
    what: str
    place: tuple[int, ...] = ()
    of: str = ""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Scores of the pieces of one input.

    Attributes:
        task: Head that answered.
        subject: Readable name of what was asked about.
        output: What was explained, in words, such as "probability of 'glad'".
        value: The output with every piece in place.
        method: How the scores were made.
        pieces: What the rows are.
        score: Positive where a piece pushes the output up; shares, never negative, for attention; nan where the method
            says nothing. float64 [piece].
        as_of: Nothing at or after this time was used, int64 seconds UTC; None where the question has no time.

    >>> pieces = (Piece("word", "sun", (0, 3)), Piece("word", "here", (4, 8)))
    >>> found = Attribution("mood", "post 1", "probability of 'glad'", 0.9, "deletion", pieces, np.array([0.4, -0.1]))
    >>> found
    Attribution of probability of 'glad' = 0.900, mood of post 1, by deletion
      +0.4000  word: sun
      -0.1000  word: here
    >>> found.top(1).pieces[0].what
    'sun'
    """

    task: str
    subject: str
    output: str
    value: float
    method: Method
    pieces: tuple[Piece, ...]
    score: np.ndarray
    as_of: int | None = None

    def __post_init__(self) -> None:
        if np.shape(self.score) != (len(self.pieces),):
            raise SchemaError(f"got scores of shape {np.shape(self.score)} for {len(self.pieces)} pieces")

    def only(self, kind: Kind) -> Attribution:
        """The pieces of one kind.

        Raises:
            SchemaError: There is no such kind.
        """
        return self._take(np.flatnonzero(of_kind(self.pieces, kind)))

    def top(self, count: int) -> Attribution:
        """The pieces of the largest absolute scores, largest first."""
        size = np.nan_to_num(np.abs(self.score), nan=-1.0)
        return self._take(np.argsort(-size, kind="stable")[:count])

    def to_polars(self) -> pl.DataFrame:
        """One row per piece."""
        return pl.DataFrame(
            {
                "kind": [piece.kind for piece in self.pieces],
                "what": [piece.what for piece in self.pieces],
                "of": [piece.of for piece in self.pieces],
                "score": self.score,
                "method": [self.method] * len(self.pieces),
                "as_of": pl.Series([self.as_of] * len(self.pieces), dtype=pl.Int64),
            },
            schema_overrides={"kind": pl.String, "what": pl.String, "of": pl.String, "method": pl.String},
        )

    def to_pandas(self) -> Any:
        """The same as a pandas frame (needs pandas)."""
        return self.to_polars().to_pandas()

    def __repr__(self) -> str:
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        head = f"Attribution of {self.output} = {self.value:.3f}, {self.task} of {self.subject}{when}, by {self.method}"
        shown = self.top(10)
        pairs = zip(shown.pieces, shown.score, strict=True)
        rows = [f"  {score:+.4f}  {_named(piece)}: {piece.what}" for piece, score in pairs]
        more = len(self.pieces) - len(shown.pieces)
        return "\n".join([head, *rows, *([f"  … {more} more"] if more else [])])

    def _take(self, rows: np.ndarray) -> Attribution:
        pieces = tuple(self.pieces[row] for row in rows)
        return Attribution(
            self.task, self.subject, self.output, self.value, self.method, pieces, self.score[rows], self.as_of
        )


def _named(piece: Piece) -> str:
    return f"{piece.kind} of {piece.of}" if piece.of else piece.kind


def of_kind(pieces: tuple[Piece, ...], kind: str) -> np.ndarray:
    """Which pieces are of a kind, bool [piece].

    Raises:
        SchemaError: There is no such kind.
    """
    if kind not in KINDS:
        raise SchemaError(f"unknown kind {kind!r}, expected one of {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
    return np.array([piece.kind == kind for piece in pieces], dtype=bool)
