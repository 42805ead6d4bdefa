"""Takes direct identifiers out of events before anything stores them, by keyed pseudonyms.

What this is: ids of users, posts, media and addresses, handles, and the mentions, links, e-mail addresses and phone
numbers inside texts become pseudonyms, the same in every export that is read with the same key. What this is not:
anonymisation. Pseudonymised data are still personal data (GDPR art. 4(5) and recital 26): the key leads back, free
text may name or describe people, a text or the second of its time can be looked up on the platform, and a profile's
counts and a neighbourhood in a graph can be as telling as a name. Keep the key apart from the data.

What stays as it is: hashtags, which are words (also where the word is somebody's name); communities, apart from those
that are one user's page; languages; counts; and the times of what happened, which everything else is computed from.

What is dropped or made coarser: where users say they live, since few share a value and it points at a place; and the
time at which an account was made, to the day, since to the second it tells nearly every account from all others.

What is not found in a text: a name without a mark, a handle without its `@`, `ann (at) example (dot) org`, an address
without scheme or path under an ending that few use. Where it is unclear how far an identifier goes, more is hidden
rather than less: letters that follow a handle directly go with it, and seven or more digits that stand together are
taken for a phone number unless they are written as a date or a range of years. Texts should be plain: HTML between
the letters of a handle or an address hides it from this module too.
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from graphsocial.store.pseudonyms import Namespace, Pseudonyms

if TYPE_CHECKING:
    from PIL.Image import Image

Treatment = Literal["keep", "drop", "day", "text", "community", "file", "post", "url", "handle", "name"]
"""What happens to a column: `keep` as it is, `drop` (None), `day` (the day's beginning), `text` (identifiers inside are
replaced), `community` (kept, apart from a user's own page), `file` (a file's pseudonymous name), else the namespace of
a pseudonym."""

NODE_IDS: Mapping[str, Namespace | None] = MappingProxyType(
    {"user": "user", "post": "post", "media": "media", "url": "url", "hashtag": None}
)
"""Namespace of a node type's ids; None where they stay, which holds for hashtags alone: they are words."""

NODE_COLUMNS: Mapping[tuple[str, str], Treatment] = MappingProxyType(
    {
        ("post", "text"): "text",
        ("post", "language"): "keep",
        ("post", "community"): "community",
        ("post", "conversation"): "post",  # the id of the post that began it
        ("post", "url"): "url",
        ("user", "handle"): "handle",
        ("user", "name"): "name",
        ("user", "description"): "text",
        # too few people share a value for a pseudonym to hide anything, and one could not be used as a place anyway
        ("user", "location"): "drop",
        ("user", "created"): "day",
        ("media", "kind"): "keep",
        ("media", "address"): "url",
        ("media", "alt"): "text",
        ("media", "path"): "file",
    }
)
"""Treatment by node type and column. In any other column text is treated as text, and numbers and flags stay."""

EDGE_COLUMNS: Mapping[tuple[str, str], Treatment] = MappingProxyType(
    {("repost", "event"): "post"}  # platforms number reposts and posts alike
)
"""Treatment by relation and column, likewise."""

DAY = 86_400
MAX_BYTES = 512 << 20
"""Picture files larger than this are refused unread."""

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded."""

MAX_MOVING_PIXELS = 4 * MAX_PIXELS
"""As much of all frames of a moving picture together."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".webm", ".mov")


class Pseudonymiser:
    """Turns the events of any reader into pseudonymised ones, a record at a time; it remembers nothing.

    Attributes:
        pseudonyms: Gives the pseudonyms, by its key.

    >>> hidden = Pseudonymiser(Pseudonyms(bytes(range(32))))
    >>> hidden.text("hi @Ann, +49 151 2345678")
    'hi @handle_245im2mww53gqi6mipdc, phone_zru5mv4uaxn2sk4bfldg'
    """

    def __init__(self, pseudonyms: Pseudonyms):
        self.pseudonyms = pseudonyms

    def events(self, events: list[Event]) -> list[Event]:
        """The events with pseudonyms in place of identifiers, in the same order; times and types stay.

        Raises:
            EventFormatError: A value has another type than its treatment needs; `field` names the column, and the
                message does not show the value.
        """
        return [self._event(event) for event in events]

    def text(self, text: str) -> str:
        """A text with pseudonyms in place of the identifiers inside it.

        Mentions keep their `@` or `u/`, addresses their `https://` and e-mail addresses the look of one, so that what
        masks them by these marks later on, as the normalisation before text encoders does, still finds them. The part
        after the mark is the pseudonym that the same handle, address, user or post has elsewhere.
        """
        return _in_text(text, self._said)

    def _event(self, event: Event) -> Event:
        if isinstance(event, Skipped):
            return event
        if isinstance(event, EdgeRow):
            source, relation, target = event.type
            values = self._values(event.values, EDGE_COLUMNS, relation)
            return event._replace(src=self._id(source, event.src), dst=self._id(target, event.dst), values=values)
        assert isinstance(event, NodeRow | Measurement)
        return event._replace(
            id=self._id(event.type, event.id), values=self._values(event.values, NODE_COLUMNS, event.type)
        )

    def _id(self, node_type: str, name: str) -> str:
        if node_type not in NODE_IDS:
            raise EventFormatError(f"no pseudonyms are known for ids of node type {node_type!r}", field="id")
        namespace = NODE_IDS[node_type]
        return name if namespace is None else self.pseudonyms.of(namespace, name)

    def _values(
        self, values: Mapping[str, Any], table: Mapping[tuple[str, str], Treatment], kind: str
    ) -> dict[str, Any]:
        return {name: self._value(value, table.get((kind, name)), name) for name, value in values.items()}

    def _value(self, value: Any, treatment: Treatment | None, column: str) -> Any:
        if value is None or treatment == "drop":
            return None
        number = isinstance(value, bool | int | float)
        if treatment == "day" and number and not isinstance(value, bool):
            return value - value % DAY
        if number and treatment in (None, "keep"):
            return value
        if not isinstance(value, str) or treatment == "day":
            wanted = "seconds since 1970-01-01 UTC" if treatment == "day" else "text"
            raise EventFormatError(
                f"got a value of type {type(value).__name__}, expected {wanted} to be pseudonymised", field=column
            )
        if treatment == "keep" or not value.strip():
            return value
        if treatment is None or treatment == "text":
            return self.text(value)
        if treatment == "community":
            return _OWN_PAGE.sub(lambda found: found[1] + self.pseudonyms.of("handle", found[2]), value)
        if treatment == "file":
            return media_name(value, self.pseudonyms)
        return self.pseudonyms.of(treatment, value)  # type: ignore[arg-type]  # all that is left are namespaces

    def _said(self, kind: str, found: str) -> str:
        """What takes the place of an identifier in a text; see `_in_words` for the kinds."""
        if kind == "url":
            return f"https://{self.pseudonyms.of('url', found)}"
        if kind == "email":
            return f"{self.pseudonyms.of('email', found)}@mail.invalid"  # a domain that never exists (RFC 2606)
        if kind == "phone":
            return self.pseudonyms.of("phone", found)
        if kind == "did":
            return self.pseudonyms.of("user", found)
        if kind == "at":
            return self.pseudonyms.of(*_of_at_uri(found))
        mark, name = ("@", found) if kind == "mention" else _USER_MARK.match(found).groups()  # type: ignore[union-attr]
        return mark + self.pseudonyms.of("handle", name.replace("\\", ""))


_OWN_PAGE = re.compile(r"^((?:/?r/)?u[_/])(.+)$", re.IGNORECASE | re.DOTALL)
"""A community that is a user's page, as Reddit names it."""

_USER_MARK = re.compile(r"(/?(?:r/u_|u/|user/))(.+)", re.IGNORECASE | re.DOTALL)

_TRAIL = ".,;:!?…'\"“”„‘’«»‹›()[]{}>*|、。，．！？：；）」』】〉》"
"""Ends a sentence, a quotation or a bracket rather than an address."""

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff"
_REFERENCE = re.compile(r"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})|commat|colon|sol|period|plus);")
_ENDINGS = frozenset(
    "com org net edu gov mil info biz io app dev social blog online site xyz news page link club shop live name ac ai "
    "ar at au be br ca cc ch cl cn co cz de dk ee es eu fi fm fr gg gl gr hk hr hu id ie il in ir is it jp ke kr li lt "
    "lu lv ly me mx my ng nl no nz pe ph pk pl pt ro rs ru se sg sh si sk th tk to tr tv tw ua uk us vn za".split()
)
"""Endings under which a bare name such as `example.org` is an address."""

_AT = "[@＠﹫]"
_TELLTALE = rf"(?:{_AT}|/\S|[.:][^\W_])"
"""What a word has somewhere if anything but digits identifies somebody in it."""

_WORD = re.compile(rf"(?<!\S)\S*?{_TELLTALE}\S*")
_RUN = r"(?:(?!\]\()[^<>\"])"
"""A character of an address, which goes up to a quotation mark, a tag or the middle of a Markdown link."""

_BEYOND = re.compile(rf":?//{_RUN}*")
_BEYOND_DOTS = re.compile(rf":?//{_RUN}*|/(?!{_AT}){_RUN}*|[?#]\w{_RUN}*")
"""What may follow a handle or an e-mail address as if an address began with it; the second is for one with dots."""


@cache
def _in_words(with_at: bool) -> re.Pattern[str]:
    """Finds identifiers in a word that has a telltale; the name of the group is the kind.

    No text takes long: repetitions are bounded, or start at a mark or a word's beginning, or are never taken back.
    """
    marks = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c) in ("Mn", "Mc", "Me"))
    w = rf"\w{marks}{_INVISIBLE}"  # vowel signs of many scripts are marks, which \w leaves out
    name = rf"(?>[-.]{{0,3}}(?:[\w{marks}]|\\_)(?:[{w}]|\\_)*(?:[-.·]+(?:[{w}]|\\_)+)*)"
    edge = rf"(?:(?<![{w}.\-])[.\-]*+|(?<=\.\.))"
    host = rf"{edge}(?:[{w}\-]+\.)+"
    ending = "|".join(sorted(ending if len(ending) == 2 else f"(?i:{ending})" for ending in _ENDINGS))
    top = r"(?:xn--[a-zA-Z0-9\-]{1,60}|[^\W\d_]{2,24})"
    web = "(?i:https?|ftps?)://"
    kinds = {
        "at": rf"(?i:at://){_RUN}+",
        "did": rf"(?i:did):(?>[a-z0-9]+:[{w}.:%\-]+)",
        "url": rf"[a-zA-Z][a-zA-Z0-9+.\-]{{0,30}}://{_RUN}+",
        "pathed": rf"(?:{edge}(?i:www\.)|{host}(?:{top}(?::\d{{1,5}})?/|(?:{ending})(?::\d{{1,5}})?[?#])){_RUN}+",
        "email": rf"[{w}][{w}.!#$%&'*+/=?^`{{|}}~\-]{{0,80}}{_AT}(?>[{w}\-]+(?:\.[{w}\-]+)+)",
        "mention": rf"{_AT}(?!(?i:did):|{web})(?:[{_INVISIBLE}]|<span>)*(?P<handle>{name}(?:{_AT}{name})?)",
        "reddit": rf"(?:(?<!\w)/?(?i:r/u_|u/)|(?i:/u/|/user/))(?!{web})(?>(?:[{w}\-]|\\_){{2,}}(?:\.+[{w}\-]+)*)",
        "domain": rf"{edge}(?>[{w}\-]+(?:\.[{w}\-]+)+)(?!{_AT}|:[a-z0-9]+:|://)",
    }
    if not with_at:
        del kinds["email"], kinds["mention"]
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()))


_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = rf"{_YEAR}(?P<s1>[-./]){_MONTH}(?P=s1){_DAY}|{_DAY}(?P<s2>[-./]){_DAY}(?P=s2){_YEAR}"
_GAP = rf"[ \t\u00a0\u2007\u2009\u202f.\-‐‑‒–—/()·{_INVISIBLE}\u20e3]"
_NUMBERS = re.compile(
    rf"(?P<date>\(?(?<!\d)(?:(?:{_DATE})(?!\d|[-./]\d| \d{{3}})|{_YEAR}[-–/]{_YEAR}(?![-./ ]?\d)))"
    rf"|(?:[+＋]{_GAP}{{0,3}})?(?<!\d)\(?\d(?:{_GAP}{{0,4}}\d){{6,}}"
)
_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6}")


def _in_text(text: str, replaced: Callable[[str, str], str]) -> str:
    """A text with each identifier replaced by what is said for its kind and itself."""
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    parts: list[str] = []
    done = 0
    for start, end, said in _in_each_word(text, replaced):
        parts += (_without_numbers(text[done:start], replaced), said)
        done = end
    parts.append(_without_numbers(text[done:], replaced))
    return "".join(parts)


def _in_each_word(text: str, replaced: Callable[[str, str], str]) -> Iterator[tuple[int, int, str]]:
    """Start and end of what is replaced, and what by."""
    for word in _WORD.finditer(text):
        pattern = _in_words(any(mark in word[0] for mark in _AT[1:-1]))
        done = 0
        while found := pattern.search(word[0], done):
            kind, value = str(found.lastgroup), found[0]
            start, done = found.span()
            if kind in ("at", "did", "url", "pathed", "domain"):
                value = value.lstrip(".-")
                start = done - len(value)
                value = _without_trail(value)
                done = start + len(value)
            if kind == "domain" and not _is_domain(value):
                done = start if start > found.start() else done  # after dots, something else can begin here
                continue
            if kind in ("mention", "reddit", "email", "did"):
                beyond = (_BEYOND_DOTS if "." in value else _BEYOND).match(word[0], done)
                done = beyond.end() if beyond else done
            if kind == "mention":
                value = found["handle"]
            said = replaced("url" if kind in ("pathed", "domain") else kind, value)
            yield word.start() + start, word.start() + done, said


def _is_domain(address: str) -> bool:
    """Whether a name with dots is an address, rather than sentences without a blank between them ("Great.It rains").

    >>> _is_domain("news.example.org"), _is_domain("EXAMPLE.DE"), _is_domain("great.It")
    (True, True, False)
    """
    labels = (address.casefold() if address.isupper() else address).split(".")[1:]
    return any(label in _ENDINGS or (len(label) > 2 and label.casefold() in _ENDINGS) for label in labels)


def _without_numbers(text: str, replaced: Callable[[str, str], str]) -> str:
    if not _SEVEN_DIGITS.search(text):  # most texts have fewer, and this is found out faster
        return text
    return _NUMBERS.sub(lambda found: found[0] if found["date"] else replaced("phone", found[0]), text)


def _without_trail(address: str) -> str:
    """An address without the punctuation after it; a bracket that it opened itself is part of it.

    >>> _without_trail("https://example.org/a_(b)),"), _without_trail("https://example.org/c).")
    ('https://example.org/a_(b)', 'https://example.org/c')
    """
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if (last == ")" and unopened <= 0) or (last not in _TRAIL and unicodedata.category(last) != "Cf"):
            break
        unopened += (last == "(") - (last == ")")
        end -= 1
    return address[:end] or address


def _of_at_uri(uri: str) -> tuple[Namespace, str]:
    """Namespace and value of an address of the AT protocol: a post, whoever it belongs to, or a record of another kind.

    >>> _of_at_uri("at://did:plc:abc/app.bsky.feed.post/3k"), _of_at_uri("at://ann.example")
    (('post', 'at://did:plc:abc/app.bsky.feed.post/3k'), ('handle', 'ann.example'))
    """
    owner, _, rest = uri[len("at://") :].partition("/")
    collection = rest.split("/", 1)[0]
    if collection == "app.bsky.feed.post":
        return "post", uri
    if collection in ("", "app.bsky.actor.profile"):
        return ("user" if owner.startswith("did:") else "handle"), owner
    return "url", uri


_LITERAL = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_GOT = re.compile(rf"\bgot (?:(?:{_LITERAL})(?=$|[\s,.:;)])|.*(?=, expected )|.*)", re.DOTALL)
_UNREADABLE = re.compile(r"\bcannot read .*(?= as a time\b)", re.DOTALL)
_OPENED = re.compile(r"(?<!\w)[bru]{0,2}['\"“„‘«`{\[]")
_CLOSING = "'\"”’»`}]"


def reject_reason(reason: str) -> str:
    """The reason of a reject without values of the record: what was got, what is quoted, and identifiers become `…`.

    Values are recognised by how this library's messages show them. Where it is unclear where one ends, more is hidden.

    >>> reject_reason("got 'Ann, expected', expected a whole number")
    'got …, expected a whole number'
    >>> reject_reason("duplicate id 'u17': the earliest row with it is kept")
    "duplicate id '…': the earliest row with it is kept"
    """
    # a value that is no whole literal goes up to the last place at which the library can have gone on
    reason = _UNREADABLE.sub("cannot read …", _GOT.sub("got …", reason))
    opened = _OPENED.search(reason)
    if opened is not None:
        inside = reason[opened.end() - 1 :]
        closed = max(map(inside.rfind, _CLOSING))
        reason = f"{reason[: opened.end()]}…{inside[closed:] if closed > 0 and _even(inside) else ''}"
    return _in_text(reason, lambda kind, found: "…")


def _even(text: str) -> bool:
    """Whether quotation marks and brackets come in pairs, as they do not where a value was cut off."""
    pairs = all(text.count(a) == text.count(b) for a, b in ("{}", "[]"))
    return pairs and all(text.count(mark) % 2 == 0 for mark in "'\"`")


def media_name(path: str, pseudonyms: Pseudonyms) -> str:
    """What the file of a medium is called once pseudonymised, from its path under the media root; its ending stays.

    >>> media_name("images/ann.JPG", Pseudonyms(bytes(range(32)))).endswith(".jpg")
    True
    """
    suffix = PurePosixPath(path.replace("\\", "/")).suffix.lower()
    return pseudonyms.of("file", path) + (suffix if suffix in _SUFFIXES else "")


def pseudonymise_media(source: Path, target_folder: Path, pseudonyms: Pseudonyms, path: str | None = None) -> Path:
    """Copies a picture under its pseudonymous name, upright, without anything but its pixels; returns where it lies.

    The picture is encoded anew, so EXIF with its place and thumbnail, XMP, IPTC, comments, colour profiles and what
    stands behind its end are gone. JPEG, PNG, WebP and GIF stay what they are, moving ones keep their frames, times
    and number of repetitions. The honest limit: faces, number plates, street signs, writing and watermarks stay, and
    whoever has the original will find it by its looks.

    Args:
        source: The picture.
        target_folder: Where the copy goes; made if it is missing.
        pseudonyms: Gives the name.
        path: Path under the media root by which the data know the picture, as in the column `path` of media; the
            name of `source` if none is given.

    Raises:
        DataIntegrityError: It is no picture of these formats, damaged, too large, or another picture has its name in
            the folder already. The message gives the pseudonymous name, not the source's.
    """
    name = media_name(source.name if path is None else path, pseudonyms)
    encoded = _clean_picture(_content(source, name), name)
    target = target_folder / name
    if target.exists() and target.read_bytes() != encoded:
        raise DataIntegrityError(f"{target} is another picture with the same name; give paths to tell them apart")
    target_folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.{os.getpid()}.part")
    try:
        part.write_bytes(encoded)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _content(source: Path, name: str) -> bytes:
    if not source.is_file():
        raise DataIntegrityError(f"{name}: no such file")
    if source.stat().st_size > MAX_BYTES:
        raise DataIntegrityError(f"{name}: a file of more than {MAX_BYTES >> 20} MiB")
    try:
        return source.read_bytes()
    except OSError as error:
        reason = error.strerror
    raise DataIntegrityError(f"{name}: cannot be read: {reason}")  # outside the handler: its error shows the path


def _clean_picture(data: bytes, name: str) -> bytes:
    """The picture encoded anew from its pixels."""
    from PIL import Image, ImageSequence

    Image.init()
    known = [kind for kind in _FORMATS if kind in Image.OPEN]  # Pillow can be built without some
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=known) as image:
            count = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
            size = image.width * image.height
            if size > MAX_PIXELS or size * count > MAX_MOVING_PIXELS:
                raise DataIntegrityError(f"{name}: {count} x {size / 1e6:,.0f} megapixels are too many")
            kind = "JPEG" if image.format == "MPO" else str(image.format)
            if count > 1:
                _write_moving(image, ImageSequence.Iterator(image), kind, out)
            elif kind == "JPEG":
                _bare(image).save(out, kind, quality=95)
            else:
                _bare(image).save(out, kind)
            return out.getvalue()
    except DataIntegrityError:
        raise
    except Image.DecompressionBombError:
        reason = "too many pixels"
    except Image.UnidentifiedImageError:
        reason = "no picture, expected JPEG, PNG, WebP or GIF"
    except Exception as error:  # decoders meet hostile bytes with nearly every built-in error
        reason = f"a damaged picture ({type(error).__name__})"
    raise DataIntegrityError(f"{name}: {reason}")


def _write_moving(image: Image, frames: Iterable[Image], kind: str, out: io.BytesIO) -> None:
    bare: list[Image] = []
    durations: list[float] = []
    for frame in frames:
        bare.append(_bare(frame))  # decodes it, after which its duration is known
        durations.append(frame.info.get("duration", 0))
    if image.info.get("default_image"):  # what programs show that cannot play a PNG, no frame of it
        bare, durations = bare[1:], durations[1:]
    modes = {frame.mode for frame in bare}
    if len(modes) > 1:  # some frames have clear parts or colours that others lack
        bare = [frame.convert("RGBA" if "RGBA" in modes else "RGB") for frame in bare]
    # a GIF without a number of repetitions plays once, and in the other formats 0 means for ever
    repeats: dict[str, Any] = {"loop": image.info["loop"]} if "loop" in image.info else {}
    later: dict[str, Any] = {"save_all": True, "append_images": bare[1:], "duration": durations, **repeats}
    if kind == "GIF":
        bare[0].save(out, kind, disposal=2, **later)  # frames are whole pictures, so none shows through the next
    else:
        bare[0].save(out, kind, **later)


def _bare(image: Image) -> Image:
    """The picture upright, in a mode that its format holds, and with none of what Pillow carries along with it."""
    from PIL import Image, ImageOps

    image.load()
    upright = image
    with contextlib.suppress(Exception):  # a damaged note about orientation is no reason to lose the picture
        upright = ImageOps.exif_transpose(image)
    if "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        plain = upright.convert("RGBA")
        if (
            plain.getchannel("A").getextrema()[0] == 255
        ):  # nothing is seen through: more of its colours survive in a GIF
            plain = plain.convert("RGB")
    else:
        plain = upright if upright.mode in ("1", "L", "I;16", "RGB") else upright.convert("RGB")
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())
