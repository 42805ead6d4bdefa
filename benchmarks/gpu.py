"""The paths that belong on a GPU: what they reach of the card's measured ceilings, beside the CPU and beside PyG."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import click

from benchmarks.command_options import out_option
from benchmarks.gpu_attention import measure_attention
from benchmarks.gpu_ceilings import Ceilings, measure_ceilings
from benchmarks.gpu_encoders import measure_encoders
from benchmarks.gpu_spread import measure_spread
from benchmarks.gpu_training import training_lines
from benchmarks.result_lines import ResultLines

PARTS = ("ceilings", "attention", "spread", "encoders", "training")


@click.command("gpu")
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), help="Again for more than one [default: all]."
)
@click.option("--device", default="cuda", show_default=True, help="cpu rehearses the parts on small sizes.")
@click.option("--quick", is_flag=True, help="Within a minute: small sizes.")
@out_option("gpu.jsonl")
def gpu(parts: tuple[str, ...], device: str, quick: bool, out: Path | None) -> None:
    """Encoders, graph attention, Monte-Carlo spread and training on a CUDA card; without one it says "not measured"."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        click.echo("gpu: not measured, no CUDA device is at hand; --device cpu rehearses the parts on small sizes")
        return
    out = out or Path(
        f"benchmarks/results/gpu{'_quick' if quick else ''}{'' if device == 'cuda' else '_' + device}.jsonl"
    )
    small = quick or device == "cpu"
    card = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    config: dict[str, Any] = {
        "card": card,
        "torch": torch.__version__,
        "small": small,
        "threads": torch.get_num_threads(),
    }
    digest = hashlib.sha256(json.dumps({"small": small}).encode()).hexdigest()
    lines = ResultLines(out, "gpu", "generated", digest, "none")
    chosen = parts or PARTS
    ceilings = measure_ceilings(device, small) if "ceilings" in chosen else Ceilings(math.nan, math.nan)
    if "ceilings" in chosen:
        lines.write("ceiling/copy", "bytes_per_second", ceilings.bytes_per_second, unit="B/s", config=config)
        lines.write("ceiling/bf16_product", "flops_per_second", ceilings.flops_per_second, unit="FLOP/s", config=config)
        click.echo(
            f"{card}: copies {ceilings.bytes_per_second:.3g} B/s, multiplies {ceilings.flops_per_second:.3g} FLOP/s"
        )
    measures = {"attention": measure_attention, "spread": measure_spread, "encoders": measure_encoders}
    for name, measure in measures.items():
        if name in chosen:
            for case, metric, value, unit, more in measure(device, small, ceilings):
                _tell(lines, f"{name}/{case}", metric, value, unit, {**config, **more})
    if "training" in chosen:
        for line in training_lines(device, small):
            if line["value"] is None:
                click.echo(f"training/{line['case']}: not measured, {line['reason']}")
                continue
            about = {**config, **line.get("config", {})}
            _tell(lines, f"training/{line['case']}", line["metric"], line["value"], line.get("unit", ""), about)
    click.echo(f"lines in {out}")


def _tell(lines: ResultLines, case: str, metric: str, value: float, unit: str, config: dict[str, Any]) -> None:
    lines.write(case, metric, value, unit=unit, config=config)
    click.echo(f"{case:<44} {metric:<28} {value:.4g} {unit}")
