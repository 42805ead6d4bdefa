"""Epidemic models: compartments that nodes pass through, in steps or in continuous time."""
