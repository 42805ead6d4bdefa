"""Keyed pseudonyms: a value gives the same short token under the same key in every export, so that exports merge.

A pseudonym is an HMAC-SHA256 of a namespace and a value. Who has the key can tell whether a pseudonym stands for a
value that they know or guess; who has not cannot, however few values there are. Pseudonyms of one namespace say
nothing of another: the handle and the id of one user are different values with different pseudonyms, so a mention by
handle and a mention by id meet only where the data hold both, as a profile does that gives the id and the handle.

Equal values keep equal tokens, which is the purpose and the limit: how often a value occurs stays visible.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import shlex
import stat
import unicodedata
from pathlib import Path
from typing import Literal, get_args

from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean

Namespace = Literal["user", "post", "media", "url", "handle", "name", "email", "phone", "file"]
"""What a value is; the first word of its pseudonym."""

KEY_BYTES = 32
"""Bytes of a new key, and the fewest of any."""

LONGEST_KEY = 4096
"""Bytes beyond which a file is something else than a key, given by mistake."""

_NAMESPACES: tuple[str, ...] = get_args(Namespace)
_PSEUDONYM, _FINGERPRINT = b"graphsocial pseudonym 1", b"graphsocial key fingerprint 1"
_CHARACTERS = 20  # of base32: 100 bits, so a billion values meet by chance once in a million millions of stores
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")


class Pseudonyms:
    """Pseudonyms under one key; the key is never shown.

    >>> pseudonyms = Pseudonyms(bytes(range(32)))
    >>> pseudonyms.of("handle", "@Ann") == pseudonyms.of("handle", "ann")
    True
    >>> pseudonyms.of("handle", "ann") == pseudonyms.of("user", "ann")
    False
    """

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes):
        """Takes the key material.

        Raises:
            DataIntegrityError: It is shorter than `KEY_BYTES`.
        """
        if len(key) < KEY_BYTES:
            raise DataIntegrityError(f"the key has {len(key)} bytes, expected at least {KEY_BYTES}")
        self._keyed = hmac.new(key, digestmod="sha256")  # copied for each value, which is faster than the key anew

    @classmethod
    def from_file(cls, path: str | Path) -> Pseudonyms:
        """The pseudonyms of a key file; all of its bytes are the key, a line feed at its end included.

        Raises:
            DataIntegrityError: There is no such file, others than its owner may use it, or it is no key by its length.
        """
        path = Path(path)
        if not path.is_file():  # asked first: opening a pipe would wait for somebody to write into it
            what = "is no file" if path.exists() else "does not exist"
            raise DataIntegrityError(f"the key file {path} {what}; `graphsocial key` makes one")
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                key = file.read(LONGEST_KEY + 1)
        except OSError as error:
            raise DataIntegrityError(f"the key file {path} cannot be read: {error.strerror}") from error
        if os.name == "posix" and mode & 0o077:
            raise DataIntegrityError(
                f"the key file {path} is open to others than its owner (mode {mode:04o}), "
                f"which makes its pseudonyms no secret; run: chmod 600 {shlex.quote(str(path))}"
            )
        if not KEY_BYTES <= len(key) <= LONGEST_KEY:
            size = f"{len(key)} bytes" if len(key) <= LONGEST_KEY else f"more than {LONGEST_KEY:,} bytes"
            raise DataIntegrityError(f"the key file {path} has {size}, expected {KEY_BYTES} to {LONGEST_KEY:,}")
        return cls(key)

    def of(self, namespace: Namespace, value: str) -> str:
        """The pseudonym of a value: its namespace, `_`, 20 letters and digits; values equal by `canonical` share it.

        Raises:
            SchemaError: There is no such namespace.
        """
        text = canonical(namespace, value).encode("utf-8", errors="surrogatepass")
        digest = self._digest(b"\0".join((_PSEUDONYM, namespace.encode(), text)))
        return f"{namespace}_{base64.b32encode(digest[:15]).decode().lower()[:_CHARACTERS]}"

    @property
    def key_fingerprint(self) -> str:
        """Tells keys apart without giving anything of them away: 32 hex digits, kept beside pseudonymised data."""
        return self._digest(_FINGERPRINT).hex()[:32]

    def _digest(self, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.digest()

    def __repr__(self) -> str:
        return f"Pseudonyms(key_fingerprint={self.key_fingerprint!r})"


def canonical(namespace: Namespace, value: str) -> str:
    """What is hashed for a value, so that two ways of writing one thing are one pseudonym.

    Handles and e-mail addresses lose their case, width variants and invisible characters, handles their leading `@`;
    phone numbers keep their digits and a leading `+`, which `00` counts as; names lose needless blanks. A national
    phone number stays another value than the same number with its country's code. Everything else is taken as it
    stands: ids and addresses that differ in a letter are different.

    Raises:
        SchemaError: There is no such namespace.

    >>> canonical("handle", " @Ann_B"), canonical("phone", "0049 (0)151 / 234-5678")
    ('ann_b', '+491512345678')
    """
    if namespace not in _NAMESPACES:
        near = did_you_mean(namespace, _NAMESPACES)
        raise SchemaError(f"unknown namespace {namespace!r}, expected one of {', '.join(_NAMESPACES)}.{near}")
    if namespace in ("handle", "email"):
        plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()
        # a second time, since folding a letter's case can leave it decomposed
        folded = unicodedata.normalize("NFKC", plain.casefold())
        return folded.lstrip("@").strip() if namespace == "handle" else folded
    if namespace == "phone":
        return _dialled(value)
    if namespace == "name":
        return " ".join(unicodedata.normalize("NFC", value).split())
    return value.strip()


def _dialled(value: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).lstrip("( \t")
    plain = "".join(str(int(character)) if character.isdecimal() else character for character in plain)
    if not plain.startswith("+") and _digits(plain).startswith("00"):
        plain = f"+{re.sub('[0-9]', '', plain, count=2)}"
    return f"+{_digits(_TRUNK_ZERO.sub('', plain))}" if plain.startswith("+") else _digits(plain)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def new_key(path: str | Path) -> None:
    """Writes a key file of random bytes that only its owner may read; keep it, without it no later export will merge.

    Raises:
        DataIntegrityError: Something stands there already, which is left alone, or the file cannot be written.
    """
    path = Path(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise DataIntegrityError(f"{path} exists, and a key that is overwritten is lost; name another file") from error
    except OSError as error:
        raise DataIntegrityError(f"the key file {path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DataIntegrityError(f"the key file {path} cannot be written: {error.strerror}") from error
