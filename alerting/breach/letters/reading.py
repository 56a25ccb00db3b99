"""How hard a text is to read: the grade level of Flesch and Kincaid.

J. P. Kincaid et al., "Derivation of New Readability Formulas for Navy Enlisted Personnel", 1975. Syllables are counted
as groups of vowels, which is good to about a grade.
"""

import re

_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n{2,}")
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(text: str) -> float:
    """Return the school grade that can read an English text; 0 for a text without words.

    >>> reading_grade("We are sorry. Call us.") < 3 < reading_grade("Unauthorized individuals accessed information.")
    True
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, sum(1 for part in _SENTENCE.split(text) if _WORD.search(part)))
    syllables = sum(_syllables(word.lower()) for word in words)
    return max(0.0, 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59)


def _syllables(word: str) -> int:
    silent_e = word.endswith("e") and not word.endswith(("le", "ee"))
    return max(1, len(_VOWELS.findall(word)) - silent_e)
