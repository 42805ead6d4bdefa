"""Keyed pseudonyms: what HMAC says they are, the same everywhere, and a key that only its owner reads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.store.pseudonyms import KEY_BYTES, LONGEST_KEY, Namespace, Pseudonyms, canonical, new_key

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
VALUES: list[tuple[Namespace, str]] = [
    ("user", "11"),
    ("post", "11"),
    ("media", "3_77"),
    ("url", "https://news.example/river"),
    ("handle", "ann"),
    ("name", "Ann Müller"),
    ("email", "ann@mail.example"),
    ("phone", "+4915123456789"),
    ("file", "images/77.jpg"),
]

on_posix = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")


def key_file(folder: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def by_hand(key: bytes, namespace: str, hashed: str) -> str:
    """HMAC-SHA256 written out from its definition, without the hmac module."""
    block = key.ljust(64, b"\0") if len(key) <= 64 else hashlib.sha256(key).digest().ljust(64, b"\0")
    message = b"graphsocial pseudonym 1\0" + namespace.encode() + b"\0" + hashed.encode()
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    return f"{namespace}_{base64.b32encode(outer).decode().lower()[:20]}"


def test_a_pseudonym_is_the_hmac_of_namespace_and_value() -> None:
    message = b"graphsocial pseudonym 1\x00user\x0011"
    digest = hmac.new(KEY, message, hashlib.sha256).digest()
    expected = "user_" + base64.b32encode(digest).decode().lower()[:20]
    assert Pseudonyms(KEY).of("user", "11") == expected == by_hand(KEY, "user", "11")
    assert expected == "user_e4u5clehjdv2cmbowifo"


@pytest.mark.parametrize(("namespace", "value"), VALUES)
def test_every_namespace_has_its_own_pseudonyms(namespace: Namespace, value: str) -> None:
    pseudonyms = Pseudonyms(KEY)
    token = pseudonyms.of(namespace, value)
    assert token == by_hand(KEY, namespace, canonical(namespace, value))
    word, _, code = token.partition("_")
    assert word == namespace
    assert len(code) == 20 and set(code) <= set("abcdefghijklmnopqrstuvwxyz234567")
    same_value = {pseudonyms.of(other, "11").partition("_")[2] for other, _ in VALUES}
    assert len(same_value) == len(VALUES), "one value in two namespaces is two values"


def test_a_namespace_cannot_be_continued_into_the_value() -> None:
    assert by_hand(KEY, "user", "a\0b") == Pseudonyms(KEY).of("user", "a\0b")
    assert Pseudonyms(KEY).of("user", "a\0b") != Pseudonyms(KEY).of("user", "ab")


def test_keys_share_nothing() -> None:
    one, two = Pseudonyms(KEY), Pseudonyms(OTHER)
    tokens = [{p.of(namespace, value).partition("_")[2] for namespace, value in VALUES} for p in (one, two)]
    assert tokens[0].isdisjoint(tokens[1])
    assert one.key_fingerprint != two.key_fingerprint
    assert one.key_fingerprint == Pseudonyms(bytes(KEY)).key_fingerprint


def test_the_fingerprint_is_a_hash_under_another_label_and_shows_nothing_of_the_key() -> None:
    digest = hmac.new(KEY, b"graphsocial key fingerprint 1", hashlib.sha256).hexdigest()
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.key_fingerprint == digest[:32]
    assert repr(pseudonyms) == f"Pseudonyms(key_fingerprint='{digest[:32]}')"
    assert KEY.hex() not in repr(pseudonyms) and repr(KEY) not in repr(pseudonyms)
    assert not hasattr(pseudonyms, "__dict__"), "vars() would show what it holds"


def test_pseudonyms_are_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "import sys; from graphsocial.store.pseudonyms import Pseudonyms\n"
        "p = Pseudonyms.from_file(sys.argv[1])\n"
        "print(p.of('user', '11'), p.of('handle', '@Ann'), p.key_fingerprint)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(key_file(tmp_path))],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = Pseudonyms(KEY)
    assert done.stdout == f"{here.of('user', '11')} {here.of('handle', 'ann')} {here.key_fingerprint}\n"


@pytest.mark.parametrize(
    ("namespace", "value", "hashed"),
    [
        ("handle", "@Ann_B", "ann_b"),
        ("handle", " ann_b ", "ann_b"),
        ("handle", "＠ＡＮＮ_b", "ann_b"),
        ("handle", "@\u2068ann_b\u2069", "ann_b"),
        ("handle", "@@ann_b", "ann_b"),
        ("handle", "Ann@Social.Example", "ann@social.example"),
        ("handle", "STRASSE", "strasse"),
        ("handle", "straße", "strasse"),
        ("handle", "İpek", "i̇pek"),
        ("email", " Ann.B@Mail.Example ", "ann.b@mail.example"),
        ("phone", "+49 (0)151 / 234-5678", "+491512345678"),
        ("phone", "0049 151 2345678", "+491512345678"),
        ("phone", "(0049) 151 2345678", "+491512345678"),
        ("phone", "+٤٩١٥١٢٣٤٥٦٧٨", "+491512345678"),
        ("phone", "＋４９ 151 2345678", "+491512345678"),
        ("phone", "\u202a+49 151 2345678\u202c", "+491512345678"),
        ("phone", "(0151) 2345678", "01512345678"),
        ("phone", "00 49 (0) 151 2345678", "+491512345678"),
        ("phone", "0:0", "+"),
        ("phone", "(555) 123-4567", "5551234567"),
        ("name", "  Ann   Mu\u0308ller\n", "Ann Müller"),
        ("name", "ann müller", "ann müller"),
        ("url", " https://News.example/River ", "https://News.example/River"),
        ("user", "AnN", "AnN"),
        ("post", "t3_Ab", "t3_Ab"),
        ("media", "3_77", "3_77"),
        ("file", "images/Ann.JPG", "images/Ann.JPG"),
    ],
)
def test_two_ways_of_writing_one_thing_are_one_pseudonym(namespace: Namespace, value: str, hashed: str) -> None:
    assert canonical(namespace, value) == hashed
    assert Pseudonyms(KEY).of(namespace, value) == by_hand(KEY, namespace, hashed)


def test_a_national_number_is_not_joined_with_its_international_form() -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.of("phone", "0151 2345678") != pseudonyms.of("phone", "+49 151 2345678")


def test_a_handle_and_an_id_do_not_join() -> None:
    codes = {Pseudonyms(KEY).of(namespace, "ann").partition("_")[2] for namespace in ("handle", "user", "name")}
    assert len(codes) == 3


@given(st.sampled_from(["handle", "email", "phone", "name", "url", "user"]), st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_the_canonical_form_is_its_own_canonical_form(namespace: Namespace, value: str) -> None:
    once = canonical(namespace, value)
    assert canonical(namespace, once) == once
    assert Pseudonyms(KEY).of(namespace, value) == Pseudonyms(KEY).of(namespace, once)


def test_any_string_has_a_pseudonym() -> None:
    assert Pseudonyms(KEY).of("user", "half a pair \ud800").startswith("user_")
    assert Pseudonyms(KEY).of("handle", "").startswith("handle_")


def test_an_unknown_namespace_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SchemaError, match=r"unknown namespace 'handel', expected one of .* Did you mean 'handle'"):
        Pseudonyms(KEY).of("handel", "ann")  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, KEY_BYTES - 1])
def test_a_short_key_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(DataIntegrityError, match=f"has {size} bytes, expected at least 32"):
        Pseudonyms(KEY[:size])
    with pytest.raises(DataIntegrityError, match=f"has {size} bytes, expected 32 to 4,096"):
        Pseudonyms.from_file(key_file(tmp_path, KEY[:size]))


def test_a_key_longer_than_a_block_counts_whole() -> None:
    long = bytes(200)
    assert Pseudonyms(long).of("user", "11") == by_hand(long, "user", "11")
    assert Pseudonyms(long).of("user", "11") != Pseudonyms(bytes(201)).of("user", "11")


def test_a_key_is_read_from_its_file_every_byte_of_it(tmp_path: Path) -> None:
    assert Pseudonyms.from_file(key_file(tmp_path)).key_fingerprint == Pseudonyms(KEY).key_fingerprint
    with_line_feed = Pseudonyms.from_file(str(key_file(tmp_path, KEY + b"\n")))
    assert with_line_feed.key_fingerprint == Pseudonyms(KEY + b"\n").key_fingerprint
    assert with_line_feed.key_fingerprint != Pseudonyms(KEY).key_fingerprint
    assert Pseudonyms.from_file(key_file(tmp_path, bytes(LONGEST_KEY))).of("user", "1")


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataIntegrityError, match="does not exist"):
        Pseudonyms.from_file(tmp_path / "none")
    with pytest.raises(DataIntegrityError, match="is no file"):
        Pseudonyms.from_file(tmp_path)
    with pytest.raises(DataIntegrityError, match="more than 4,096 bytes"):
        Pseudonyms.from_file(key_file(tmp_path, bytes(LONGEST_KEY + 1)))


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o620, 0o610, 0o601])
def test_a_key_that_others_may_use_is_refused_with_the_command_to_run(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path, mode=mode).rename(tmp_path / "my key")
    with pytest.raises(DataIntegrityError) as error:
        Pseudonyms.from_file(path)
    assert f"mode {mode:04o}" in str(error.value)
    command = str(error.value).partition("run: ")[2]
    subprocess.run(command, shell=True, check=True)  # it does what it promises, blanks in the name included
    assert Pseudonyms.from_file(path).key_fingerprint == Pseudonyms(KEY).key_fingerprint


@on_posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_of_its_owner_alone_is_accepted(tmp_path: Path, mode: int) -> None:
    assert Pseudonyms.from_file(key_file(tmp_path, mode=mode)).of("user", "11") == by_hand(KEY, "user", "11")


@on_posix
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataIntegrityError, match="is no file"):
        Pseudonyms.from_file(tmp_path / "pipe")


def test_a_new_key_is_random_and_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        new_key(tmp_path / "one")
        new_key(str(tmp_path / "two"))
    finally:
        os.umask(before)
    keys = [(tmp_path / name).read_bytes() for name in ("one", "two")]
    assert [len(key) for key in keys] == [KEY_BYTES, KEY_BYTES]
    assert keys[0] != keys[1]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert Pseudonyms.from_file(tmp_path / "one").of("user", "11") == by_hand(keys[0], "user", "11")


def test_a_new_key_overwrites_nothing(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    with pytest.raises(DataIntegrityError, match="exists"):
        new_key(path)
    assert path.read_bytes() == KEY
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataIntegrityError, match="exists"):
        new_key(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(DataIntegrityError, match="cannot be written: No such file or directory"):
        new_key(tmp_path / "no folder" / "key")
