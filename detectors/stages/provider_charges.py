"""The provider stage, charges: what a provider asks for a service, against what all providers ask for it (B34)."""

from collections.abc import Iterator

from detectors.events import BillingTransaction
from detectors.events.billing import Line
from detectors.itinerary import responsible_npi
from detectors.partition import PartitionState
from detectors.peers.charges import count_charge, usual_charge
from detectors.profiles.applied import fingerprint
from detectors.profiles.conduct import SERVICES_CHARGED_KEPT, Conduct
from detectors.scene import Scene
from detectors.thresholds import Thresholds

FACILITY = frozenset(
    {"19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"}
)  # fmt: skip
"""Places of service where a facility bills for itself beside the professional (CMS place-of-service code set)."""

PARTS = ("26", "TC")
"""Modifiers of the professional and the technical part, which have prices of their own."""

KINDS = frozenset({"claim_submitted", "claim_replaced"})


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note the charge that is furthest above what is usual, and add the claim's charges to what is usual.

    A void takes no charge out of the histograms: of hundreds it was one.
    """
    transaction: BillingTransaction = scene.data
    for name in ("charge.times", "charge.code", "charge.usual", "charge.n"):
        scene.notes.pop(name, None)
    if transaction.kind not in KINDS or scene.ref != responsible_npi(transaction):
        return
    limits, furthest = thresholds.providers, 0.0
    for service, line, dollars in _services(transaction):
        found = usual_charge(scene.around.peers, service, limits.charge_share, limits.charge_least)
        if found is not None and dollars > furthest * found[0]:
            furthest = dollars / found[0]
            scene.notes["charge.times"] = round(furthest, 2)
            scene.notes["charge.code"] = line.code
            scene.notes["charge.usual"] = round(found[0], 2)
            scene.notes["charge.n"] = found[1]
        if transaction.kind == "claim_submitted":
            _count(scene, service, dollars)


def _services(transaction: BillingTransaction) -> Iterator[tuple[str, Line, float]]:
    """Yield the procedures of a claim with their setting, and what one unit of each is charged for."""
    for line in transaction.lines:
        code = line.code.upper()
        if is_procedure(code) and line.charge > 0 and line.units > 0:
            part = next((f"-{part}" for part in PARTS if part in line.modifiers), "")
            yield f"{code}{part}:{_setting(transaction, line)}", line, line.charge / 100 / line.units


def is_procedure(code: str) -> bool:
    """Return whether a text can be a CPT or HCPCS code: nothing else that lines name gets a histogram."""
    return len(code) == 5 and code.isascii() and code.isalnum() and sum(map(str.isdigit, code)) >= 4


def _setting(transaction: BillingTransaction, line: Line) -> str:
    claim = transaction.claim
    if claim is not None and claim.type == "institutional":
        return "institutional"
    place = line.pos or (claim.pos if claim else "")
    return "facility" if place in FACILITY else "office"


def _count(scene: Scene, service: str, dollars: float) -> None:
    """Let the provider add a charge to what is usual, once a day for each service."""
    conduct: Conduct = scene.profile.conduct
    key, today = fingerprint(service), int(scene.time // 86_400)
    if conduct.charged.get(key, -1) >= today:
        return
    conduct.charged[key] = today
    if len(conduct.charged) > SERVICES_CHARGED_KEPT:
        del conduct.charged[min(conduct.charged, key=lambda kept: conduct.charged[kept])]
    count_charge(scene.around.book, service, dollars)
