"""Whether a compressed file is a bomb: it holds so many times its size that no export can be in it.

Whoever inflates asks while it does, so that a bomb is let go after some dozen MiB. gzip can reach 1,032 times, xz some
7,000; exports of audit records and claims reach 10 to 40, CloudEvents by the simulator 12 (gzip) and 20 (xz).
"""

LARGEST_RATIO = 500
"""Times its size; deflate can reach 1,032 (its longest match, RFC 1951)."""

LEAST_BYTES = 64 * 1024 * 1024
"""Of less nothing is said: a small file of one repeated line does no harm."""


def is_bomb(packed: int, unpacked: int) -> bool:
    """Return whether to stop, after so many bytes read and so many made of them."""
    return unpacked > LEAST_BYTES and unpacked > LARGEST_RATIO * packed
