from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import TimeWindowError
from graphsocial.graph import format_time, parse_time
from graphsocial.graph.time import EARLIEST, LATEST, NEVER
from graphsocial.schema import UNKNOWN_TIME

STORM = 1351987200  # 2012-11-04 00:00 UTC


@pytest.mark.parametrize(
    "value",
    [
        STORM,
        float(STORM),
        np.int64(STORM),
        np.float64(STORM) + 0.9,
        "2012-11-04",
        "2012-11-04T00:00Z",
        " 2012-11-04 00:00:00 ",
        "2012-11-04T02:00:00+02:00",
        "1351987200",
        "1351987200.0",
        date(2012, 11, 4),
        datetime(2012, 11, 4),
        datetime(2012, 11, 4, 0, 0, 0, 999_999, tzinfo=UTC),
        datetime(2012, 11, 3, 19, tzinfo=timezone(timedelta(hours=-5))),
        np.datetime64("2012-11-04"),
        np.datetime64("2012-11-04T00:00:00.5"),
    ],
)
def test_every_way_to_say_one_moment(value: object) -> None:
    assert parse_time(value) == STORM  # type: ignore[arg-type]
    assert type(parse_time(value)) is int  # type: ignore[arg-type]


def test_times_before_1970_are_legal_and_floored() -> None:
    assert parse_time("1969-12-31T23:59:59Z") == -1
    assert parse_time(-0.5) == -1
    assert parse_time(datetime(1969, 12, 31, 23, 59, 59, 500_000)) == -1
    assert format_time(-1) == "1969-12-31 23:59:59Z"


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2012-13-01", "12:00", "1e9", "٣", "9" * 5000, None, True, float("nan"), float("inf"), [1], b"1",
     np.datetime64("NaT"), object()],
)  # fmt: skip
def test_what_is_no_time_says_so(value: object) -> None:
    with pytest.raises(TimeWindowError, match="expected seconds since 1970-01-01 UTC, an ISO 8601 string"):
        parse_time(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [STORM * 1000, str(STORM * 1000), 2**63 - 1, -(2**63), 10**30])
def test_another_unit_is_noticed(value: object) -> None:
    with pytest.raises(TimeWindowError, match="years 1 to 9999"):
        parse_time(value)  # type: ignore[arg-type]
    with pytest.raises(TimeWindowError, match="milliseconds"):
        parse_time(STORM * 1000)


@given(st.integers(EARLIEST, LATEST))
def test_formatting_and_parsing_are_inverse(time: int) -> None:
    assert parse_time(format_time(time)) == parse_time(time) == time


def test_sentinels_have_names() -> None:
    assert (format_time(UNKNOWN_TIME), format_time(NEVER)) == ("unknown time", "never")
    assert format_time(10**15) == "1000000000000000 s"
