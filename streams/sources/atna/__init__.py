"""DICOM/ATNA audit messages as accesses: from files, and from syslog."""

from streams.sources.atna.listener import Endpoints, Limits, listen
from streams.sources.atna.reader import looks_like_atna, parse_syslog, read_atna

__all__ = ["Endpoints", "Limits", "listen", "looks_like_atna", "parse_syslog", "read_atna"]
