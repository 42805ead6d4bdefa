"""The loop that replays countable events and reads, before each target, what they say about every candidate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphsocial.learn.next_user.evidence_choice_kernel import first_few
from graphsocial.learn.next_user.evidence_walk_kernel import SHORT, SUMS, Walk, forget, met, new_walk, walk_to
from graphsocial.learn.next_user.levels import jit
from graphsocial.learn.next_user.sparse_scores import popularity_term

CHANNELS = (
    "counting",
    "forward",
    "forward_share",
    "forward_flat_share",
    "backward",
    "backward_share",
    "forward_recent",
    "prefix_share",
    "last_user",
    "last_user_next",
    "nearest",
    "nearest_next",
    "nearest_best",
    "forward_short",
    "forward_lift",
    "popularity",
    "popularity_fast",
    "popularity_slow",
    "idle",
    "place",
    "starts",
    "linked",
    "length",
    "age",
    "gap",
    "lag",
)
"""What is known of a candidate before a target, all on a log scale: the counting rule itself; the walk of that rule,
its shares of each row, without weights, backwards, faded with age; the share of prefix users it ever followed; from the
last user alone, and at once; votes of the nearest cascades, from just behind the place where they meet the prefix, and
of the very nearest; the walk with a short memory; the walk over the square root of how often it followed
anybody; events, recent events on two scales, time since the last one, usual place, share of starts; links to the
prefix; then of the target itself: length and age of the prefix, last gap, age of the counts."""

NEAREST, PER_USER, READ_BACK = 100, 64, 60
_FURTHEST = 600.0  # beyond this an exponential is no number any more
_FLOORS = np.array([1, 1e-2, 1e-3, 1e-4, 1e-2, 1e-4, 1e-3, 1, 1e-2, 1, 1e-3, 1e-4, 1e-4, 1e-2, 1e-3])
_NOTHING = np.log(_FLOORS)


class Counts(NamedTuple):
    """What was counted so far; one row per distinct ordered pair of users, both ways, one entry per user.

    Attributes:
        pair: Forward in `UNIT`, forward at gap 1, forward flat, forward faded, backward, backward flat [pair, 6].
        follows: Sum of the forward weights of each earlier user [user].
        followed: Sum of the forward weights of each later user [user].
        events: Events of each user [user].
        fast: Events faded on the fast scale, as of the user's last one [user].
        slow: The same on the slow scale [user].
        last: Time of the last event [user].
        place: Sum of log(1 + place in the cascade) [user].
        starts: Events that began a cascade [user].
        size: Events of each cascade [cascade].
        progress: Events replayed, and the highest count [2].
    """

    pair: np.ndarray
    follows: np.ndarray
    followed: np.ndarray
    events: np.ndarray
    fast: np.ndarray
    slow: np.ndarray
    last: np.ndarray
    place: np.ndarray
    starts: np.ndarray
    size: np.ndarray
    progress: np.ndarray


class History(NamedTuple):
    """Countable events in order of time, and where their pairs are counted.

    Attributes:
        user: Codes of all events of the table [event].
        time: Seconds of all events [event].
        offsets: First event of each cascade [cascade + 1].
        cascade: Cascade of each event [event].
        place: Place of each event in its cascade [event].
        event: Countable events, the earliest first [countable].
        known: Place of each event in `event`, or their number [event].
        indptr: First pair of each user [user + 1].
        other: Other user of each pair [pair].
        forward: Pair (earlier, this) of each event and gap, -1 = none [event, gap].
        backward: Pair (this, earlier) of each event and gap, -1 = none [event, gap].
        mine: First of each user's events in `mine_event` [user + 1].
        mine_event: Countable events of each user, the earliest first [countable].
        linked: First link of each user [user + 1].
        link: Linked users [link].
        first_time: Time that faded weights refer to.
        pair_scale: Seconds in which a pair fades by 1/e.
        fast_scale: The same for events, fast.
        slow_scale: The same for events, slow.
        unit: What the whole weight of a pair is counted in.
    """

    user: np.ndarray
    time: np.ndarray
    offsets: np.ndarray
    cascade: np.ndarray
    place: np.ndarray
    event: np.ndarray
    known: np.ndarray
    indptr: np.ndarray
    other: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    mine: np.ndarray
    mine_event: np.ndarray
    linked: np.ndarray
    link: np.ndarray
    first_time: int
    pair_scale: float
    fast_scale: float
    slow_scale: float
    unit: int


class Reading(NamedTuple):
    """What is kept from one target to the next, and room to work in.

    Attributes:
        walk: The walk over the prefix of the last target.
        votes: Votes, from just behind, the largest; 0 between targets [slot, 3].
        voted: Slots that have a vote [slot].
        cover: What of a prefix each cascade covers; 0 between targets [cascade].
        meet: Event at which each such cascade meets the prefix last [cascade].
        near: Those cascades [cascade].
        key: By what cascades or slots are chosen [the longer of the two].
        hidden: True for users of the prefix; false between targets [user].
        marked: True for chosen candidates; false between targets [user].
        linked: Links to the prefix; 0 between targets [user].
        as_of: Countable events and seconds that `alone` stands for, and its number [3].
        alone: Channels that depend on the candidate and the time alone [user, 6].
        alone_of: Number of what each of them stands for [user].
    """

    walk: Walk
    votes: np.ndarray
    voted: np.ndarray
    cover: np.ndarray
    meet: np.ndarray
    near: np.ndarray
    key: np.ndarray
    hidden: np.ndarray
    marked: np.ndarray
    linked: np.ndarray
    as_of: np.ndarray
    alone: np.ndarray
    alone_of: np.ndarray


def new_reading(users: int, cascades: int) -> Reading:
    """Nothing read yet.

    Args:
        users: Users of the table.
        cascades: Its cascades.
    """
    return Reading(
        walk=new_walk(users),
        votes=np.zeros((users, 3)),
        voted=np.empty(users, dtype=np.int64),
        cover=np.zeros(cascades),
        meet=np.empty(cascades, dtype=np.int64),
        near=np.empty(cascades, dtype=np.int64),
        key=np.empty(max(users, cascades)),
        hidden=np.zeros(users, dtype=np.bool_),
        marked=np.zeros(users, dtype=np.bool_),
        linked=np.zeros(users),
        as_of=np.array([-1, 0, 0]),
        alone=np.empty((users, 6)),
        alone_of=np.zeros(users, dtype=np.int64),
    )


@jit
def _mix(x):  # type: ignore[no-untyped-def]
    """splitmix64 (Steele et al. 2014): a well-mixed number from a counter."""
    x = (x + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit
def advance(history, counts, until):  # type: ignore[no-untyped-def]
    """Counts the events up to number `until`; a pair counts when the later known of its two events does."""
    h, c = history, counts
    while c.progress[0] < until:
        event = h.event[c.progress[0]]
        u, now, place = h.user[event], h.time[event], h.place[event]
        faded = np.exp(min((now - h.first_time) / h.pair_scale, _FURTHEST))
        for gap in range(1, h.forward.shape[1] + 1):
            for side in range(2):  # the pair in which this event is the later one, then the earlier one
                later = event if side == 0 else event + gap
                if later >= len(h.user) or h.place[later] < gap:
                    continue
                earlier = later - gap
                partner = earlier if side == 0 else later
                if h.cascade[partner] != h.cascade[event] or h.known[partner] >= c.progress[0]:
                    continue
                weight = np.rint(h.unit / gap)
                row, back = h.forward[later, gap - 1], h.backward[later, gap - 1]
                c.pair[row, 0] += weight
                c.pair[row, 1] += gap == 1
                c.pair[row, 2] += 1
                c.pair[row, 3] += faded / gap
                c.pair[back, 4] += 1 / gap
                c.pair[back, 5] += 1
                c.follows[h.user[earlier]] += 1 / gap
                c.followed[h.user[later]] += 1 / gap
        if c.events[u]:
            c.fast[u] *= np.exp((c.last[u] - now) / h.fast_scale)
            c.slow[u] *= np.exp((c.last[u] - now) / h.slow_scale)
        c.events[u] += 1
        c.fast[u] += 1
        c.slow[u] += 1
        c.last[u] = now
        c.place[u] += np.log(1.0 + place)
        c.starts[u] += place == 0
        c.size[h.cascade[event]] += 1
        c.progress[1] = max(c.progress[1], c.events[u])
        c.progress[0] += 1


@jit
def _vote(history, counts, reading, first, length, powers, own, until):  # type: ignore[no-untyped-def]
    """Adds the votes of the cascades most like the prefix; the work is bounded by constants, not by the history.

    Returns how many users have a slot now and how many of them a vote.
    """
    h, r, walk = history, reading, reading.walk
    seen, voters, found = walk.at[3], 0, 0
    for i in range(max(0, length - READ_BACK), length):
        u = h.user[first + i]
        weight = 0.5 + 0.5 * powers[length - 1 - i]
        left, stop = h.mine[u], h.mine[u + 1]
        while left < stop:  # events of this user that are known: a prefix of theirs
            middle = (left + stop) >> 1
            if h.known[h.mine_event[middle]] < until:
                left = middle + 1
            else:
                stop = middle
        for at in range(max(h.mine[u], left - PER_USER), left):
            c = h.cascade[h.mine_event[at]]
            if c == own:
                continue
            if r.cover[c] == 0:
                r.near[found] = c
                found += 1
            r.cover[c] += weight
            r.meet[c] = h.mine_event[at]
    for i in range(found):
        c = r.near[i]
        r.key[i] = -(r.cover[c] ** 2 / counts.size[c] / length)
        r.cover[c] = 0
    for i in first_few(r.key, found, NEAREST):
        c, likeness = r.near[i], -r.key[i]
        whole = counts.size[c] == h.offsets[c + 1] - h.offsets[c]
        for event in range(h.offsets[c], h.offsets[c + 1]):
            if not whole and h.known[event] >= until:
                continue
            b = h.user[event]
            slot = walk.slot[b]
            if slot < 0:
                met(walk, b, seen)
                slot = seen
                seen += 1
            vote = r.votes[slot]
            if vote[0] == 0:
                r.voted[voters] = slot
                voters += 1
            vote[0] += likeness
            if event > r.meet[c]:
                vote[1] += likeness / (event - r.meet[c])
            vote[2] = max(vote[2], likeness)
    return seen, voters


@jit
def _user_alone(history, counts, b, known_time, out):  # type: ignore[no-untyped-def]
    """The channels that depend on the candidate and the time alone [6]."""
    h, c = history, counts
    count = c.events[b]
    out[0] = np.log(1 + count)
    if count:
        idle = max(known_time - c.last[b], 0)  # whole cascades may outlast the cut
        out[1] = np.log(1 + c.fast[b] * np.exp(-idle / h.fast_scale))
        out[2] = np.log(1 + c.slow[b] * np.exp(-idle / h.slow_scale))
        out[3] = np.log(1 + idle / h.fast_scale)
        out[4] = c.place[b] / count
        out[5] = c.starts[b] / count
    else:
        out[1], out[2], out[3], out[4], out[5] = 0, 0, 10, 2, -0.1


@jit
def _log(x, channel):  # type: ignore[no-untyped-def]
    """Log of a sum that is mostly 0."""
    return np.log(x + _FLOORS[channel]) if x else _NOTHING[channel]


@jit
def _write(counts, b, base, total, vote, is_last, scales, linked, length, alone, out):  # type: ignore[no-untyped-def]
    """The channels of one candidate; those of the target itself are written by the caller.

    Args:
        counts: Counts.
        b: The candidate.
        base: Log of its score by the counting rule.
        total: Its sums over the prefix, see `Walk`.
        vote: Its votes, their like from just behind, and the largest.
        is_last: Whether the last user of the prefix has a pair with it.
        scales: What a sum is read times that fades along the prefix, one that fades also with age, the short walk.
        linked: Its links to the prefix.
        length: Users in the prefix.
        alone: Its channels by the time alone.
        out: Channels, out.
    """
    power, faded, short = scales
    out[0] = base
    out[1] = _log(total[0] * power, 1)
    out[2] = _log(total[1] * power, 2)
    out[3] = _log(total[2] / length, 3)
    out[4] = _log(total[3] * power, 4)
    out[5] = _log(total[4] / length, 5)
    out[6] = _log(total[5] * faded, 6)
    out[7] = total[6] / length
    out[8] = _log(total[8] if is_last else 0.0, 8)
    out[9] = _log(total[9] if is_last else 0.0, 9)
    out[10] = _log(vote[0], 10)
    out[11] = _log(vote[1], 11)
    out[12] = _log(vote[2], 12)
    out[13] = _log(total[7] * short, 13)
    out[14] = _log(total[0] * power / np.sqrt(counts.followed[b] + 1), 14)
    for i in range(6):
        out[15 + i] = alone[i]
    out[21] = linked


@jit
def read_targets(  # type: ignore[no-untyped-def]
    history, counts, reading, number_of, first, length, right, own, until, known_time, powers, share,
    extra, hard, drawn, seed, candidate, score, channel, weight,
):  # fmt: skip
    """Replays the history target by target and writes the channels of candidates, of all users or of a sample.

    With `hard + drawn == 0` every user is a candidate, in order of the codes, and weight is -inf for the prefix. Else
    the first candidate is the right one, `hard` are those that the counting rule, the votes and `extra` rank first,
    and the rest is drawn uniformly; `weight` is the log of how many users one drawn candidate stands for.

    Args:
        history: Events.
        counts: Counts, advanced in place.
        reading: What was read last, on these counts; kept for the next call.
        number_of: Number of each row's target; what is drawn at random for it follows from the seed and this [row].
        first: First event of each target's cascade [row].
        length: Events in the prefix [row].
        right: Right user, -1 for an end token [row].
        own: The target's cascade [row].
        until: Countable events it may use, ascending [row].
        known_time: Seconds as of which those are all [row].
        powers: Powers of the decay of the counting rule, from 0 [position].
        share: Weight of popularity in the counting rule.
        extra: Further candidates to rank among the hard ones, -1 = none [row, extra].
        hard: Candidates that evidence proposes.
        drawn: Least number drawn at random.
        seed: Of the draws.
        candidate: Codes, out [row, candidate].
        score: That of the counting rule, out, float64 [row, candidate].
        channel: Evidence, out [row, candidate, channel].
        weight: Out [row, candidate].
    """
    h, c, r, walk = history, counts, reading, reading.walk
    num_users, sample = len(c.events), hard + drawn
    no_sums, no_votes = np.zeros(SUMS), np.zeros(3)
    chosen = np.empty(max(sample, 1), dtype=np.int64)
    for row in range(len(first)):
        advance(h, c, until[row])
        if r.as_of[0] != until[row] or r.as_of[1] != known_time[row]:
            r.as_of[0], r.as_of[1], r.as_of[2] = until[row], known_time[row], r.as_of[2] + 1
        start, size = first[row], length[row]
        walk_to(h, c, walk, start, size, until[row], powers)
        seen, voters = _vote(h, c, r, start, size, powers, own[row], until[row])
        power = powers[size - 1]
        fade = np.exp(-min((known_time[row] - h.first_time) / h.pair_scale, _FURTHEST))
        scales = (power, power * fade, SHORT ** (size - 1))
        users = 0
        for i in range(size):
            u = h.user[start + i]
            users += not r.hidden[u]
            r.hidden[u] = True
            for at in range(h.linked[u], h.linked[u + 1]):
                r.linked[h.link[at]] += 0.5 + 0.5 * powers[size - 1 - i]
        number = num_users
        least = 0.5 * share / max(c.progress[1], 1)
        if sample:
            picked = 0
            if right[row] >= 0:
                chosen[0] = right[row]
                r.marked[right[row]] = True
                picked = 1
            for i in range(extra.shape[1]):
                b = extra[row, i]
                if b >= 0 and not r.hidden[b] and not r.marked[b] and picked < hard:
                    r.marked[b] = True
                    chosen[picked] = b
                    picked += 1
            for way in range(2):  # by the counting rule, then by votes
                for slot in range(seen):
                    if way == 0:
                        popular = popularity_term(c.events[walk.user[slot]], c.progress[1], share)
                        r.key[slot] = -(walk.sums[slot, 0] * power + popular)
                    else:
                        r.key[slot] = -r.votes[slot, 0] - 0.1 * walk.sums[slot, 2]
                for i in range(size):
                    slot = walk.slot[h.user[start + i]]
                    if slot >= 0:
                        r.key[slot] = np.inf
                end = hard if way == 1 else picked + (hard - picked) // 2
                for slot in first_few(r.key, seen, hard):  # fewer are marked than are wanted besides
                    b = walk.user[slot]
                    if picked < end and not r.marked[b]:
                        r.marked[b] = True
                        chosen[picked] = b
                        picked += 1
            for i in range(picked):
                weight[row, i] = 0
            left = num_users - users - picked
            each = min(sample - picked, left)
            stands_for = np.log(left / each) if each > 0 else 0.0
            state = _mix(np.uint64(seed) ^ _mix(np.uint64(number_of[row])))
            number = picked + each
            while picked < number:
                state = _mix(state)
                b = np.int64(state % np.uint64(num_users))
                if r.hidden[b] or r.marked[b]:
                    continue
                r.marked[b] = True
                chosen[picked] = b
                weight[row, picked] = stands_for
                picked += 1
            for i in range(picked):
                r.marked[chosen[i]] = False
            for i in range(picked, sample):
                chosen[i] = 0
                weight[row, i] = -np.inf
            number = sample
        now, previous = h.time[start + size - 1], h.time[start + max(size - 2, 0)]
        log_length, age = np.log(size), np.log(1 + max(now - h.time[start], 0) / h.fast_scale)
        gap = np.log(1 + max(now - previous, 0) / 60.0)
        lag = np.log(1 + max(now - known_time[row], 0) / h.fast_scale)
        for i in range(number):
            b = chosen[i] if sample else i
            slot = walk.slot[b]
            total, vote, is_last = no_sums, no_votes, False
            if slot >= 0:
                total, vote, is_last = walk.sums[slot], r.votes[slot], walk.last[slot] == size - 1
            if r.alone_of[b] != r.as_of[2]:
                r.alone_of[b] = r.as_of[2]
                _user_alone(h, c, b, known_time[row], r.alone[b])
            score[row, i] = total[0] * power + popularity_term(c.events[b], c.progress[1], share)
            base = np.log(max(score[row, i], least))
            out = channel[row, i]
            _write(c, b, base, total, vote, is_last, scales, r.linked[b], size, r.alone[b], out)
            out[22], out[23], out[24], out[25] = log_length, age, gap, lag
            candidate[row, i] = b
            if not sample:
                weight[row, i] = -np.inf if r.hidden[b] else 0
        for i in range(size):
            u = h.user[start + i]
            r.hidden[u] = False
            for at in range(h.linked[u], h.linked[u + 1]):
                r.linked[h.link[at]] = 0
        for i in range(voters):
            r.votes[r.voted[i], :] = 0
        forget(walk, walk.at[3], seen)
