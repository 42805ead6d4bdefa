"""An untrained network says what the evidence says, as loudly where some of it is missing."""

from __future__ import annotations

import torch

from graphsocial.nn.post_label_net import PostLabelNet


def test_what_is_left_speaks_as_loudly_as_all_of_it():
    net = PostLabelNet({"text": (4, 1), "image": (4, 1)}, ("text", "image"), classes=2).eval()
    tokens = {name: torch.zeros(3, 1, 4) for name in ("text", "image")}
    mask = {name: torch.zeros(3, 1, dtype=torch.bool) for name in tokens}
    text = torch.tensor([[2.0, -2.0], [2.0, -2.0], [0.0, 0.0]])
    image = torch.tensor([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])
    found = net(tokens, mask, {"text": text, "image": image})
    torch.testing.assert_close(found, torch.tensor([[1.5, -1.5], [2.0, -2.0], [0.0, 0.0]]))


def test_without_any_evidence():
    net = PostLabelNet({"text": (4, 1)}, (), classes=2).eval()
    found = net({"text": torch.ones(2, 1, 4)}, {"text": torch.ones(2, 1, dtype=torch.bool)}, {})
    assert found.shape == (2, 2) and not found.any()
