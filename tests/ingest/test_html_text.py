"""HTML of posts: what is said, where it leads, and that no markup takes long or breaks anything."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.html_text import HtmlLink, html_text, unescaped


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("just words", "just words"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<p>one<br>two<br/>three<br />four</p>", "one\ntwo\nthree\nfour"),
        ("one<br><br>three", "one\n\nthree"),
        ("<p>one<br></p><p>two</p>", "one\ntwo"),
        ("<p>one</p>\n<p>two</p>\n", "one\ntwo"),
        ("<p>one \n  two\t three</p>", "one two three"),
        ("<p>one <b> two</b></p>", "one two"),
        ("<p>one <br> two</p>", "one\ntwo"),
        ("a<b>b</b>c", "abc"),
        ("<ul><li>one</li><li>two</li></ul>three", "one\ntwo\nthree"),
        ("<blockquote><p>one</p></blockquote><p>two</p>", "one\ntwo"),
        ("<h1>one</h1>two<hr>three", "one\ntwo\nthree"),
        ("<pre>a\n  b</pre>c  d", "a\n  b\nc d"),
        ("&lt;p&gt; &amp;amp; &quot;x&#39; &#x1F30A; &eacute;", "<p> &amp; \"x' 🌊 é"),
        ("a&nbsp;&nbsp;b", "a\xa0\xa0b"),
        ("fish &amp chips", "fish & chips"),
        ("3 < 4 & 5 > 4 <3", "3 < 4 & 5 > 4 <3"),
        ("<p>cut off <a href='x", "cut off <a href='x"),
        ("x<script>alert('<p>no</p>')</script>y<style>p{}</style>z", "xyz"),
        ("a<!-- hidden -->b<!DOCTYPE html>c<?php d?>e", "abce"),
        ("<p>one</p></p></pre></script><p>two", "one\ntwo"),
        ("<P>one<BR>two</P>", "one\ntwo"),
        (
            '<a href="https://long.example/a"><span class="invisible">https://</span>'
            '<span class="ellipsis">long.example</span><span class="invisible">/a</span></a>',
            "https://long.example/a",
        ),
    ],
)
def test_the_words_are_what_a_reader_would_see(markup: str, text: str) -> None:
    assert html_text(markup).text == text


def test_of_a_text_with_escapes_only_these_are_undone_and_once() -> None:
    assert unescaped("1 &lt; 2 &amp;&amp; 3 &gt; 2") == "1 < 2 && 3 > 2"
    assert unescaped("&amp;lt; &amp;amp; &quot; &#60; <b>&nbsp;") == "&lt; &amp; &quot; &#60; <b>&nbsp;"
    assert unescaped("") == ""


def test_links_keep_their_order_and_their_marks() -> None:
    found = html_text(
        '<p><a href="https://a.example/?x=1&amp;y=2" class="u-url Mention" rel="tag nofollow">a</a> '
        "<a href='https://b.example'>b</a> <a name=c>c</a> <a href>d</a> <a href=' '>e</a> "
        '<a href="https://a.example/?x=1&amp;y=2">again</a></p>'
    )
    assert found.links == (
        HtmlLink("https://a.example/?x=1&y=2", frozenset({"u-url", "mention", "tag", "nofollow"})),
        HtmlLink("https://b.example", frozenset()),
        HtmlLink("https://a.example/?x=1&y=2", frozenset()),
    )
    assert found.text == "a b c d e again"


def test_a_reference_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(EventFormatError, match="cannot be read as HTML"):
        html_text(f"<p>&#{'1' * 5000};</p>")


@pytest.mark.parametrize("piece", ["<a ", "<a", "<!--", "<!", "<![x", "</", "<?", "<a b='", "<a b='>", "&#", "<p>"])
def test_hostile_markup_takes_no_longer_than_other_markup(piece: str) -> None:
    began = time.process_time()
    html_text(piece * 20_000)  # where Python's parser alone needs minutes for the first of them
    assert time.process_time() - began < 5


def test_a_very_long_tag_takes_no_longer_either() -> None:
    began = time.process_time()
    for filling in (" ", "/", "=", "'", '"', "b ", "b='", "\n/"):
        html_text(f"<a{filling * 20_000}>")
    assert time.process_time() - began < 5


MARKUP = "< > </ <! <![ <![CDATA[ ]]> <!-- --> <? & &# &#x &amp; ; \" ' = a p /p br /script script pre href".split()
PIECES = st.sampled_from([*MARKUP, " ", "\n"])


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_gives_text(markup: str) -> None:
    found = html_text(markup)
    assert found.text == found.text.strip()


@given(st.text(alphabet=st.characters(blacklist_characters="<>&", blacklist_categories=["Cc", "Cs", "Z"])))
def test_words_without_markup_pass_unchanged(words: str) -> None:
    assert html_text(words) == (words, ())
    assert html_text(f"<p>{words}</p>") == (words, ())
