"""Faults of every kind, injected into days that real processes run: `python -m benchmarks.chaos`."""
