"""The list of affected individuals: what a business associate hands to its covered entity (164.410(c)(1))."""

from collections.abc import Sequence

from alerting.breach.letters.recipients import Recipient, by_state
from alerting.breach.letters.story import spoken
from alerting.breach.letters.writing import Occasion
from alerting.documents import Document, Facts, Heading, Paragraph


def individual_list(occasion: Occasion, recipients: Sequence[Recipient], incident_id: str) -> Document:
    """Return everybody by name and address, in the order of their names, with the counts by state."""
    people = sorted(recipients, key=lambda one: (one.name.casefold(), one.address))
    counts = tuple((state, str(n)) for state, n in by_state(recipients).items())
    return Document(
        "list",
        (
            Heading("Individuals affected by a breach of unsecured protected health information"),
            Paragraph(
                f"Case {incident_id}. {occasion.entity.name}, {spoken(occasion.written_on)}. The breach was discovered "
                f"on {spoken(occasion.discovered_on)}. This list is protected health information."
            ),
            Heading("By state"),
            Facts((*counts, ("Together", str(len(recipients))))),
            Heading("By name"),
            Facts(tuple((one.name, _where(one)) for one in people)),
        ),
    )


def _where(recipient: Recipient) -> str:
    address = ", ".join(recipient.address)
    return f"{address} (next of kin: {recipient.next_of_kin})" if recipient.next_of_kin else address
