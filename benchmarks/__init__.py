"""Benchmarks: `python -m benchmarks NAME`; they use the public API only."""
