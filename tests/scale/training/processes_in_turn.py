"""Several processes of a training, played by threads of which only one runs at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from torch import Tensor

from graphsocial.errors import GraphSocialError

Result = TypeVar("Result")


class _Table:
    """Where the players put down what they give, round by round, and who may run."""

    def __init__(self, count: int):
        self.count = count
        self.baton = threading.Condition()
        self.running: int | None = None
        self.rounds: dict[int, dict[int, Any]] = {}
        self.left = False

    def exchange(self, rank: int, number: int, value: Any) -> list[Any]:
        """Lets the others run until each has given something in this round; everybody gets everything."""
        with self.baton:
            given = self.rounds.setdefault(number, {})
            given[rank] = value
            while len(given) < self.count and not self.left:
                self._rest(rank)
            if len(given) < self.count:
                raise GraphSocialError("another player has left")
            return [given[one] for one in range(self.count)]

    def _rest(self, rank: int) -> None:
        self.running = None
        self.baton.notify_all()
        self.baton.wait(timeout=1)  # lets go of the baton, so that another gets it
        self.baton.wait_for(lambda: self.running is None)
        self.running = rank


class ProcessInTurn:
    """One of several `Processes` that live in one process."""

    def __init__(self, table: _Table, rank: int):
        self.table, self.rank, self.count = table, rank, table.count
        self.round = 0

    def sum(self, tensor: Tensor) -> Tensor:
        parts = self.gather(tensor.clone())
        total = parts[0].clone()
        for part in parts[1:]:
            total += part
        return total

    def gather(self, value: Any) -> list[Any]:
        self.round += 1
        return self.table.exchange(self.rank, self.round, value)


def in_turn(count: int, play: Callable[[ProcessInTurn], Result]) -> list[Result | BaseException]:
    """What each of `count` processes made of it, or what it raised."""
    table = _Table(count)
    found: list[Any] = [None] * count

    def run(rank: int) -> None:
        with table.baton:
            table.baton.wait_for(lambda: table.running is None)
            table.running = rank
        try:
            found[rank] = play(ProcessInTurn(table, rank))
        except BaseException as error:
            found[rank] = error
            table.left = True
        finally:
            with table.baton:
                table.running = None
                table.baton.notify_all()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    return found
