"""Past one machine, and onto other devices: entry points over engines that exist."""

__all__: list[str] = []  # import the part that is needed: spark, training or device_spread
