"""Statuses of several Mastodon servers in one store, whose ids mean something else on each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import graphsocial as gs
from graphsocial.cli import main
from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import commit_pool
from graphsocial.ingest.detect_format import ReaderSettings
from graphsocial.ingest.export_report import ExportIngest
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.ingest.mastodon_servers import BOTH_WAYS, MIXED, MOST_SEEN
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.server_ids import with_server
from graphsocial.ingest.platforms.server_name import home_server, server_name
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.store import EdgeRow, Measurement, NodeRow, Skipped, Store
from graphsocial.store.pseudonyms import Pseudonyms
from tests.ingest.platforms.reading import FIXTURES, Read, read
from tests.ingest.test_ingest_exports import edges_of

TEN = 1_646_820_000
"""2022-03-09T10:00:00Z."""
A, B = "a.example", "b.example"
STORED = MIXED.format(names="")
NAMED = MIXED.format(names=f" ({A}, {B})")


def account(server: str, number: int, name: str, of: str | None = None) -> dict[str, Any]:
    home = of or server
    acct = name if of in (None, server) else f"{name}@{of}"
    return {"id": str(number), "username": name, "acct": acct, "url": f"https://{home}/@{name}", "followers_count": 3}


def status(server: str, number: int, author: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "created_at": f"2022-03-09T10:{number % 60:02}:00Z",
        "content": f"<p>{server} {number}</p>",
        "uri": f"{author['url']}/{number}",
        "url": f"{author['url']}/{number}",
        "account": author,
    } | more


def statuses(server: str) -> list[dict[str, Any]]:
    """On every server post 110 by 7, answered by 111, reposted by 112, quoted by 113; the numbers are the same."""
    ann, bob = account(server, 7, "ann"), account(server, 8, "bob")
    first = status(
        server,
        110,
        ann,
        media_attachments=[{"id": "5", "type": "image", "url": f"https://files.{server}/5.png"}],
        tags=[{"name": "flood"}],
        mentions=[{k: bob[k] for k in ("id", "username", "acct", "url")}],
    )
    return [
        first,
        status(server, 111, bob, in_reply_to_id="110"),
        status(server, 112, bob, reblog=first),
        status(server, 113, ann, quote={"state": "accepted", "quoted_status_id": "110"}),
    ]


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def exports(tmp_path: Path) -> dict[str, Path]:
    return {server: write(tmp_path / f"{server[0]}.jsonl", statuses(server)) for server in (A, B)}


def ingest(file: Path, store: Store, server: str | None = None, hidden: Pseudonymiser | None = None) -> ExportIngest:
    return ingest_exports([file], store, settings=ReaderSettings(server=server), pseudonymiser=hidden)


def assumed(store: Store) -> tuple[str, ...]:
    return Store.open(store.path).about().assumptions


# ---- with a stated server


def test_two_servers_with_the_same_ids_stay_apart(store: Store, exports: dict[str, Path]) -> None:
    for server, file in exports.items():
        report = ingest(file, store, server)
        # new: 3 posts, 1 picture, 2 profiles, 9 edges; known: 110 and what it says within 112, and three profiles
        assert (report.new, report.files[0].known, report.rejected) == (15, 6 + 3, 0)
        assert "of the server that was stated" in repr(report) and "--server" not in repr(report)
    graph = store.graph()
    assert store.conflicts() == {}
    assert dict(zip(graph.node_ids("post"), graph.column("post", "text").to_pylist(), strict=True)) == {
        f"{server}/{number}": f"{server} {number}" for server in (A, B) for number in (110, 111, 113)
    }
    expected = set()
    for server in (A, B):
        first, seven, eight = f"{server}/110", f"{server}/7", f"{server}/8"
        expected |= {
            ("author", seven, first, TEN + 50 * 60),
            ("tag", first, "flood", TEN + 50 * 60),
            ("mention", first, eight, TEN + 50 * 60),
            ("show", first, f"{server}/5", TEN + 50 * 60),
            ("author", eight, f"{server}/111", TEN + 51 * 60),
            ("reply", f"{server}/111", first, TEN + 51 * 60),
            ("repost", eight, first, TEN + 52 * 60),
            ("author", seven, f"{server}/113", TEN + 53 * 60),
            ("quote", f"{server}/113", first, TEN + 53 * 60),
        }
    assert edges_of(graph) == expected
    assert graph.edge_column(("user", "repost", "post"), "event").to_pylist() == [f"{A}/112", f"{B}/112"]
    assert STORED not in assumed(store) and BOTH_WAYS not in assumed(store)


def test_what_one_server_names_of_another_stays_its_own_and_is_found_by_address_and_handle(
    tmp_path: Path, store: Store
) -> None:
    here = status(A, 110, account(A, 7, "ann"))
    there = status(B, 900, account(B, 55, "ann", A), url=here["url"])
    ingest(write(tmp_path / "a.jsonl", [here]), store, A)
    ingest(write(tmp_path / "b.jsonl", [there, status(B, 901, account(B, 1, "cy"), in_reply_to_id="900")]), store, B)
    graph = store.graph()
    assert dict(zip(graph.node_ids("user"), graph.column("user", "handle").to_pylist(), strict=True)) == {
        f"{A}/7": "ann@a.example",
        f"{B}/55": "ann@a.example",
        f"{B}/1": "cy@b.example",
    }
    urls = dict(zip(graph.node_ids("post"), graph.column("post", "url").to_pylist(), strict=True))
    assert urls[f"{A}/110"] == urls[f"{B}/900"] == here["url"]
    assert ("reply", f"{B}/901", f"{B}/900", TEN + 60) in edges_of(graph)


def test_the_same_export_with_the_same_server_adds_nothing(
    store: Store, tmp_path: Path, exports: dict[str, Path]
) -> None:
    first = ingest(exports[A], store, A)
    again = ingest(exports[A], store, "https://A.example/")
    assert (again.new, again.version, again.files[0].note) == (0, first.version, "read before, nothing to do")
    shuffled = ingest(write(tmp_path / "other.jsonl", statuses(A)[::-1]), store, A)
    assert (shuffled.new, shuffled.rejected) == (0, 0)
    other = ingest(exports[A], store, B)
    assert other.new == first.new, "the same bytes, said to be of another server, are other posts"
    assert other.files[0].note == "its own accounts live on a.example, not on b.example as stated"
    assert not first.files[0].note


@pytest.mark.parametrize(
    ("home", "stated", "odd"),
    [
        (A, f"{A}:443", False),
        (A, f"web.{A}", False),
        ("social.example.org", "example.org", False),
        (A, f"b{A}", True),
        (f"b{A}", A, True),
    ],
)
def test_accounts_may_live_on_another_name_of_the_stated_server(
    store: Store, tmp_path: Path, home: str, stated: str, odd: bool
) -> None:
    report = ingest(write(tmp_path / "a.jsonl", statuses(home)), store, stated)
    assert bool(report.files[0].note) is odd


def test_a_reading_that_was_stopped_goes_on_and_remembers_the_servers(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [status(A, n, account(A, 7, "ann")) for n in range(10)]
    records += [status(B, n, account(B, 9, "bea")) for n in range(20, 30)]
    file = write(tmp_path / "a.jsonl", records)
    monkeypatch.setattr(commit_pool, "BATCH", 15)
    append, calls = Store.append_all, 0

    def stops(self: Store, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return append(self, *args)

    monkeypatch.setattr(Store, "append_all", stops)
    with pytest.raises(KeyboardInterrupt):
        ingest(file, store, A)
    assert [note["servers"] for note in store.sources()] == [[A], [A]]
    report = ingest(file, Store.open(store.path), A)
    assert report.files[0].note == "went on after record 10"
    assert NAMED in report.assumptions, "a server was stated, but accounts of two were local to it"
    assert STORED in assumed(store)
    assert store.graph().node_ids("post").tolist()[0] == f"{A}/0"


def test_activities_are_named_by_uri_whatever_is_stated() -> None:
    file = FIXTURES / "mastodon_activities.jsonl"
    plain, stated = read(MastodonReader(), file), read(MastodonReader(server=A), file)
    assert plain.events == stated.events and plain.events


def test_a_server_is_for_statuses_alone(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "edges.txt"
    file.write_text("1 2\n")
    with pytest.raises(SchemaError, match="server is for mastodon, got a file in format edge_list"):
        ingest(file, store, A)
    assert not store.path.exists()


def ids(found: Read) -> set[str]:
    every = set()
    for event in found.events:
        if isinstance(event, EdgeRow):
            every |= {f"{event.type[0]} {event.src}", f"{event.type[2]} {event.dst}"}
        elif isinstance(event, NodeRow | Measurement):
            every.add(f"{event.type} {event.id}")
    return every


def test_every_id_of_a_status_has_the_server_before_it_and_nothing_else_changes() -> None:
    file = FIXTURES / "mastodon_api.jsonl"
    plain, stated = read(MastodonReader(), file), read(MastodonReader(server="social.example"), file)
    local = {name for name in ids(plain) if name.split()[0] in ("user", "post", "media")}
    named = {name.replace(" ", " social.example/", 1) for name in local}
    assert len(local) > 10 and ids(stated) == named | (ids(plain) - local)
    assert stated.rejects == plain.rejects and len(stated.events) == len(plain.events)
    assert {values["handle"] for (kind, _), values in stated.measured.items() if kind == "user"} == {
        "ann@social.example", "bob@other.example", "cy@social.example", "dee@social.example",
    }  # fmt: skip


def test_an_account_without_its_acct_keeps_its_name() -> None:
    record = status(A, 1, {"id": "7", "username": "ann"} | {"url": "https://c.example/@ann"})
    events, homes = MastodonReader(server=A).events_and_homes(json.dumps(record).encode())
    assert [event.values["handle"] for event in events if isinstance(event, Measurement)] == ["ann"]
    assert homes == set(), "without it nobody knows of which server it is"


def test_what_is_skipped_has_no_id() -> None:
    assert with_server([Skipped("votes")], A) == [Skipped("votes")]


# ---- without one


def test_without_a_server_ids_are_those_of_the_export(store: Store, exports: dict[str, Path]) -> None:
    report = ingest(exports[A], store)
    assert store.graph().node_ids("post").tolist() == ["110", "111", "113"]
    assert report.assumptions[0] == "Statuses of the API are all of one server, whose ids they are named by."
    assert not any("--server" in sentence for sentence in report.assumptions)
    again = ingest(exports[A], store)
    assert again.new == 0 and again.assumptions == report.assumptions


def test_a_second_server_is_loudly_said_in_one_reading(store: Store, exports: dict[str, Path]) -> None:
    report = ingest_exports(exports.values(), store)
    assert report.assumptions[0] == NAMED and "--server" in NAMED
    assert STORED in assumed(store) and STORED in store.graph().assumptions
    assert "110" in store.graph().node_ids("post").tolist() and store.conflicts() == {"post": 3, "media": 1}


def test_a_second_server_is_loudly_said_in_a_later_reading_and_ever_after(
    tmp_path: Path, store: Store, exports: dict[str, Path]
) -> None:
    assert ingest(exports[A], store).assumptions[0] != NAMED
    assert STORED not in assumed(store)
    assert ingest(exports[B], Store.open(store.path)).assumptions[0] == NAMED
    assert STORED in assumed(store)
    assert ingest(exports[B], store).assumptions[0] == NAMED, "although there was nothing to read"
    third = "c.example"
    report = ingest(write(tmp_path / "c.jsonl", statuses(third)), store)
    assert report.assumptions[0] == MIXED.format(names=f" ({A}, {B}, {third})")
    assert [sentence for sentence in assumed(store) if "several servers" in sentence] == [STORED], "said once"


@pytest.mark.parametrize("mentioned", [False, True])
def test_what_a_server_shows_of_others_is_no_second_server(tmp_path: Path, store: Store, mentioned: bool) -> None:
    """Only accounts that are named without a server tell whose export it is: authors, reposters and mentions."""
    far = status(A, 5, account(A, 50, "bea", B))
    ingest(write(tmp_path / "a.jsonl", [far, *statuses(A)]), store)
    assert STORED not in assumed(store)
    if mentioned:
        record = far | {"id": "6", "mentions": [account(B, 1, "cy")]}
    else:
        record = status(B, 6, account(B, 1, "cy"), reblog=far)
    ingest(write(tmp_path / "b.jsonl", [record]), store)
    assert STORED in assumed(store)


def test_one_store_with_and_without_a_server(store: Store, exports: dict[str, Path]) -> None:
    ingest(exports[A], store)
    report = ingest(exports[A], store, A)
    assert report.assumptions[0] == BOTH_WAYS and report.new > 0
    assert BOTH_WAYS in assumed(store)


def test_a_store_of_an_older_release_says_nothing(store: Store, exports: dict[str, Path]) -> None:
    from graphsocial.ingest.mastodon_servers import MastodonServers

    assert MastodonServers([{"format": "mastodon", "file": "a"}, {"format": "x_v2"}]).warnings() == ()


def test_few_servers_are_remembered(tmp_path: Path, store: Store) -> None:
    many = [status(f"s{n}.example", n, account(f"s{n}.example", n, "ann")) for n in range(40)]
    ingest(write(tmp_path / "a.jsonl", many), store)
    assert len(store.sources()[-1]["servers"]) == MOST_SEEN


# ---- pseudonymised


def test_pseudonyms_hide_the_server_and_join_within_it(store: Store, exports: dict[str, Path], tmp_path: Path) -> None:
    hidden = Pseudonymiser(Pseudonyms(bytes(range(32))))
    first = ingest(exports[A], store, A, hidden)
    assert ingest(exports[A], store, A, hidden).files[0].note == "read before, nothing to do"
    second = ingest(exports[B], store, B, hidden)
    assert first.new == second.new > 0
    graph = store.graph()
    assert graph.num_nodes("post") == 6 and graph.num_nodes("user") == 4
    names = hidden.pseudonyms.of
    assert names("post", f"{A}/110") in graph.node_ids("post")
    replies = {edge[1:3] for edge in edges_of(graph) if edge[0] == "reply"}
    assert replies == {(names("post", f"{s}/111"), names("post", f"{s}/110")) for s in (A, B)}
    assert set(graph.column("user", "handle").to_pylist()) == {
        names("handle", f"{name}@{s}") for name in ("ann", "bob") for s in (A, B)
    }
    from deltalake import DeltaTable

    kept = repr(DeltaTable(store.path / "events").to_pyarrow_table().drop_columns(["text"]).to_pylist())
    assert hidden.pseudonyms.of("url", A) in kept
    for text in (kept, repr(first), repr(second), *assumed(store)):
        assert A not in text and B not in text


def test_two_servers_are_told_apart_by_pseudonym_without_being_named(store: Store, exports: dict[str, Path]) -> None:
    hidden = Pseudonymiser(Pseudonyms(bytes(range(32))))
    ingest(exports[A], store, None, hidden)
    assert STORED not in assumed(store)
    report = ingest(exports[B], store, None, hidden)
    assert report.assumptions[0] == STORED
    notes = repr(store.sources())
    assert A not in notes and B not in notes and A not in repr(report)


# ---- names


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("mastodon.social", "mastodon.social"),
        (" Mastodon.SOCIAL\n", "mastodon.social"),
        ("https://mastodon.social", "mastodon.social"),
        ("HTTP://mastodon.social/", "mastodon.social"),
        ("mastodon.social/", "mastodon.social"),
        ("a-b.c1.example:8443", "a-b.c1.example:8443"),
        ("localhost:3000", "localhost:3000"),
        ("münchen.social", "xn--mnchen-3ya.social"),
        ("xn--mnchen-3ya.social", "xn--mnchen-3ya.social"),
    ],
)
def test_names_of_servers(stated: str, name: str) -> None:
    assert server_name(stated) == name == MastodonReader(server=stated).server == server_name(name)


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("", None),
        ("  ", None),
        ("mastodon", None),
        ("a.example b.example", A),
        ("https://a.example/@ann", A),
        ("a.example/web", A),
        ("a.example?x=1", A),
        ("@ann@a.example", A),
        ("ftp://a.example", A),
        ("https://", None),
        ("a..example", None),
        ("-a.example", None),
        (".example", None),
        ("a.example:port", None),
        ("a_b.example", None),
        ("a" * 64 + ".example", None),
        ("a." * 130 + "example", None),
        ("é" * 80 + ".example", None),
        ("a.example\x00", None),
        (5, None),
    ],
)
def test_what_is_no_name_of_a_server(stated: Any, meant: str | None) -> None:
    with pytest.raises(SchemaError, match=r"got server .*, expected a name such as mastodon\.social") as refused:
        MastodonReader(server=stated)
    assert (f"Did you mean {meant!r}?" in str(refused.value)) is (meant is not None)
    assert "Did you mean" not in str(refused.value) or meant is not None


@given(st.text())
def test_any_text_is_a_name_or_refused(stated: str) -> None:
    try:
        name = server_name(stated)
    except SchemaError:
        return
    assert name.isascii() and server_name(name) == name and not set(name) & set("/@ \n")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"acct": "ann"},
        {"acct": "ann", "url": None},
        {"acct": 5, "url": "https://a.example/@ann"},
        {"acct": "", "url": "https://a.example/@ann"},
        {"acct": "ann", "url": ["https://a.example"]},
        {"acct": "ann", "url": "tag:a.example,2022:ann"},
        {"acct": "ann", "url": "https://[a.example"},
        {"acct": "ann", "url": "/@ann"},
    ],
)
def test_odd_accounts_tell_no_server(odd: dict[str, Any]) -> None:
    assert home_server(odd) is None
    record = status(A, 1, {"id": "1", "url": ""}) | {"account": {"id": "1"} | odd}
    try:
        assert MastodonReader().events_and_homes(json.dumps(record).encode())[1] == set()
    except EventFormatError as error:
        assert error.field == "acct", "refused for what was refused before"


# ---- the command


def test_the_command_takes_a_server(tmp_path: Path, exports: dict[str, Path]) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["ingest", *arguments, "--out", str(tmp_path / "s")])
        assert result.exit_code in (0, 1), result.output
        return result.output

    wrong = run(str(exports[A]), "--server", "https://a.example/@ann")
    assert wrong.startswith("error: got server") and "Did you mean 'a.example'?" in wrong and wrong.count("\n") == 1
    assert not (tmp_path / "s").exists()
    assert "of the server that was stated" in run(str(exports[A]), "--server", "https://a.example/")
    run(str(exports[B]), "--server", B)
    assert gs.open(tmp_path / "s").num_nodes("post") == 6
    assert "0 new rows" in run(str(exports[B]), "--server", B)
    assert BOTH_WAYS in run(str(exports[B]))
