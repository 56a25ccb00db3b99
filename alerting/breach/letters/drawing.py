"""Drawing up what somebody ordered: checked, complete, and with what they should think about before it is sent."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.breach.affected import STATES, Affected
from alerting.breach.entity import CoveredEntity
from alerting.breach.file import BreachFile
from alerting.breach.letters.hhs import hhs_problems, hhs_sheet
from alerting.breach.letters.lists import individual_list
from alerting.breach.letters.recipients import Recipient
from alerting.breach.letters.story import Story, story_problems, story_remarks
from alerting.breach.letters.writing import (
    TEMPLATES,
    Occasion,
    entity_problems,
    letters,
    media_notice,
    substitute_notice,
    template_of,
    template_problem,
)
from alerting.documents import Document
from alerting.documents.templates import TemplateError
from alerting.refusal import Refused

DrawnKind: TypeAlias = Literal["individual", "next_of_kin", "substitute", "media", "hhs", "list"]


class Order(Struct, frozen=True, kw_only=True):
    """What somebody wants drawn up. `template` is the site's own text, empty for ours; `state` is that of the media."""

    kind: DrawnKind
    entity: CoveredEntity
    story: Story
    written_on: date
    recipients: tuple[Recipient, ...] = ()
    state: str = ""
    template: str = ""

    def __repr__(self) -> str:
        return f"<Order {self.kind}>"


class Drawn(Struct, frozen=True, kw_only=True):
    """What was drawn up, and what to think about."""

    kind: DrawnKind
    name: str
    documents: tuple[Document, ...]
    remarks: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Drawn {self.name} {len(self.documents)}>"


def drawn(order: Order, file: BreachFile) -> Drawn:
    """Return the documents of an order.

    Raises:
        Refused: with everything that is missing for them; no text of the order is quoted.
    """
    if problems := _problems(order, file):
        raise Refused("; ".join(problems))
    occasion = Occasion(
        entity=order.entity, story=order.story, discovered_on=file.discovered_on, written_on=order.written_on
    )
    try:
        documents = tuple(_DRAW[order.kind](order, occasion, file))
    except TemplateError as error:
        raise Refused(str(error)) from None
    name = f"{order.kind}-{order.state}" if order.state else order.kind
    return Drawn(kind=order.kind, name=name, documents=documents, remarks=tuple(_remarks(order, file, len(documents))))


def _problems(order: Order, file: BreachFile) -> list[str]:
    problems = story_problems(order.story, file.discovered_on)
    if order.kind in TEMPLATES:
        problems += entity_problems(order.kind, order.entity)
        lacks = template_problem(order.kind, order.template) if order.template else ""
        problems += [lacks] if lacks else []
    elif order.kind == "hhs":
        problems += hhs_problems(order.entity, order.story)
        if file.described.at_associate and not order.story.hhs.business_associate.strip():
            problems.append("hhs.business_associate is missing in the account: the breach was at one of ours")
    if (order.state in STATES) != (order.kind == "media"):
        problems.append("a notice to the media is for one state, and no other document is")
    if bool(order.recipients) != (order.kind in ("individual", "next_of_kin", "list")):
        problems.append("letters and the list need a file of people, and nothing else does")
    return problems


def _media(order: Order, occasion: Occasion, file: BreachFile) -> list[Document]:
    count = _affected(file).states.get(order.state, 0)
    if not count:
        raise Refused("no resident of that state is counted as affected (`wardwatch breach affected`)")
    return [media_notice(occasion, order.template or template_of("media"), state=order.state, count=count)]


_DRAW: dict[DrawnKind, Callable[[Order, Occasion, BreachFile], Sequence[Document]]] = {
    "individual": lambda order, occasion, _: letters(
        "individual", occasion, order.recipients, order.template or template_of("individual")
    ),
    "next_of_kin": lambda order, occasion, _: letters(
        "next_of_kin", occasion, order.recipients, order.template or template_of("next_of_kin")
    ),
    "substitute": lambda order, occasion, _: [substitute_notice(occasion, order.template or template_of("substitute"))],
    "media": _media,
    "hhs": lambda _, occasion, file: [hhs_sheet(occasion, file)],
    "list": lambda order, occasion, file: [individual_list(occasion, order.recipients, file.incident_id)],
}


def _remarks(order: Order, file: BreachFile, n: int) -> list[str]:
    found = story_remarks(order.story)
    affected = _affected(file)
    expected = {"individual": affected.by_letter, "next_of_kin": affected.deceased}.get(order.kind)
    if expected is not None and expected != n:
        found.append(f"{n} letters for {expected} individuals who are counted to get one")
    if order.kind == "list" and len(order.recipients) != affected.total:
        found.append(f"{len(order.recipients)} individuals for {affected.total} who are counted as affected")
    if file.decision != "breach":
        found.append("the breach is not confirmed")
    if file.described.part_2:
        found.append("records of substance use disorder: nothing on the envelope or the sender may tell of it")
    return [*found, *([file.discovery_remark] if file.discovery_remark else [])]


def _affected(file: BreachFile) -> Affected:
    return file.counted.affected if file.counted else Affected()
