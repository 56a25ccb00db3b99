"""The archive: who opened which record when, by token, for as long as the law asks for it; a database of its own."""

from alerting.archive.accesses import Access, Gap, Merge
from alerting.archive.archive import Archive
from alerting.archive.schema import create_archive

__all__ = ["Access", "Archive", "Gap", "Merge", "create_archive"]
