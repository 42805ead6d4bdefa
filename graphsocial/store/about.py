"""What holds for all rows of a store: schema, assumptions, where media lie, and whose pseudonyms its ids are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from graphsocial.errors import DataIntegrityError
from graphsocial.schema import Schema
from graphsocial.store.schema_union import schema_union


@dataclass(frozen=True)
class About:
    """What holds for all rows of a store.

    Attributes:
        schema: Types and columns.
        assumptions: Sentences to list in every report.
        media_root: Folder that the `path` column of media is relative to, itself relative to the store.
        pseudonyms: Fingerprint of the key with which ids were replaced, empty where they are the source's own.
    """

    schema: Schema = field(default_factory=lambda: Schema({}, {}))
    assumptions: tuple[str, ...] = ()
    media_root: str | None = None
    pseudonyms: str = ""

    def joined(self, other: About) -> About:
        """What holds for both; raises SchemaError where they describe a column or a relation in two ways."""
        return About(
            schema_union(self.schema, other.schema),
            tuple(dict.fromkeys((*self.assumptions, *other.assumptions))),
            other.media_root if other.media_root is not None else self.media_root,
            other.pseudonyms or self.pseudonyms,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return asdict(self) | {"schema": self.schema.to_json()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> About:
        """Inverse of `to_json`; raises DataIntegrityError when something is missing."""
        try:
            schema = Schema.from_json(raw["schema"])
            return cls(schema, tuple(raw["assumptions"]), raw["media_root"], raw["pseudonyms"])
        except (KeyError, TypeError) as error:
            raise DataIntegrityError(f"a note on the schema is damaged: {error!r}") from error
