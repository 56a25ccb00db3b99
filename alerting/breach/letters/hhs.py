"""The sheet for HHS: what its breach portal asks, in the order of its pages, with what is known filled in.

The fields are those of the form "Notice to the Secretary of HHS of Breach of Unsecured Protected Health Information"
(45 CFR 164.408; https://ocrportal.hhs.gov). No individual is named on it.
"""

from collections.abc import Iterable

from alerting.breach.affected import HHS_FROM, WEB_FROM, Affected
from alerting.breach.entity import CoveredEntity
from alerting.breach.file import BreachFile
from alerting.breach.letters.story import (
    BREACH_TYPES,
    INFORMATION,
    PLACES,
    SAFEGUARDS,
    Story,
    spoken,
)
from alerting.breach.letters.writing import Occasion
from alerting.breach.records import Noticed
from alerting.documents import Document, Facts, Heading, Paragraph
from alerting.refusal import Refused

KINDS = {"provider": "Healthcare Provider", "health_plan": "Health Plan", "clearinghouse": "Healthcare Clearing House"}
OPEN = ""
"""What the officer fills in."""


def hhs_problems(entity: CoveredEntity, story: Story) -> list[str]:
    """Return what the plan and the account must say before the sheet is worth anything."""
    plan = ("name", "street", "city", "state", "zip", "contact", "contact_phone", "contact_email")
    lacks = [f"the response plan does not say entity.{name}" for name in plan if not getattr(entity, name)]
    told = story.hhs
    account = {
        "types": told.types, "places": told.places, "safeguards": told.safeguards,
        "description": told.description.strip(), "actions": told.actions.strip(),
    }  # fmt: skip
    return lacks + [f"hhs.{name} is missing in the account" for name, value in account.items() if not value]


def hhs_sheet(occasion: Occasion, file: BreachFile) -> Document:
    """Return the sheet.

    Raises:
        Refused: if nobody has counted who is affected.
    """
    if file.counted is None:
        raise Refused("count the affected individuals first (`wardwatch breach affected`)")
    affected = file.counted.affected
    blocks = (
        Heading("Notice to the Secretary of HHS: what the portal asks"),
        Paragraph(
            f"Case {file.incident_id}, as of {spoken(occasion.written_on)}. Fields with a dash are yours to fill in."
        ),
        Heading("General"),
        Facts(_general(occasion, file)),
        Heading("Contact"),
        Facts(_contact(occasion.entity, occasion.story)),
        Heading("Breach"),
        Facts(_breach(occasion, affected, is_estimate=file.counted.is_estimate)),
        Heading("Notice of breach and actions taken"),
        Facts(_notices(file, affected, occasion.story)),
        Heading("Attestation"),
        Facts((("Name", OPEN), ("Date", OPEN))),
    )
    return Document("hhs", blocks)


Rows = tuple[tuple[str, str], ...]


def _general(occasion: Occasion, file: BreachFile) -> Rows:
    told = any(notice.kind in ("hhs", "hhs_yearly") for notice in file.valid_notices)
    report = "Addendum to Previous Report" if told else "Initial Breach Report"
    return (("Report type", report), ("Breach tracking number", occasion.story.hhs.tracking_number if told else "n/a"))


def _contact(entity: CoveredEntity, story: Story) -> Rows:
    associate = story.hhs.business_associate
    filing = "Covered Entity, for its Business Associate" if associate else "Covered Entity, for itself"
    return (
        ("Filing as", filing),
        ("Name of covered entity", entity.name),
        ("Type of covered entity", KINDS[entity.kind]),
        ("Street address", entity.street),
        ("City", entity.city),
        ("State", entity.state),
        ("ZIP", entity.zip),
        ("Point of contact", entity.contact),
        ("Phone", entity.contact_phone),
        ("Email", entity.contact_email),
        *((("Business associate", associate),) if associate else ()),
    )


def _breach(occasion: Occasion, affected: Affected, *, is_estimate: bool) -> Rows:
    story = occasion.story
    size = "500 or More Individuals" if affected.total >= HHS_FROM else "Fewer Than 500 Individuals"
    groups = dict.fromkeys(INFORMATION[kind][0] for kind in story.information)
    details = [INFORMATION[kind][1] for kind in story.information if kind != "other"]
    return (
        ("How many individuals", size),
        ("Approximate number", f"{affected.total}{' (estimate)' if is_estimate else ''}"),
        ("Breach start", spoken(story.first_day)),
        ("Breach end", spoken(story.last_day or story.first_day)),
        ("Discovery start", spoken(occasion.discovered_on)),
        ("Discovery end", spoken(occasion.discovered_on)),
        ("Type of breach", _joined(BREACH_TYPES[kind] for kind in story.hhs.types)),
        ("Location of breach", _joined(PLACES[place] for place in story.hhs.places)),
        ("Type of PHI", _joined(groups)),
        ("Details of PHI", _joined([*details, *([story.information_more] if story.information_more else [])])),
        ("Brief description", story.hhs.description),
        ("Safeguards before the breach", _joined(SAFEGUARDS[one] for one in story.hhs.safeguards)),
    )


def _notices(file: BreachFile, affected: Affected, story: Story) -> Rows:
    to_people = [notice for notice in file.valid_notices if notice.kind in ("individual", "next_of_kin")]
    return (
        ("Individual notice, first day", _day(to_people, first=True)),
        ("Individual notice, last day", _day(to_people, first=False)),
        ("Substitute notice required", _substitute(affected)),
        ("Media notice required", f"Yes: {', '.join(affected.media_states)}" if affected.media_states else "No"),
        ("Actions taken in response", story.hhs.actions),
    )


def _substitute(affected: Affected) -> str:
    if not affected.unreachable:
        return "No"
    return "Yes: 10 or more" if affected.unreachable >= WEB_FROM else "Yes: fewer than 10"


def _day(notices: list[Noticed], *, first: bool) -> str:
    days = sorted(notice.made_on for notice in notices)
    return spoken(days[0 if first else -1]) if days else OPEN


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)
