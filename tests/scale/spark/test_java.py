"""Which Java is found, and what is said where it will not do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from graphsocial.errors import MissingExtraError
from graphsocial.scale.spark.java import check_java


def fake_java(home: Path, said: str, status: int = 0) -> None:
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {status}\n", encoding="utf-8")
    program.chmod(0o755)


def test_the_java_of_java_home_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, 'openjdk version "21.0.1" 2023-10-17')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert check_java() == (str(tmp_path / "bin" / "java"), 21)


def test_the_first_java_on_the_path_is_taken_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, 'openjdk version "17" 2021-09-14')
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    assert check_java().version == 17


@pytest.mark.parametrize("said", ['java version "1.8.0_402"', 'openjdk version "11.0.2" 2019-01-15'])
def test_an_old_java_is_named_with_what_is_expected(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, said)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"is Java (8|11), expected Java 17 or newer"):
        check_java()


def test_no_java_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtraError, match="no java on the PATH, expected Java 17"):
        check_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(MissingExtraError, match="gone has no bin/java, expected Java 17"):
        check_java()


def test_a_java_that_tells_no_version_or_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, "Error occurred during initialization of VM", status=1)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"does not tell its version, got \['Error occurred"):
        check_java()

    def hang(*given: object, **named: object) -> None:
        raise subprocess.TimeoutExpired("java", 60)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(MissingExtraError, match="does not run"):
        check_java()
