"""Readers of corpora whose layout is their own: one module each, `read(folder, task)` gives a folder of posts."""
