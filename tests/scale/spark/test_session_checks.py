"""What is said before Spark is started: these need neither Spark nor Java."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from graphsocial.errors import DataIntegrityError, GraphSocialError, MissingExtraError, SchemaError
from graphsocial.scale.spark import java, open_session, session
from graphsocial.scale.spark.plain_errors import plain_error
from graphsocial.scale.spark.session import check_session


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"master": "localhost"}, "got master 'localhost', expected local"),
        ({"master": "local[x]"}, "expected local"),
        ({"memory": "2"}, "got memory '2', expected a number with its unit"),
        ({"partitions": 0}, "got partitions=0"),
        ({"partitions": True}, "got partitions=True"),
    ],
)
def test_what_spark_would_not_take(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        open_session(**given)


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setattr(session, "check_java", lambda: java.Java("java", 17))
    with pytest.raises(MissingExtraError, match=r"pip install 'graphsocial\[spark\]'"):
        open_session()
    with pytest.raises(MissingExtraError, match=r"pip install 'graphsocial\[spark\]'"):
        check_session(object())


def test_something_else_than_a_session() -> None:
    pytest.importorskip("pyspark")
    with pytest.raises(SchemaError, match=r"got a str, expected a pyspark\.sql\.SparkSession"):
        check_session("local[2]")


def test_what_a_worker_raised_keeps_its_class() -> None:
    said = "PythonException: Traceback\n  File x\ngraphsocial.errors.DataIntegrityError: part 3 is damaged\n\tat x"
    found = plain_error("ingest", said)
    assert type(found) is DataIntegrityError
    assert str(found) == "ingest on Spark: part 3 is damaged"


def test_a_worker_without_the_package_is_told_apart() -> None:
    found = plain_error("ingest", "x\nModuleNotFoundError: No module named 'graphsocial'\n\tat java")
    assert type(found) is DataIntegrityError
    assert "No module named 'graphsocial'" in str(found)
    assert "every worker" in str(found)


def test_other_failures_are_one_line() -> None:
    found = plain_error("ingest", "An error occurred\njava.lang.OutOfMemoryError: Java heap space\n\tat java.util")
    assert type(found) is GraphSocialError
    assert str(found) == "ingest on Spark failed: java.lang.OutOfMemoryError: Java heap space"
    assert str(plain_error("ingest", "")) == "ingest on Spark failed: no reason given"
