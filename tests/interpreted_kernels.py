"""Runs checks of compiled kernels in a process of their own, on a card or in Triton's interpreter on the CPU."""

import os
import subprocess
import sys
from pathlib import Path


def run_check(code: str, test: str, device: str, interpret: bool) -> str:
    """What the check prints, and its errors.

    Args:
        code: The check; `{tests}` stands for the folder of its test file, `{device}` for the device.
        test: The test file.
        device: "cuda" or "cpu".
        interpret: Whether Triton interprets its kernels.
    """
    filled = code.format(tests=str(Path(test).parent), device=device)
    env = dict(os.environ) | ({"TRITON_INTERPRET": "1"} if interpret else {})
    done = subprocess.run([sys.executable, "-c", filled], capture_output=True, text=True, env=env, check=False)
    return done.stdout + done.stderr
