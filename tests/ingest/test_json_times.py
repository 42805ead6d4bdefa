"""Dates in JSON are held to the years that numbers are held to, whatever their notation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_fields import iso_time_at, mail_time_at, unix_time_at
from graphsocial.ingest.platforms.four_cat import FourCatReader
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.x_v1 import XV1Reader
from graphsocial.ingest.platforms.x_v2 import XV2Reader
from graphsocial.store.events import Measurement, NodeRow, Skipped

X_POST = {"id": "1", "author_id": "2", "created_at": "2022-03-09T10:00:00Z", "text": "x"}
STATUS = {"id": "1", "created_at": "2022-03-09T10:00:00Z", "content": "x", "account": {"id": "9", "acct": "nine"}}
FOLLOW = {"type": "Follow", "actor": "https://a.example/u", "object": "https://a.example/v"}
FIRST, LAST = 631_152_000, 4_102_444_799
"""1990-01-01T00:00:00Z and 2099-12-31T23:59:59Z."""


@pytest.mark.parametrize(
    ("notation", "first", "before", "last", "after"),
    [
        (iso_time_at, "1990-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "2099-12-31T23:59:59.9Z", "2100-01-01T00:00:00Z"),
        (iso_time_at, "1990-01-01 01:00+01:00", "1990-01-01 00:59+01:00", "20991231T235959Z", "2100-01-01"),
        (
            mail_time_at,
            "Mon Jan 01 00:00:00 +0000 1990",
            "Sun Dec 31 23:59:59 +0000 1989",
            "Thu Dec 31 23:59:59 +0000 2099",
            "Fri Jan 01 00:00:00 +0000 2100",
        ),
        (unix_time_at, FIRST, FIRST - 1, LAST, LAST + 1),
    ],
)
def test_the_years_are_1990_to_2100(notation: Any, first: Any, before: Any, last: Any, after: Any) -> None:
    assert FIRST <= notation({"at": first}, "at") <= FIRST + 60 and notation({"at": last}, "at") == LAST
    for wrong in (before, after):
        with pytest.raises(EventFormatError, match="between 1990 and 2100") as found:
            notation({"at": wrong}, "at")
        assert found.value.field == "at" and str(wrong) in str(found.value)


@pytest.mark.parametrize("year", ["0001", "1969", "1989", "2100", "9998"])
@pytest.mark.parametrize(
    ("reader", "record", "path"),
    [
        (XV2Reader(), X_POST, ("created_at",)),
        (XV2Reader(), X_POST | {"__twarc": {}}, ("__twarc", "retrieved_at")),
        (MastodonReader(), STATUS, ("created_at",)),
        (MastodonReader(), STATUS, ("edited_at",)),
        (MastodonReader(), FOLLOW, ("published",)),
    ],
)
def test_no_field_of_an_export_escapes(reader: Any, record: dict[str, Any], path: tuple[str, ...], year: str) -> None:
    changed = json.loads(json.dumps(record))
    assert reader.events(json.dumps(changed).encode())
    place = changed if len(path) == 1 else changed[path[0]]
    place[path[-1]] = f"{year}-06-01T00:00:00Z"
    with pytest.raises(EventFormatError, match=f"got '{year}-06-01T00:00:00Z', expected a time between 1990") as found:
        reader.events(json.dumps(changed).encode())
    assert found.value.field == path[-1]


V1_POST = {"id_str": "1", "created_at": "Wed Mar 09 10:00:00 +0000 2022", "text": "x", "user": {"id_str": "9"}}
ITEM = {"id": "1", "thread_id": "1", "body": "x", "timestamp": "2022-03-09 10:00:00", "author": "ann"}
ISO = ("1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9998-06-01T00:00:00Z")
MAIL = ("Thu Jan 01 00:00:00 +0000 1970", "Sun Dec 31 23:59:59 +0000 1989", "Fri Jan 01 00:00:00 +0000 2100")


@pytest.mark.parametrize(
    ("reader", "record", "profile", "field", "outside", "inside", "date"),
    [
        (XV2Reader(), X_POST | {"author": {"id": "2"}}, "author", "created_at", ISO, "1990-01-01T00:00:00Z", FIRST),
        (MastodonReader(), STATUS, "account", "created_at", ISO, "2099-12-31T23:59:59Z", LAST),
        (FourCatReader(), ITEM, None, "author_created_at", ISO, "1990-01-01T00:00:00Z", FIRST),
        (XV1Reader(), V1_POST, "user", "created_at", MAIL, "Mon Jan 01 00:00:00 +0000 1990", FIRST),
    ],
)
def test_an_impossible_date_of_an_account_costs_the_date_and_not_the_post(
    reader: Any, record: dict[str, Any], profile: str | None, field: str, outside: Any, inside: str, date: int
) -> None:
    def said(value: str) -> tuple[list[Any], list[Any], list[Any]]:
        changed = json.loads(json.dumps(record))
        (changed if profile is None else changed[profile])[field] = value
        events = reader.events(changed if isinstance(reader, FourCatReader) else json.dumps(changed).encode())
        left_out = [event.what for event in events if isinstance(event, Skipped)]
        dates = [e.values["created"] for e in events if isinstance(e, Measurement) and e.type == "user"]
        return [e.id for e in events if isinstance(e, NodeRow) and e.type == "post"], left_out, dates

    assert said(inside) == (["1"], [], [date])
    for value in outside:
        posts, left_out, dates = said(value)
        assert posts == ["1"] and left_out == ["dates outside 1990 to 2100 at which accounts were made"], value
        assert dates in ([], [None]), value
    with pytest.raises(EventFormatError) as found:
        said("soon")
    assert found.value.field == field, "what is no date at all is a record that is damaged"
