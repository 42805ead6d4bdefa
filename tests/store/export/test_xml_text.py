from __future__ import annotations

from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

from hypothesis import example, given
from hypothesis import strategies as st

from graphsocial.store.export.xml_text import plain_text, xml_text

PIECES = st.sampled_from(
    ["_", "x", "_x", "0041", "005F", "_x0000_", "\x00", "\x01", "\ufffe", "\uffff", "\t", "A", "é"]
)


@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.lists(PIECES, max_size=8).map("".join)))
@example("_x005F\x01")
@example("\x01x0041_")
@example("_x_x0041_")
def test_every_text_comes_back_and_xml_can_hold_it(text: str) -> None:
    legal = xml_text(text)
    assert plain_text(legal) == text
    assert (fromstring(f"<a>{escape(legal, {chr(13): '&#13;'})}</a>").text or "") == legal


def test_texts_without_forbidden_characters_stay_as_they_are() -> None:
    for text in ("plain", "snake_xray", "a_x12_b", "_x0041", "émoji 🌊\n"):
        assert xml_text(text) == text


def test_only_what_is_written_as_an_escape_is_read_as_one() -> None:
    for text in ("_xD800_", "_x0041_", "_x000A_", "_x001f_", "_x00_"):  # the first would be half a surrogate pair
        assert plain_text(text) == text
