"""From what a user typed (`builtin:…`, a folder, a hub name) to a loaded model, or to an error they can act on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from graphsocial.errors import GraphSocialError, SchemaError, did_you_mean

if TYPE_CHECKING:
    import torch

Model = TypeVar("Model")
Source = Literal["builtin", "folder", "hub"]

_PROBE_SECONDS = 5.0


def source_of(name: str, modality: str, *builtins: str) -> Source:
    """Where a model name leads.

    Args:
        name: What was typed.
        modality: For messages.
        builtins: Names of the models that packages carry.

    Raises:
        SchemaError: Not a name, an unknown `builtin:` one, or a path at which no folder stands.

    >>> source_of("builtin:minilm", "text", "builtin:minilm")
    'builtin'
    >>> source_of("builtin:minilmm", "text", "builtin:minilm")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: unknown text encoder 'builtin:minilmm', expected builtin:minilm, a model name or a
    folder. Did you mean 'builtin:minilm'?
    """
    expected = f"expected {', '.join(builtins)}, a model name or a folder."
    if not isinstance(name, str) or not name.strip():
        raise SchemaError(f"{modality} encoder got {name!r}, {expected}")
    if name in builtins:
        return "builtin"
    if Path(name).expanduser().is_dir():
        return "folder"
    prefix = name.partition(":")[0]
    short = [builtin.partition(":")[2] for builtin in builtins]
    if prefix == "builtin" or (":" in name and did_you_mean(prefix, ["builtin"])) or name in short:
        raise SchemaError(f"unknown {modality} encoder {name!r}, {expected}{did_you_mean(_full(name), builtins)}")
    if name.startswith(("/", "./", "../", "~")) or "\\" in name:
        raise SchemaError(f"{modality} encoder {name!r}: there is no such folder, {expected}")
    return "hub"


def _full(name: str) -> str:
    return name if ":" in name else f"builtin:{name}"


def load_from(name: str, source: Source, modality: str, builtin: str, load: Callable[[], Model]) -> Model:
    """Calls `load`; whatever a library raises becomes one sentence that says what was tried and what to do.

    Raises:
        GraphSocialError: The model cannot be loaded.
    """
    reachable = source != "hub" or _hub_answers()
    try:
        # Without the probe every file is asked for five times with growing pauses: minutes before the first word.
        with contextlib.nullcontext() if reachable else _offline():
            return load()
    except GraphSocialError:
        raise
    except Exception as error:  # these libraries raise OSError, RuntimeError, ValueError, hub errors and more
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        if source == "folder":
            raise GraphSocialError(
                f"{modality} encoder: folder {name!r} holds no model that loads ({reason})"
            ) from error
        network = (
            "has no model that loads under that name" if reachable else "cannot be reached and has not been before"
        )
        raise GraphSocialError(
            f"{modality} encoder {name!r}: the model hub {network} ({reason}). "
            f"Use {builtin!r}, which needs no network, or the folder of a downloaded model."
        ) from error


def _hub_answers() -> bool:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if urllib.request.getproxies().get("https"):
        return True  # a proxy resolves names for us: only the real request can tell
    address = urllib.parse.urlparse(constants.ENDPOINT)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=_PROBE_SECONDS):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Lets the hub's client look only at what it downloaded before."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


@contextlib.contextmanager
def quiet_loading() -> Iterator[None]:
    """Keeps transformers from drawing a progress bar for a load that takes half a second."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def weights_hash(state: Mapping[str, torch.Tensor], extra: str = "") -> str:
    """Hash over the names, types, shapes and bytes of all weights, hex; independent of the file they came in."""
    import torch

    digest = hashlib.sha256(extra.encode())
    for key in sorted(state):
        value = state[key].detach().cpu().contiguous()
        digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def licence_in_card(folder: str | os.PathLike[str]) -> str:
    """The licence that a model folder's README.md states in its front matter, else "unknown"."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        card = (Path(folder) / "README.md").read_text(encoding="utf-8")
        if card.startswith("---"):
            for line in card[3:].partition("\n---")[0].splitlines():
                key, _, value = line.partition(":")
                if key.strip() in ("license", "licence") and value.strip():
                    return value.strip().strip("\"'")
    return "unknown"


def pick_device(device: str | None) -> torch.device:
    """The device to encode on: as named, else CUDA where there is one, else the CPU.

    Raises:
        SchemaError: Not a device this torch knows or has.
    """
    import torch

    if device is None or device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise SchemaError(f"device {device!r} cannot be used ({reason}), expected auto, cpu or cuda") from error
    return chosen
