"""Dates in JSON are held to the years that numbers are held to, whatever their notation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_fields import iso_time_at, mail_time_at, unix_time_at
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.x_v1 import XV1Reader
from graphsocial.ingest.platforms.x_v2 import XV2Reader

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
        (XV2Reader(), X_POST | {"author": {"id": "2"}}, ("author", "created_at")),
        (XV2Reader(), X_POST | {"__twarc": {}}, ("__twarc", "retrieved_at")),
        (MastodonReader(), STATUS, ("created_at",)),
        (MastodonReader(), STATUS, ("edited_at",)),
        (MastodonReader(), STATUS, ("account", "created_at")),
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


def test_the_profile_of_a_post_of_the_first_x_api() -> None:
    user = {"id_str": "9", "created_at": "Thu Jan 01 00:00:00 +0000 1970"}
    post = {"id_str": "1", "created_at": "Wed Mar 09 10:00:00 +0000 2022", "text": "x", "user": user}
    with pytest.raises(EventFormatError, match=r"got 'Thu Jan 01 00:00:00 .* 1970', expected a time between") as found:
        XV1Reader().events(json.dumps(post).encode())
    assert found.value.field == "created_at"
