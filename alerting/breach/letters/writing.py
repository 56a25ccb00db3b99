"""Letters and public notices, from their templates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.breach.affected import STATES
from alerting.breach.duties import POSTING_DAYS
from alerting.breach.entity import CoveredEntity
from alerting.breach.letters.recipients import Recipient
from alerting.breach.letters.story import Story, spoken, when
from alerting.documents import Document, Lines, filled
from alerting.documents.templates import Value, fields_of
from alerting.refusal import Refused

LetterKind: TypeAlias = Literal["individual", "next_of_kin"]
Templated: TypeAlias = Literal["individual", "next_of_kin", "substitute", "media"]

ELEMENTS = frozenset({"happened", "when", "information", "steps", "actions", "contact"})
"""What every notice holds, so that none lacks an element of 164.404(c)(1); also a template of the site."""
ALSO_NEEDED: Mapping[Templated, frozenset[str]] = {
    "individual": frozenset({"name", "address", "date"}),
    "next_of_kin": frozenset({"name", "kin", "address", "date"}),
    "substitute": frozenset({"toll_free", "until", "date"}),
    "media": frozenset({"state", "date"}),
}


class Occasion(Struct, frozen=True, kw_only=True):
    """What all notices of one breach share."""

    entity: CoveredEntity
    story: Story
    discovered_on: date
    written_on: date


TEMPLATES = tuple(ALSO_NEEDED)
"""Kinds of documents that are written from a template."""


def template_of(kind: Templated) -> str:
    """Return the template that comes with Wardwatch."""
    return (files("alerting.breach.letters") / "templates" / f"{kind}.txt").read_text(encoding="utf-8")


def template_problem(kind: Templated, template: str) -> str:
    """Return which fields a template of the site lacks, or an empty text."""
    lacking = sorted((ELEMENTS | ALSO_NEEDED[kind]) - fields_of(template))
    return f"the template lacks {', '.join(f'${name}' for name in lacking)}" if lacking else ""


def entity_problems(kind: Templated, entity: CoveredEntity) -> list[str]:
    """Return what the response plan must say of the entity before such a notice can be written."""
    lacks = [] if entity.name else ["entity.name"]
    if not entity.ways_to_reach:
        lacks.append("entity.toll_free, email, website or street (164.404(c)(1)(E))")
    if kind == "substitute" and not entity.toll_free:
        lacks.append("entity.toll_free (164.404(d)(2)(ii))")
    if kind in ("individual", "next_of_kin") and not entity.signer:
        lacks.append("entity.signer")
    return [f"the response plan does not say {field}" for field in lacks]


def letters(kind: LetterKind, occasion: Occasion, recipients: Sequence[Recipient], template: str) -> list[Document]:
    """Return a letter to each recipient of this kind: those who have next of kin, or those who have none."""
    chosen = [one for one in recipients if bool(one.next_of_kin) == (kind == "next_of_kin")]
    if not chosen:
        raise Refused("the file of people holds nobody for letters of this kind")
    shared = _shared(occasion)
    return [filled(template, shared | _about(one), title=kind) for one in chosen]


def substitute_notice(occasion: Occasion, template: str) -> Document:
    """Return the public notice for those whose address is not known (164.404(d)(2)(ii))."""
    until = spoken(occasion.written_on + timedelta(days=POSTING_DAYS))
    return filled(template, _shared(occasion) | {"until": until}, title="substitute")


def media_notice(occasion: Occasion, template: str, *, state: str, count: int) -> Document:
    """Return the notice to the media of a state (164.406)."""
    values = _shared(occasion) | {"state": STATES[state], "count": f"{count:,}"}
    return filled(template, values, title=f"media-{state}")


def _shared(occasion: Occasion) -> dict[str, Value]:
    entity, story = occasion.entity, occasion.story
    return {
        "entity": entity.name,
        "entity_street": entity.street,
        "entity_place": entity.place,
        "toll_free": entity.toll_free,
        "signer": entity.signer,
        "signer_title": entity.signer_title,
        "contact": Lines(entity.ways_to_reach),
        "date": spoken(occasion.written_on),
        "happened": story.happened,
        "when": when(story, occasion.discovered_on),
        "information": story.information_lines,
        "steps": tuple(step for step in story.steps if step.strip()),
        "actions": story.actions,
    }


def _about(recipient: Recipient) -> dict[str, Value]:
    kin = recipient.next_of_kin
    return {
        "name": recipient.name,
        "kin": kin,
        "address": Lines((kin or recipient.name, *recipient.address)),
    }
