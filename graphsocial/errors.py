"""Every error graphsocial raises on purpose.

GraphSocialError
├─ SchemaError (ValueError)         unknown node/edge type or column, wrong dtype or shape
├─ EventFormatError (ValueError)    unreadable row; carries path, line, field
├─ UnknownNodeError (KeyError)      no such id; suggests close ids
├─ TimeWindowError (ValueError)     start > end, unit mismatch, unparsable time
├─ LeakageError (ValueError)        something at or after as_of would be used
├─ DataIntegrityError               checksum, card or checkpoint does not match
├─ NotFittedError (RuntimeError)    predict before fit or load
├─ JobError (RuntimeError)          a process of a job ended, or ran out of memory
└─ MissingExtraError (ImportError)  names the extra to install
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GraphSocialError(Exception):
    """Root of the tree: `except GraphSocialError` catches everything the library raises on purpose."""

    __str__ = Exception.__str__  # KeyError would show its message in quotes


class SchemaError(GraphSocialError, ValueError):
    """An unknown node type, edge type or column, or a wrong dtype or shape."""


class EventFormatError(GraphSocialError, ValueError):
    """A row that cannot be read.

    Attributes:
        path: File the row is in.
        line: 1-based line number, the header being line 1.
        field: Column that is wrong, None when the whole row is.
    """

    def __init__(self, message: str, path: str | None = None, line: int | None = None, field: str | None = None):
        super().__init__(message)
        self.path, self.line, self.field = path, line, field


class UnknownNodeError(GraphSocialError, KeyError):
    """No node has this id in the view."""


class TimeWindowError(GraphSocialError, ValueError):
    """A time that cannot be parsed, start > end, or a window that reaches past as_of."""


class LeakageError(GraphSocialError, ValueError):
    """Something from at or after as_of would be used."""


class DataIntegrityError(GraphSocialError):
    """A checksum, data card, saved graph or checkpoint does not match its content."""


class NotFittedError(GraphSocialError, RuntimeError):
    """A prediction was asked from something that has not been trained or loaded."""


class JobError(GraphSocialError, RuntimeError):
    """A process that takes part in a job ended, ran out of memory, or does not fit the others."""


class MissingExtraError(GraphSocialError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""


def did_you_mean(got: str, known: Iterable[str]) -> str:
    """Sentence naming the valid value nearest to what was typed, empty when none is near.

    >>> did_you_mean("hashtagg", ["user", "hashtag"])
    " Did you mean 'hashtag'?"
    >>> did_you_mean("zzz", ["user", "hashtag"])
    ''
    """
    near = difflib.get_close_matches(str(got), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
