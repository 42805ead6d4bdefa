"""An activation model as one file: tensors with their description and a checksum over both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.errors import DataIntegrityError
from graphsocial.learn.activation.activation_fit import ActivationFit
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.candidate_edges import PAIR_CHANNELS, USER_CHANNELS
from graphsocial.learn.activation.post_hazards import HazardReader
from graphsocial.learn.activation.social_links import SocialLinks
from graphsocial.learn.checkpoint import read_checkpoint, write_checkpoint
from graphsocial.nn.activation_net import ActivationNet, ActivationNetConfig
from graphsocial.nn.virality_net import ViralityNet, ViralityNetConfig

_KIND = "activation model"
_CONTEXT = 4 + 2 * len(USER_CHANNELS)


def write_model(path: Path, model: ActivationModel) -> None:
    """Writes a model.

    Raises:
        DataIntegrityError: The file cannot be written; an earlier one is untouched.
    """
    tensors = {f"hazards.{name}": value for name, value in model.reader.net.state_dict().items()}
    for number, net in enumerate(model.reader.virality):
        tensors |= {f"virality.{number}.{name}": value for name, value in net.state_dict().items()}
    tensors["delays"] = torch.from_numpy(model.delays.quantile.copy())
    if model.links is not None:
        tensors["links"] = torch.from_numpy(model.links.link.copy())
        names = json.dumps(model.links.ids.tolist()).encode()
        tensors["link_names"] = torch.from_numpy(np.frombuffer(names, dtype=np.uint8).copy())
    report = model.fit_report
    state = {
        "kind": _KIND,
        "contagion": model.contagion,
        "modalities": dict(model.modalities),
        "observe": model.observe,
        "horizon": model.horizon,
        "known_until": model.known_until,
        "assumptions": list(model.assumptions),
        "links_known_until": None if model.links is None else model.links.known_until,
        "seed": model.seed,
        "config": asdict(model.config),
        "fit_report": asdict(report) | {"contagion": [list(pair) for pair in report.contagion.items()]},
    }
    write_checkpoint(path, tensors, state | {"sha256": _digest(tensors, state)})


def read_model(path: Path) -> ActivationModel:
    """Reads what `write_model` wrote.

    Raises:
        DataIntegrityError: No such file, or it is damaged or holds something else.
    """
    tensors, state = read_checkpoint(path)
    del state["format"]
    if state.get("kind") != _KIND:
        raise DataIntegrityError(f"{path} holds {state.get('kind', 'a trained run')!r}, expected {_KIND!r}")
    if state.pop("sha256", None) != _digest(tensors, state):
        raise DataIntegrityError(f"{path} is damaged: its checksum does not match what it holds")
    given = state["config"]
    config = ActivationTraining(
        **given
        | {
            "net": ActivationNetConfig(**given["net"]),
            "virality": ViralityNetConfig(**given["virality"]),
            "contagion": tuple(given["contagion"]),
        }
    )
    modalities = state["modalities"]
    net = ActivationNet(len(PAIR_CHANNELS), len(USER_CHANNELS), _CONTEXT, modalities, config.net)
    net.load_state_dict(_part(tensors, "hazards."))
    virality = []
    for number in range(config.virality_nets):
        weights = _part(tensors, f"virality.{number}.")
        virality.append(ViralityNet(weights["mean"], _CONTEXT, modalities, config.virality))
        virality[-1].load_state_dict(weights)
    links = None
    if "links" in tensors:
        names = np.array(json.loads(tensors["link_names"].numpy().tobytes()), dtype=str)
        links = SocialLinks(names, tensors["links"].numpy(), state["links_known_until"])
    report = state["fit_report"]
    return ActivationModel(
        reader=HazardReader(net.eval(), tuple(one.eval() for one in virality)),
        delays=DelayLaw(tensors["delays"].numpy(), "learned with the activations", state["known_until"], fitted=True),
        contagion=state["contagion"],
        modalities=modalities,
        observe=state["observe"],
        horizon=state["horizon"],
        known_until=state["known_until"],
        assumptions=tuple(state["assumptions"]),
        links=links,
        seed=state["seed"],
        config=config,
        fit_report=ActivationFit(
            report["training"],
            report["validation"],
            tuple(report["judged"]),
            report["frailty"],
            tuple(report["virality_epochs"]),
            {factor: score for factor, score in report["contagion"]},
        ),
    )


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _digest(tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name, value in sorted(tensors.items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
