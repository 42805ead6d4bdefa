"""Past one machine, and onto other devices: entry points over engines that exist."""
