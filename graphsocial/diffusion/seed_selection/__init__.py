"""Seed selection: who should begin so that most are reached."""
