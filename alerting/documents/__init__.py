"""Documents for people outside: what is on them, as blocks, and how they become text and PDF."""

from alerting.documents.blocks import Block, Bullets, Document, Facts, Heading, Lines, Paragraph
from alerting.documents.plain import plain_text
from alerting.documents.templates import filled

__all__ = ["Block", "Bullets", "Document", "Facts", "Heading", "Lines", "Paragraph", "filled", "plain_text"]
