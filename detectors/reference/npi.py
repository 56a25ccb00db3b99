"""National Provider Identifiers, and the check digit that they share with payment cards."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def passes_luhn(digits: bytes) -> bool:
    """Return whether ASCII digits end in their Luhn check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += _DOUBLED[digit - 48] if place % 2 else digit - 48
    return total % 10 == 0


def is_npi(value: str) -> bool:
    """Return whether a value is a National Provider Identifier: ten digits, 1 or 2 first, Luhn over 80840 + NPI."""
    return (
        len(value) == 10
        and value.isascii()
        and value.isdigit()
        and value[0] in "12"
        and passes_luhn(b"80840" + value.encode())
    )
