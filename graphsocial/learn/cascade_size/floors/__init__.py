"""Floors of size prediction: rules a learned model has to beat."""
