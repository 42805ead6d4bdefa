"""Blocking: whom to immunise, or which edges to cut, so that least is reached."""
