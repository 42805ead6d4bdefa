"""Readers of platform exports: one file per platform, all giving events of one schema."""
