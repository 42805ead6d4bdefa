"""Relative time as features: how long ago did it happen?"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class TimeEncoding(nn.Module):
    """Cosines of the logarithm of an age, with learned frequencies and phases, beside the logarithm itself.

    Time2Vec (Kazemi et al. 2019, arXiv 1907.05321) adds the linear term, TGAT (Xu et al. 2020, arXiv 2002.07962) puts
    cosines of the time difference into graph attention. Ages in social media span a second to years, hence the
    logarithm. Wavelengths start out geometric between 40 and 0.5 units of `log1p(seconds)`; nothing is random.

    Args:
        channels: Number of features, at least 2.

    >>> TimeEncoding(4)(torch.tensor([0.0, 86_400.0])).shape
    torch.Size([2, 4])
    """

    def __init__(self, channels: int = 16):
        super().__init__()
        wavelengths = torch.logspace(math.log10(40.0), math.log10(0.5), channels - 1)
        self.frequency = nn.Parameter(2 * math.pi / wavelengths)
        self.phase = nn.Parameter(torch.zeros(channels - 1))

    def forward(self, age: Tensor) -> Tensor:
        """Encodes ages.

        Args:
            age: Seconds since the event, any shape; negative ones count as zero.

        Returns:
            float32, [..., channel].
        """
        # Outside autocast: a phase of many radians does not fit into the 8 significant bits of bfloat16.
        with torch.autocast(age.device.type, enabled=False):
            scaled = torch.log1p(age.float().clamp(min=0)).unsqueeze(-1)
            return torch.cat([scaled / 10, torch.cos(scaled * self.frequency + self.phase)], dim=-1)
