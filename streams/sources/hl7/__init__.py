"""HL7 v2 ADT (admission, discharge, transfer) to context events, from files and over MLLP."""

from streams.sources.hl7.listener import Limits, Listener
from streams.sources.hl7.reading import looks_like_hl7, read_hl7

__all__ = ["Limits", "Listener", "looks_like_hl7", "read_hl7"]
