"""Which Java would run Spark, told before Spark is started and fails far from the reason."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import NamedTuple

from graphsocial.errors import MissingExtraError

LEAST_JAVA = 17
"""Oldest Java that Spark 4 runs on."""

_SECONDS = 60.0


class Java(NamedTuple):
    """A Java that was found.

    Attributes:
        path: The program.
        version: Its major version, such as 17.
    """

    path: str
    version: int


def check_java(least: int = LEAST_JAVA) -> Java:
    """The Java that Spark will take: that of JAVA_HOME where it is set, else the first on the PATH.

    Args:
        least: Oldest version that will do.

    Raises:
        MissingExtraError: There is none, it does not run, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    path = shutil.which(os.path.join(home, "bin", "java")) if home else shutil.which("java")
    wanted = f"expected Java {least} or newer (such as OpenJDK {least}); install it, or point JAVA_HOME to it"
    if path is None:
        where = f"JAVA_HOME={home} has no bin/java" if home else "there is no java on the PATH"
        raise MissingExtraError(f"Spark needs Java: {where}, {wanted}")
    try:
        told = subprocess.run([path, "-version"], capture_output=True, text=True, errors="replace", timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingExtraError(f"Spark needs Java: {path} does not run ({error}), {wanted}") from error
    version = java_version(told.stderr + told.stdout)
    if version is None:
        said = (told.stderr + told.stdout).strip().splitlines()
        raise MissingExtraError(f"Spark needs Java: {path} does not tell its version, got {said[:1]}, {wanted}")
    if version < least:
        raise MissingExtraError(f"Spark needs a newer Java: {path} is Java {version}, {wanted}")
    return Java(path, version)


def java_version(said: str) -> int | None:
    """Major version in what `java -version` says, None where there is none.

    >>> java_version('openjdk version "17.0.15" 2025-04-15'), java_version('java version "1.8.0_402"')
    (17, 8)
    >>> java_version("Segmentation fault") is None
    True
    """
    found = re.search(r'version "(\d+)(?:\.(\d+))?', said)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2] or 0)
    return second if first == 1 else first  # Java 8 and older call themselves 1.8
