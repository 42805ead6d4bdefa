"""Activation probabilities of every candidate edge for this very post, learned from past cascades."""
