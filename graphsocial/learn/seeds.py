"""One seed per purpose, all from the seed of the run."""

from __future__ import annotations

import hashlib


def derived_seed(*parts: int | str) -> int:
    """One 63-bit seed per purpose, from the run's seed; hashing keeps the streams apart."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
