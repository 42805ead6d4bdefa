"""Monte-Carlo spread on a GPU, coin for coin what the CPU draws."""

from graphsocial.scale.device_spread.spread_on_device import spread_on_device

__all__ = ["spread_on_device"]
