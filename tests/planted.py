"""Small worlds with one planted truth each, and the same worlds with the truth taken out.

Events run from `BEGIN` to `END`; what is learned before `VALID` is selected before `TEST` and holds after it too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.learn import TemporalSplit
from graphsocial.schema import Column, EdgeType, Schema

HOUR = 3600
DAY = 24 * HOUR
BEGIN = 1_350_000_000 // DAY * DAY
END = BEGIN + 10 * DAY
VALID, TEST = BEGIN + 6 * DAY, BEGIN + 7 * DAY
SPLIT = TemporalSplit(valid=VALID, test=TEST)

AUTHOR: EdgeType = ("user", "author", "post")
SHARE: EdgeType = ("user", "repost", "post")
LIKE: EdgeType = ("user", "like", "post")
TAG: EdgeType = ("post", "tag", "hashtag")
SHOW: EdgeType = ("post", "show", "media")
MENTION: EdgeType = ("user", "mention", "user")
REPLY: EdgeType = ("user", "reply", "user")
REPOST: EdgeType = ("user", "repost", "user")
ANSWER: EdgeType = ("post", "reply", "post")
QUOTE: EdgeType = ("user", "quote", "user")

Edges = dict[EdgeType, list[tuple[str, str, int]]]

_COLUMNS = {
    "user": {},
    "post": {"text": Column("string"), "mood": Column("string"), "retweets": Column("int")},
    "hashtag": {},
    "media": {"path": Column("string")},
}
_ARROW = {"string": pa.string(), "int": pa.int64()}


def sentiment_world(rng: int, permuted: bool = False, posts: int = 500) -> SocialGraph:
    """One of two moods decides one word of each post; `permuted` deals the texts out anew."""
    draw = np.random.default_rng(rng)
    happy = draw.random(posts) < 0.5
    words = {True: ("glad", "sunny", "great"), False: ("sad", "rainy", "awful")}
    texts = [_among_noise(draw, str(draw.choice(words[bool(h)]))) for h in happy]
    rows = _posts(draw, _dealt_anew(draw, texts, permuted), mood=["happy" if h else "sad" for h in happy])
    return _graph({"post": rows}, {})


def popularity_world(rng: int, permuted: bool = False, posts: int = 500) -> SocialGraph:
    """One word of three decides how often a post is reposted: about 2, 12 or 80 times."""
    draw = np.random.default_rng(rng)
    kind = draw.integers(0, 3, posts)
    counts = draw.poisson(np.array([2, 12, 80])[kind])
    texts = [_among_noise(draw, ("minutes", "update", "breaking")[k]) for k in kind]
    return _graph({"post": _posts(draw, _dealt_anew(draw, texts, permuted), retweets=counts.tolist())}, {})


def following_world(rng: int, permuted: bool = False, users: int = 30, posts: int = 700) -> SocialGraph:
    """Authors differ in how often they are reposted, about 1, 6 or 36 times, and nothing else tells them apart.

    The count of a post is what its author's earlier posts earned, give or take chance; reposts are events within half
    an hour, so whoever reads the past knows. `permuted` deals the counts out anew, reposts and all.
    """
    draw = np.random.default_rng(rng)
    author = draw.integers(0, users, posts)
    counts = draw.poisson(np.array([1, 6, 36])[author % 3])
    counts = draw.permutation(counts) if permuted else counts
    rows = _posts(draw, [_noise(draw) for _ in range(posts)], retweets=counts.tolist())
    edges: Edges = {AUTHOR: [], REPOST: []}
    for row, one, count in zip(rows, author.tolist(), counts.tolist(), strict=True):
        edges[AUTHOR].append((f"u{one:02d}", row["id"], row["known_at"]))
        for time in (row["known_at"] + draw.integers(1, HOUR // 2, count)).tolist():
            edges[REPOST].append((f"fan{draw.integers(users)}", f"u{one:02d}", time))
    return _graph({"user": _nodes("u", users), "post": rows}, edges)


def answer_world(rng: int, permuted: bool = False, answers: int = 500, pictures: int = 8) -> SocialGraph:
    """Posts without a picture answer posts with one, whose kind decides the mood of the answer; words say nothing.

    `permuted` deals the pictures out anew.
    """
    draw = np.random.default_rng(rng)
    picture = draw.integers(0, pictures, answers)
    happy = picture % 2 == 0
    shown = draw.permutation(picture) if permuted else picture
    texts, moods = [_noise(draw) for _ in range(answers)], ["happy" if h else "sad" for h in happy]
    rows = _posts(draw, texts, mood=moods)
    first = [{"id": f"q{i:05d}", "known_at": row["known_at"] - 60, "text": _noise(draw)} for i, row in enumerate(rows)]
    edges: Edges = {
        SHOW: [(one["id"], f"m{p}", one["known_at"]) for one, p in zip(first, shown, strict=True)],
        ANSWER: [(row["id"], one["id"], row["known_at"]) for row, one in zip(rows, first, strict=True)],
    }
    media = [{"id": f"m{i}", "known_at": BEGIN, "path": f"pictures/{i}.jpg"} for i in range(pictures)]
    return _graph({"post": rows + first, "media": media}, edges)


def picture_world(rng: int, with_word: bool = False, posts: int = 600, pictures: int = 8) -> SocialGraph:
    """The picture that a post shows decides its mood; its words say nothing.

    Args:
        rng: Seed.
        with_word: A word says whether the mood is turned round, so that neither word nor picture alone says anything.
        posts: Number of posts.
        pictures: Number of pictures, half of each kind.
    """
    draw = np.random.default_rng(rng)
    picture = draw.integers(0, pictures, posts)
    turned = (draw.random(posts) < 0.5) & with_word
    happy = (picture % 2 == 0) ^ turned
    texts = [("ironic " if t else "honest ") + _noise(draw) for t in turned] if with_word else None
    rows = _posts(draw, texts or [_noise(draw) for _ in range(posts)], mood=["happy" if h else "sad" for h in happy])
    media = [{"id": f"m{i}", "known_at": BEGIN, "path": f"pictures/{i}.jpg"} for i in range(pictures)]
    shown = [(row["id"], f"m{p}", row["known_at"]) for row, p in zip(rows, picture, strict=True)]
    return _graph({"post": rows, "media": media}, {SHOW: shown})


def cascade_world(
    rng: int, shuffled: bool = False, users: int = 30, cascades: int = 200, length: int = 5
) -> SocialGraph:
    """After user i always comes user (7 i + 3) mod `users`, or the next who has not joined yet.

    Users are told apart by a word that each of them uses. `shuffled` lets followers join in random order.
    """
    draw = np.random.default_rng(rng)
    rows: list[dict[str, Any]] = []
    edges: Edges = {AUTHOR: [], SHARE: []}

    def write(user: int, time: int) -> str:
        post = f"p{len(rows):05d}"
        rows.append({"id": post, "known_at": time, "text": f"word{user} word{user} word{user}"})
        edges[AUTHOR].append((f"u{user:02d}", post, time))
        return post

    for user in range(users):
        write(user, BEGIN + user)
    for time in _times(draw, cascades).tolist():
        members = [int(draw.integers(users))]
        post = write(members[0], time)
        while len(members) < length:
            if shuffled:
                following = int(draw.choice(np.setdiff1d(np.arange(users), members)))
            else:
                following = (7 * members[-1] + 3) % users
                while following in members:
                    following = (following + 1) % users
            members.append(following)
            edges[SHARE].append((f"u{following:02d}", post, time + 600 * len(members)))
    return _graph({"user": _nodes("u", users), "post": rows}, edges)


def taste_world(rng: int, permuted: bool = False, users: int = 160, topics: int = 8, likes: int = 1200) -> SocialGraph:
    """Every user likes posts of one topic only, each at most once, and a word of the post names the topic."""
    draw = np.random.default_rng(rng)
    posts = 240
    topic = draw.integers(0, topics, posts)
    texts = [f"topic{t} topic{t} {_noise(draw, 1)}" for t in topic]
    rows = _posts(draw, _dealt_anew(draw, texts, permuted), last=TEST)
    known = np.array([row["known_at"] for row in rows])
    liked = np.zeros((users, posts), bool)
    edges: Edges = {LIKE: []}
    for time in np.sort(draw.integers(BEGIN + DAY, END, likes)).tolist():
        user = int(draw.integers(users))
        there = np.flatnonzero((known < time) & (topic == user % topics) & ~liked[user])
        if len(there):
            post = int(draw.choice(there))
            liked[user, post] = True
            edges[LIKE].append((f"u{user:03d}", rows[post]["id"], time))
    return _graph({"user": _nodes("u", users, width=3), "post": rows}, edges)


def circles_world(
    rng: int, permuted: bool = False, users: int = 60, circles: int = 10, links: int = 700
) -> SocialGraph:
    """Users mention only users of their own circle, whose word they all write; `permuted` deals the texts out anew.

    Circles are so large beside the number of mentions that common neighbours say less than the words.
    """
    draw = np.random.default_rng(rng)
    circle = np.arange(users) % circles
    texts = _dealt_anew(draw, [f"circle{circle[i % users]} {_noise(draw, 1)}" for i in range(2 * users)], permuted)
    rows: list[dict[str, Any]] = [
        {"id": f"p{i:05d}", "known_at": BEGIN + i, "text": text} for i, text in enumerate(texts)
    ]
    edges: Edges = {
        AUTHOR: [(f"u{i % users:02d}", row["id"], row["known_at"]) for i, row in enumerate(rows)],
        MENTION: [],
    }
    for time in _times(draw, links).tolist():
        if permuted:
            one, other = draw.choice(users, 2, replace=False)
        else:
            one = draw.integers(users)
            other = draw.choice(np.flatnonzero((circle == circle[one]) & (np.arange(users) != one)))
        edges[MENTION].append((f"u{one:02d}", f"u{other:02d}", time))
    return _graph({"user": _nodes("u", users), "post": rows}, edges)


def fashion_world(rng: int, users: int = 60, links: int = 800) -> SocialGraph:
    """Four times in five users mention whom somebody mentioned last, else anybody."""
    draw = np.random.default_rng(rng)
    edges: Edges = {MENTION: []}
    last = 0
    for time in _times(draw, links).tolist():
        one = int(draw.integers(users))
        if draw.random() < 0.2 or one == last:
            last = int(draw.choice(np.setdiff1d(np.arange(users), [one])))
        edges[MENTION].append((f"u{one:02d}", f"u{last:02d}", time))
    return _graph({"user": _nodes("u", users)}, edges)


def manners_world(rng: int, permuted: bool = False, users: int = 40, links: int = 1000) -> SocialGraph:
    """Half of the users are quoted nine times in ten, the others replied to; `permuted` mixes the relations."""
    draw = np.random.default_rng(rng)
    edges: Edges = {REPLY: [], QUOTE: []}
    for time in _times(draw, links).tolist():
        one, other = draw.choice(users, 2, replace=False)
        quoted = draw.random() < (0.5 if permuted else (0.9 if other % 2 else 0.1))
        edges[QUOTE if quoted else REPLY].append((f"u{one:02d}", f"u{other:02d}", time))
    return _graph({"user": _nodes("u", users)}, edges)


def ramp_world(rng: int, permuted: bool = False, hashtags: int = 5, hours: int = 10 * 24) -> SocialGraph:
    """Hashtags double their volume every hour for five hours, then fall back; `permuted` mixes the hours."""
    draw = np.random.default_rng(rng)
    posts: list[dict[str, Any]] = []
    edges: Edges = {TAG: []}
    for hashtag in range(hashtags):
        volumes = np.array([2 ** (1 + (hour + hashtag) % 5) for hour in range(hours)])
        if permuted:
            volumes = draw.permutation(volumes)
        for hour, volume in enumerate(volumes.tolist()):
            for time in (BEGIN + hour * HOUR + np.sort(draw.integers(1, HOUR, volume))).tolist():
                posts.append({"id": f"p{len(posts):06d}", "known_at": time})
                edges[TAG].append((posts[-1]["id"], f"h{hashtag}", time))
    return _graph({"post": posts, "hashtag": _nodes("h", hashtags, width=1)}, edges)


def _times(draw: np.random.Generator, count: int, last: int = END) -> np.ndarray:
    return BEGIN + HOUR + np.sort(draw.choice(last - BEGIN - 2 * HOUR, count, replace=False))


def _noise(draw: np.random.Generator, words: int = 3) -> str:
    return " ".join(f"noise{n}" for n in draw.integers(0, 12, words))


def _among_noise(draw: np.random.Generator, word: str) -> str:
    words = [*_noise(draw).split(" "), word]
    return " ".join(words[i] for i in draw.permutation(len(words)))


def _dealt_anew(draw: np.random.Generator, texts: list[str], permuted: bool) -> list[str]:
    return [texts[i] for i in draw.permutation(len(texts))] if permuted else texts


def _nodes(letter: str, count: int, width: int = 2) -> list[dict[str, Any]]:
    return [{"id": f"{letter}{i:0{width}d}", "known_at": BEGIN} for i in range(count)]


def _posts(draw: np.random.Generator, texts: list[str], last: int = END, **columns: list[Any]) -> list[dict[str, Any]]:
    """Posts at random times; the values of the columns in the order of the texts."""
    return [
        {"id": f"p{i:05d}", "known_at": int(time), "text": texts[i], **{name: c[i] for name, c in columns.items()}}
        for i, time in enumerate(_times(draw, len(texts), last))
    ]


def _graph(nodes: dict[str, list[dict[str, Any]]], edges: Edges) -> SocialGraph:
    columns = {
        node_type: {name: c for name, c in _COLUMNS[node_type].items() if any(name in row for row in rows)}
        for node_type, rows in nodes.items()
    }
    tables = {
        node_type: pa.table(
            {
                name: pa.array([row.get(name) for row in rows], kind)
                for name, kind in {
                    "id": pa.string(),
                    "known_at": pa.int64(),
                    **{c: _ARROW[column.type] for c, column in columns[node_type].items()},
                }.items()
            }
        )
        for node_type, rows in nodes.items()
    }
    links = {
        edge_type: pa.table(
            {
                "src": pa.array([a for a, _, _ in rows], pa.string()),
                "dst": pa.array([b for _, b, _ in rows], pa.string()),
                "time": pa.array([t for _, _, t in rows], pa.int64()),
            }
        )
        for edge_type, rows in edges.items()
    }
    return SocialGraph.build(Schema(columns, {e: {} for e in edges}), tables, links, name="planted")
