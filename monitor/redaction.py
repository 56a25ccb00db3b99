"""The tripwire of the logs: whatever looks like an identifier is blotted out.

It is the second line; the first is that nothing hands identifiers to a logger. Therefore it prefers to blot out too
much.
"""

import re

BLOT = "[redacted]"

_PATTERNS = (
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),  # e-mail address
    re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),  # US social security number
    re.compile(r"(?<![\w-])(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b"),  # US telephone number
    re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.])"),  # 13 to 19 digits: a card number, Luhn or not
    re.compile(r"\b[a-z]\d{1,3}:[A-Za-z0-9_-]{22}"),  # our tokens (streams/tokens.py)
    re.compile(r"\bxox[a-z]-[A-Za-z0-9-]+"),  # Slack's tokens
    re.compile(r"\b[A-Za-z0-9+._-]+://[^\s/@:]+:[^\s/@]+@"),  # a password in an address
    re.compile(r"\b(?:19|20)\d{2}-\d{2}-\d{2}(?!T|\d)\b"),  # a date alone, which may be of birth
)


def redact(text: str) -> str:
    """Return the text with everything blotted out that looks like an identifier.

    >>> redact("mail to jane@example.org about 123-45-6789")
    'mail to [redacted] about [redacted]'
    """
    for pattern in _PATTERNS:
        text = pattern.sub(BLOT, text)
    return text
