import time

import pytest

from graphsocial.embed import TextNormalisation, normalise_text


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("@u17845  hurricane!!! <url>", "<user> hurricane!!! <url>"),
        ("RT @u18313: hi", "RT <user>: hi"),
        ("RT@u18313 “@u18267: .@u5 via@u7_x", "RT<user> “<user>: .<user> via<user>"),
        ("@gargron@mastodon.social and @name.bsky.social.", "<user> and <user>."),
        ("write to bob.smith@example.org", "write to <user>"),
        ("\u200f@\u200eu17845 مرحبا", "\u200f<user> مرحبا"),
        ("&lt;3 &amp;amp; &#64;u17845", "<3 & <user>"),
        ("see https://t.co/AbC123?x=1, www.example.org/a and http://t.cn/zl2好看", "see <url> <url> and <url>好看"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\x00b\ud800c\n\n d\u00a0e", "abc d e"),
        ("👩‍👩‍👧 🌊 👍🏽", "👩‍👩‍👧 🌊 👍🏽"),
        ("洪水来了，快跑！", "洪水来了，快跑！"),
        ("  \n ", ""),
    ],
)
def test_examples(raw, read):
    assert normalise_text(raw) == read


def test_idempotent_on_examples():
    once = normalise_text("RT @u1: caf\u00e9 😂 http://a.bc/d @x@y.z")
    assert normalise_text(once) == once


@pytest.mark.parametrize("text", ["word " * 20_000, "@" * 100_000, "@a" * 50_000, "a." * 50_000, "&amp;" * 20_000])
def test_long_text_is_cut_and_quick(text):
    began = time.perf_counter()
    assert len(normalise_text(text)) <= 4096
    assert time.perf_counter() - began < 5


def test_hash_names_the_rule():
    assert TextNormalisation().hash == TextNormalisation().hash
    assert (
        len({TextNormalisation().hash, TextNormalisation(max_characters=100).hash, TextNormalisation("NFKC").hash}) == 3
    )
    assert "<user>" in TextNormalisation().description
