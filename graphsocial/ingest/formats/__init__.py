"""Readers of files that research publishes: cascades, edge lists, simulations."""
