"""Claims and remittances as X12 5010: 837 professional, 837 institutional, 835."""

from streams.simulator.formats.x12.files import X12Files

__all__ = ["X12Files"]
