"""DuckDB: the same questions as SQL over tables in memory."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.graph_peers.questions import MOTIF_SECONDS, TOP, Questions

NAME, PACKAGE = "duckdb", "duckdb"
ITEMS = {"shortest_paths": 5}


class Peer:
    """Tables of edges, sorted as DuckDB prefers for its zone maps."""

    def __init__(self, questions: Questions):
        world = questions.world
        self.db = duckdb.connect()
        both = np.concatenate([world.follow, world.follow[:, ::-1]])
        self._load("follow", {"src": world.follow[:, 0], "dst": world.follow[:, 1]})
        self._load("near", {"a": both[:, 0], "b": both[:, 1]}, "a, b")
        self._load("mention", {"src": world.mention[:, 0], "dst": world.mention[:, 1], "t": world.mention_time}, "t")
        self._load("repost", {"u": world.repost[:, 0], "post": world.repost[:, 1], "t": world.repost_time}, "post, t")
        posts = {"post": np.arange(world.scale.posts), "author": world.author, "t": world.published}
        self._load("posted", posts, "post")

    def _load(self, name: str, columns: dict[str, np.ndarray], order: str = "src, dst") -> None:
        self.db.register("given", pa.table({key: np.ascontiguousarray(value) for key, value in columns.items()}))
        self.db.execute(f"create table {name} as select * from given order by {order}")
        self.db.unregister("given")

    def _column(self, query: str, parameters: list[int] | None = None) -> np.ndarray:
        return next(iter(self.db.execute(query, parameters or []).fetchnumpy().values()))

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending."""
        return self._column(
            """with one as (select b from near where a = $1)
            select distinct x from (select $1 as x union all select b from one
            union all select near.b from near where a in (select b from one)) order by x""",
            [questions.hub],
        )

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way: a frontier that grows by a join until it holds the goal."""
        found = []
        for a, b in questions.pairs.tolist():
            self.db.execute("create or replace temp table seen as select $1::bigint as x, 0 as step", [a])
            length, step = (0, 0) if a == b else (-1, 0)
            while length < 0:
                step += 1
                self.db.execute(
                    """insert into seen select distinct near.b, $1 from near join seen on near.a = seen.x
                    where seen.step = $1 - 1 and near.b not in (select x from seen)""",
                    [step],
                )
                reached = self._column("select x from seen where step = $1", [step])
                if not len(reached):
                    break
                length = step if (reached == b).any() else -1
            found.append(length)
        return np.array(found)

    def earliest_arrival(self, questions: Questions) -> np.ndarray:
        """Arrival by user, -1 = never: rounds of a join, each from those who were reached earlier than known."""
        self.db.execute(
            "create or replace temp table arrival as select $1::bigint as x, $2::bigint as t",
            [questions.source, questions.start],
        )
        self.db.execute("create or replace temp table fresh as select * from arrival")
        while True:
            self.db.execute(
                """create or replace temp table next as
                select m.dst as x, min(m.t) as t from mention m join fresh f on m.src = f.x
                where m.t >= $1 and m.t > f.t or (f.x = $2 and m.t = $1) group by m.dst""",
                [questions.start, questions.source],
            )
            self.db.execute(
                """create or replace temp table fresh as
                select next.x, next.t from next left join arrival a on a.x = next.x where a.t is null or next.t < a.t"""
            )
            if not self.db.execute("select count(*) from fresh").fetchall()[0][0]:
                break
            self.db.execute("delete from arrival where x in (select x from fresh)")
            self.db.execute("insert into arrival select * from fresh")
        found = np.full(questions.world.scale.users, -1)
        rows = self.db.execute("select x, t from arrival").fetchnumpy()
        found[rows["x"]] = rows["t"]
        return found

    def cascade_trees(self, questions: Questions) -> np.ndarray:
        """When the parent had each repost, -1 = nobody followed had it: in order of post, user."""
        self.db.register("given", pa.table({"post": questions.posts}))
        found = self._column(
            """with chosen as (select p.* from posted p join given using (post)),
            taken as (select r.post, r.u, min(r.t) as t from repost r join chosen c on c.post = r.post
                where r.u <> c.author group by r.post, r.u),
            adopted as (select post, u, t from taken union all select post, author, t from chosen)
            select coalesce(max(v.t), -1) from taken r
            left join (select c.post, c.u as child, e.t from taken c
                join follow f on f.src = c.u join adopted e on e.post = c.post and e.u = f.dst and e.t < c.t
                ) v on v.post = r.post and v.child = r.u
            group by r.post, r.u order by r.post, r.u"""
        )
        self.db.unregister("given")
        return found

    def temporal_motif(self, questions: Questions) -> np.ndarray:
        """Number of chains."""
        return self._column(
            f"""select count(*) from mention x join mention y on x.dst = y.src
            where y.t > x.t and y.t <= x.t + {MOTIF_SECONDS} and x.src <> x.dst and y.src <> y.dst
            and x.src <> y.dst"""
        )

    def top_per_hour(self, questions: Questions) -> np.ndarray:
        """Counts of the most mentioned of every hour, hour by hour, descending."""
        return self._column(
            f"""select n from (select hour, n, row_number() over (partition by hour order by n desc, dst) as place
            from (select t // 3600 as hour, dst, count(*) as n from mention group by hour, dst))
            where place <= {TOP} order by hour, n desc"""
        )
