"""What one source gives to a store: rows, what holds for them, and notes on where they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphsocial.errors import DataIntegrityError
from graphsocial.store.about import About
from graphsocial.store.event_batch import EventBatch


class Delivery(NamedTuple):
    """What one source gives.

    Attributes:
        batch: The rows.
        about: What else holds for them; its schema is that of the batch.
        sources: Notes on what was read, kept with the rows.
        rejects: Notes on what could not be read, likewise.
    """

    batch: EventBatch
    about: About
    sources: Sequence[Mapping[str, Any]] = ()
    rejects: Sequence[Mapping[str, Any]] = ()


def about_all(known: About, deliveries: Sequence[Delivery]) -> About:
    """What holds for the rows that are known and those of some deliveries.

    Raises:
        SchemaError: They describe a column or a relation in two ways.
        DataIntegrityError: Their ids are pseudonyms of different keys.
    """
    last: About | None = None
    for batch, about, *_ in deliveries:
        added = About(batch.schema, about.assumptions, about.media_root, about.pseudonyms)
        if added == last:  # as most files of a folder are
            continue
        if known.schema.nodes and known.pseudonyms != added.pseudonyms:
            raise DataIntegrityError(
                f"the store holds {_whose(known.pseudonyms)}, these events {_whose(added.pseudonyms)}; "
                "expected the same, for else nothing would join"
            )
        known, last = known.joined(added), added
    return known


def _whose(pseudonyms: str) -> str:
    return f"pseudonyms of key {pseudonyms}" if pseudonyms else "the source's own ids"
