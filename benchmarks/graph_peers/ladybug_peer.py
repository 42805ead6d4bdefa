"""LadybugDB: an embedded graph database, asked in Cypher; known to lose rows, so look at what its answers are worth."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import real_ladybug as lb

from benchmarks.graph_peers.questions import MOTIF_SECONDS, Questions, reposts_of

NAME, PACKAGE = "ladybug", "real_ladybug"
ITEMS = {"shortest_paths": 20}


class Peer:
    """Nodes and relations loaded from Parquet into a database in a temporary folder."""

    def __init__(self, questions: Questions):
        world = questions.world
        self._folder = tempfile.TemporaryDirectory()
        self._database = lb.Database(str(Path(self._folder.name) / "db"))
        self.db = lb.Connection(self._database)
        self._run("create node table U(id int64, primary key(id))")
        self._run("create node table P(id int64, primary key(id))")
        self._run("create rel table Follow(from U to U)")
        self._run("create rel table Mention(from U to U, t int64)")
        self._run("create rel table Adopted(from U to P, t int64, own boolean)")
        self._copy("U", {"id": np.arange(world.scale.users)})
        self._copy("P", {"id": np.arange(world.scale.posts)})
        self._copy("Follow", {"a": world.follow[:, 0], "b": world.follow[:, 1]})
        self._copy("Mention", {"a": world.mention[:, 0], "b": world.mention[:, 1], "t": world.mention_time})
        posts = np.arange(world.scale.posts)
        post, user, time = reposts_of(world, posts)  # first reposts alone, which spares it the grouping
        self._copy("Adopted", {
            "a": np.concatenate([world.author, user]),
            "b": np.concatenate([posts, post]),
            "t": np.concatenate([world.published, time]),
            "own": np.concatenate([np.ones(len(posts), dtype=bool), np.zeros(len(post), dtype=bool)]),
        })  # fmt: skip

    def _run(self, query: str, parameters: dict[str, list[int]] | None = None) -> lb.QueryResult:
        return self.db.execute(query, parameters or {})

    def _copy(self, table: str, columns: dict[str, np.ndarray]) -> None:
        path = Path(self._folder.name) / f"{table}.parquet"
        pq.write_table(pa.table({name: np.ascontiguousarray(values) for name, values in columns.items()}), path)
        self._run(f"copy {table} from '{path}'")

    def _column(self, query: str) -> np.ndarray:
        return self._run(query).get_as_arrow().column(0).to_numpy()

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending."""
        found = self._column(f"match (a:U)-[:Follow*1..2]-(b:U) where a.id = {questions.hub} return distinct b.id")
        return np.unique(np.append(found, questions.hub))

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way within 12 steps."""
        found = []
        for a, b in questions.pairs.tolist():
            rows = self._column(
                f"match (a:U)-[e:Follow* shortest 1..12]-(b:U) where a.id = {a} and b.id = {b} return length(e)"
            )
            found.append(0 if a == b else int(rows[0]) if len(rows) else -1)
        return np.array(found)

    def cascade_trees(self, questions: Questions) -> np.ndarray:
        """When the parent had each repost, -1 = nobody followed had it: in order of post, user."""
        rows = self._run(
            "match (c:U)-[x:Adopted]->(p:P)<-[y:Adopted]-(e:U), (c)-[:Follow]->(e) where p.id in $posts "
            "and y.t < x.t and not x.own return p.id as post, c.id as child, max(y.t) as t",
            {"posts": questions.posts.tolist()},
        ).get_as_arrow()
        post, user, _ = reposts_of(questions.world, questions.posts)
        users = questions.world.scale.users
        found = np.full(len(post), -1)
        key = rows.column("post").to_numpy() * users + rows.column("child").to_numpy()
        found[np.searchsorted(post * users + user, key)] = rows.column("t").to_numpy()
        return found

    def temporal_motif(self, questions: Questions) -> np.ndarray:
        """Number of chains."""
        return self._column(
            "match (a:U)-[x:Mention]->(b:U)-[y:Mention]->(c:U) "
            f"where y.t > x.t and y.t <= x.t + {MOTIF_SECONDS} and a.id <> c.id and a.id <> b.id and b.id <> c.id "
            "return count(*)"
        )
