"""X12 837P, 837I and 835 to billing transactions (domain.md §1.4)."""

from streams.sources.x12.checks import CHECKS
from streams.sources.x12.reader import read_x12
from streams.sources.x12.separators import looks_like_x12

__all__ = ["CHECKS", "looks_like_x12", "read_x12"]
