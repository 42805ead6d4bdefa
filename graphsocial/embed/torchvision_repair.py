"""Makes `import torchvision` work beside a torch of another build, which timm and transformers need.

A CPU-only torch next to the registry's CUDA build of torchvision is a common pair, and `pip check` is silent about it.
The compiled half of torchvision does not load then, so its operators are never declared, and the import ends in
`RuntimeError: operator torchvision::nms does not exist`. timm and transformers use only the pure Python half. So, when
that very error occurs and never otherwise, the missing operators are declared without an implementation and torchvision
is imported again. What is lost is what the compiled half did: box suppression (`nms`) and JPEG decoding. graphsocial
uses neither; it decodes with Pillow.

Call `repair_torchvision()` before the first import of timm, transformers or sentence-transformers. Nothing here runs
when graphsocial is imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

_SYMPTOM = "operator torchvision::nms does not exist"
_MISSING = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

# torch forgets the declarations as soon as the object that made them is collected.
_declared: list[Any] = []


def repair_torchvision() -> bool:
    """Imports torchvision, declaring its missing operators if that is what stands in the way.

    Returns:
        True when a repair was made, False when torchvision works or is not installed.

    Raises:
        RuntimeError: torchvision is broken in another way; that is left for its user to see.
    """
    if "torchvision" in sys.modules:
        return False
    try:
        importlib.import_module("torchvision")
    except ImportError:
        return False
    except RuntimeError as error:
        if _SYMPTOM not in str(error):
            raise
    else:
        return False
    _declare_missing_operators()
    for name in [name for name in sys.modules if name == "torchvision" or name.startswith("torchvision.")]:
        del sys.modules[name]  # half-imported: the second import has to start afresh
    importlib.import_module("torchvision")
    return True


def _declare_missing_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in _MISSING:
        library.define(name + _SIGNATURE)
    _declared.append(library)
