"""What the letters tell: the officer's account of one breach, in a file that is read for a notice and not kept.

The elements are those of 164.404(c)(1). The words for kinds of information, of breach, of places and of safeguards are
those of the form on which HHS takes notices.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.breach.letters.reading import reading_grade
from alerting.tripwire import Tripwire

Information: TypeAlias = Literal[
    "name", "address", "date_of_birth", "ssn", "drivers_license", "other_identifier", "diagnosis", "lab_results",
    "medications", "treatment", "claims", "card_or_account", "financial", "other",
]  # fmt: skip
BreachType: TypeAlias = Literal["hacking", "improper_disposal", "loss", "theft", "unauthorized"]
Place: TypeAlias = Literal["desktop", "emr", "email", "laptop", "server", "portable", "paper", "other"]
Safeguard: TypeAlias = Literal["none", "privacy", "administrative", "physical", "technical"]

INFORMATION: Mapping[Information, tuple[str, str]] = {
    "name": ("Demographic", "name"),
    "address": ("Demographic", "address, telephone number or email address"),
    "date_of_birth": ("Demographic", "date of birth"),
    "ssn": ("Demographic", "Social Security number"),
    "drivers_license": ("Demographic", "driver's license number"),
    "other_identifier": ("Demographic", "other numbers that identify a person, such as the medical record number"),
    "diagnosis": ("Clinical", "diagnoses and conditions"),
    "lab_results": ("Clinical", "test results"),
    "medications": ("Clinical", "medicines"),
    "treatment": ("Clinical", "notes about visits and treatment"),
    "claims": ("Financial", "health insurance and claims information"),
    "card_or_account": ("Financial", "card or bank account number"),
    "financial": ("Financial", "other financial information"),
    "other": ("Other", "other information"),
}
"""Kinds of information: the group that HHS asks for, and plain words for letters."""
BREACH_TYPES: Mapping[BreachType, str] = {
    "hacking": "Hacking/IT Incident",
    "improper_disposal": "Improper Disposal",
    "loss": "Loss",
    "theft": "Theft",
    "unauthorized": "Unauthorized Access/Disclosure",
}
PLACES: Mapping[Place, str] = {
    "desktop": "Desktop Computer",
    "emr": "Electronic Medical Record",
    "email": "Email",
    "laptop": "Laptop",
    "server": "Network Server",
    "portable": "Other Portable Electronic Device",
    "paper": "Paper/Films",
    "other": "Other",
}
SAFEGUARDS: Mapping[Safeguard, str] = {
    "none": "None",
    "privacy": "Privacy Rule Safeguards (training, policies and procedures, etc.)",
    "administrative": "Security Rule Administrative Safeguards (risk analysis, risk management, etc.)",
    "physical": "Security Rule Physical Safeguards (facility access controls, workstation security, etc.)",
    "technical": "Security Rule Technical Safeguards (access controls, transmission security, etc.)",
}
FORBIDDEN = frozenset({"ssn", "mrn", "pan", "token"})
"""What no letter quotes, by the names of the tripwire's patterns."""
PLAIN_GRADE = 10.0
"""School grade up to which a text counts as plain enough; the rule asks for plain language without a number."""
LEAST_TEXT = 20


class ForHhs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What HHS asks for beyond what the letters tell."""

    types: tuple[BreachType, ...] = ("unauthorized",)
    places: tuple[Place, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    description: str = ""
    actions: str = ""
    business_associate: str = ""
    tracking_number: str = ""


class Story(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account of one breach.

    `happened` is (A) of 164.404(c)(1) together with the days (`first_day`, `last_day`; none where they are not known),
    `information` with `information_more` is (B), `steps` (C), `actions` (D) what is done to investigate, to mitigate
    harm and to protect against further breaches. (E), the contacts, are those of the entity in the response plan.
    """

    happened: str
    information: tuple[Information, ...]
    steps: tuple[str, ...]
    actions: str
    first_day: date | None = None
    last_day: date | None = None
    information_more: str = ""
    hhs: ForHhs = ForHhs()

    def __repr__(self) -> str:
        return "<Story>"

    @property
    def information_lines(self) -> tuple[str, ...]:
        """The kinds of information in plain words, a line each."""
        lines = [INFORMATION[kind][1] for kind in self.information if kind != "other"]
        return (*lines, *([self.information_more] if self.information_more.strip() else []))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that the officer wrote."""
        return (self.happened, self.actions, *self.steps, self.information_more)


def when(story: Story, discovered_on: date) -> str:
    """Return the days of the breach and of its discovery as a sentence each (164.404(c)(1)(A))."""
    if story.first_day is None:
        days = "We do not know on which day this happened."
    elif story.last_day in (None, story.first_day):
        days = f"This happened on {spoken(story.first_day)}."
    else:
        days = f"This happened between {spoken(story.first_day)} and {spoken(story.last_day)}."
    return f"{days} We learned of it on {spoken(discovered_on)}."


def spoken(day: date | None) -> str:
    """Return a day as letters have it.

    >>> spoken(date(2026, 3, 2))
    'March 2, 2026'
    """
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else ""


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def story_problems(story: Story, discovered_on: date) -> list[str]:
    """Return what keeps the account from being told, a sentence each; none quotes it."""
    checks = (
        (_is_short(story.happened), "happened: describe briefly what happened (164.404(c)(1)(A))"),
        (not story.information_lines, "information: name the types of information (164.404(c)(1)(B))"),
        (not any(step.strip() for step in story.steps), "steps: say how people protect themselves (164.404(c)(1)(C))"),
        (_is_short(story.actions), "actions: say what you do to investigate, mitigate and protect (164.404(c)(1)(D))"),
        ("other" in story.information and not story.information_more.strip(), "information_more: say what `other` is"),
        (story.first_day is None and story.last_day is not None, "first_day: there is a last day without a first"),
        (bool(story.first_day and story.last_day and story.last_day < story.first_day), "last_day: before the first"),
        (story.first_day is not None and story.first_day > discovered_on, "first_day: after the day of discovery"),
    )
    found = set(Tripwire().patterns_in_text("\n".join(story.texts))) & FORBIDDEN
    quoted = [f"a text holds what looks like a {name}: no letter quotes one" for name in sorted(found)]
    return [problem for fails, problem in checks if fails] + quoted


def story_remarks(story: Story) -> list[str]:
    """Return what the officer should think about."""
    grade = max(reading_grade(text) for text in (story.happened, story.actions, " ".join(story.steps)))
    if grade <= PLAIN_GRADE:
        return []
    return [f"the text reads like school grade {grade:.0f}: plain language is asked for (164.404(c)(2))"]


def _is_short(text: str) -> bool:
    return len(" ".join(text.split())) < LEAST_TEXT
