"""Fields of ActivityPub objects, in which JSON-LD lets one thing be written in several ways."""

from __future__ import annotations

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.json_fields import Json, count_at, id_at, object_at, objects_at


def reference_at(record: Json, field: str) -> str | None:
    """URI of the one thing that is named, or that stands there itself."""
    value = record.get(field)
    if isinstance(value, list) and len(value) > 1:
        raise EventFormatError(f"got {shown(value)}, expected one address or object", field=field)
    return address_at(record, field)


def address_at(record: Json, field: str) -> str | None:
    """The first of the addresses in a field: text, an object, a link, or, as JSON-LD has it, a list of them."""
    value = record.get(field)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return id_at(value, "id", "href")
    if value is not None and not isinstance(value, str):
        raise EventFormatError(f"got {shown(value)}, expected an address or an object", field=field)
    return (value or "").strip() or None


def required_reference(record: Json, field: str) -> str:
    """As `reference_at`, but raises EventFormatError where there is none."""
    found = reference_at(record, field)
    if found is None:
        raise EventFormatError("missing address", field=field)
    return found


def one_or_more_at(record: Json, field: str) -> list[Json]:
    """A list of objects, which JSON-LD also writes as the object alone."""
    return [object_at(record, field)] if isinstance(record.get(field), dict) else objects_at(record, field)


def total_at(note: Json, field: str) -> int | None:
    """How many things a collection holds, if it stands there."""
    return count_at(object_at(note, field), "totalItems") if isinstance(note.get(field), dict) else None
