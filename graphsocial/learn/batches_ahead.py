"""Batches made by a thread while the model works on the one before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import torch

from graphsocial.learn.batching import Batch


def batches_ahead(
    makers: Iterator[Callable[[], Batch | None]], ahead: int, device: torch.device
) -> Generator[Batch | None, None, None]:
    """Batches on a device, in the order of their makers, the same as if each was made when it is asked for.

    On CUDA they are copied from pinned memory on a stream of their own, so that neither sampling nor copying holds up
    the model; the sampler's kernels release the interpreter, so the thread is no burden to it either.

    Args:
        makers: Each makes one batch, or None where there is nothing to make one of.
        ahead: At most this many are ready before they are asked for; 0: made when asked for, without a thread.
        device: Where they go.

    Yields:
        The batches; what a maker raises comes out in the place of its batch.
    """
    if ahead == 0:
        for make in makers:
            batch = make()
            yield None if batch is None else batch.to(device)
        return
    stream = torch.cuda.Stream(device) if device.type == "cuda" else None
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=ahead)
    stop = threading.Event()

    def put(kind: str, value: Any) -> None:
        while not stop.is_set():
            try:
                return ready.put((kind, value), timeout=0.05)
            except queue.Full:
                continue

    def fill() -> None:
        try:
            for make in makers:
                if stop.is_set():
                    return
                put("batch", _sent(make(), device, stream))
        except BaseException as error:  # an interrupt too comes out where the batch would have
            put("error", error)
        else:
            put("end", None)

    thread = threading.Thread(target=fill, name="batches ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield _received(value, device, stream)
    finally:
        stop.set()
        thread.join()


def _sent(batch: Batch | None, device: torch.device, stream: Any) -> Any:
    """The batch on its way, with the event that says when it is there."""
    if batch is None or stream is None:
        return None if batch is None else (batch.to(device), None)
    with torch.cuda.stream(stream):
        sent = batch.pinned().to(device)
        event = torch.cuda.Event()
        event.record(stream)
    return sent, event


def _received(sent: Any, device: torch.device, stream: Any) -> Batch | None:
    if sent is None:
        return None
    batch, event = sent
    if event is not None:
        current = torch.cuda.current_stream(device)
        current.wait_event(event)
        batch.used_by(current)
    return batch  # type: ignore[no-any-return]
