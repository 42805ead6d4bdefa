"""Opinions: numbers or labels that nodes hold, and how those of their neighbours move them."""
