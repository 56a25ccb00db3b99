"""The lines of a claim beside all others of one patient, provider and date of service: B01b, B02, B03 and B18."""

import datetime
import itertools
from collections.abc import Iterable, Sequence

from detectors.profiles.claims import BilledClaim, BilledService
from detectors.profiles.patient import PatientDay
from detectors.reference.procedure_pairs import ProcedurePairs
from detectors.reference.unit_limits import UnitLimit
from detectors.scene import Scene
from detectors.stages.billing import EPOCH

UNSPECIFIC = frozenset({"59", "XE", "XS", "XP", "XU"})
"""Modifiers by which a biller says that two services were distinct, without saying where (NCCI manual, ch. I)."""

SIDES = frozenset({"LT", "RT"})

PAIR_MODIFIERS = UNSPECIFIC | SIDES | {
    "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4",
    "T5", "T6", "T7", "T8", "T9", "LC", "LD", "RC", "LM", "RI", "24", "25", "57", "58", "78", "79", "27", "91",
}  # fmt: skip
"""NCCI-associated modifiers (domain.md §2.1): on either line of a pair they say that both may be paid."""

SAME_SERVICE_AGAIN = PAIR_MODIFIERS | {"26", "TC", "50", "62", "66", "76", "77", "80", "81", "82", "AS"}
"""With one of these, the same code for the same patient and day is expected of two lines (B01, B01b): sides and sites,
repeats, professional and technical part, two surgeons, team, assistants."""

DAY_LIMITS = (2, 3)
"""Adjudication indicators of limits for a day: 2 absolute, 3 rebuttable; 1 is for a line."""


def compare(scene: Scene, day: int, number: int, services: Sequence[BilledService], entry: PatientDay) -> None:
    """Note what one claim's services on a date mean beside those of other claims.

    Args:
        scene: of the claim.
        day: the date of service, days since the epoch.
        number: hash of the claim's number; what it billed under it before is not another claim.
        services: of the claim, on that date.
        entry: what was billed for the patient on that date so far.
    """
    date = datetime.date.fromordinal(day + EPOCH)
    others = [claim for known, claim in entry.claims.items() if known != number and _counts(claim)]
    if scene.data.claim is not None and scene.data.claim.type == "institutional":
        return
    _suspect(scene, services, others)
    references = scene.around.references
    if references.pairs is not None:
        _pairs(scene, services, others, references.pairs, date)
    if references.unit_limits is not None:
        _units(scene, services, others, references.unit_limits.active_on(date))


def _counts(claim: BilledClaim) -> bool:
    return not claim.is_institutional and not claim.is_denied


def _suspect(scene: Scene, services: Sequence[BilledService], others: Iterable[BilledClaim]) -> None:
    """B01b: the same code on the same day by another of the group and specialty, or at another charge."""
    earlier: dict[str, list[BilledService]] = {}
    for claim in others:
        for service in claim.services:
            earlier.setdefault(service.code, []).append(service)
    for service in services:
        for other in earlier.get(service.code, ()):
            if SAME_SERVICE_AGAIN.intersection([*service.modifiers, *other.modifiers]):
                continue
            if service.npi == other.npi and service.charge != other.charge:
                scene.notes["claim.suspect_duplicate"] = "at another charge"
            elif service.npi != other.npi and service.group and _same_practice(service, other):
                scene.notes["claim.suspect_duplicate"] = "by another provider of the same group and specialty"


def _same_practice(service: BilledService, other: BilledService) -> bool:
    return service.group == other.group and bool(service.specialty) and service.specialty == other.specialty


def _pairs(
    scene: Scene,
    services: Sequence[BilledService],
    others: Iterable[BilledClaim],
    pairs: ProcedurePairs,
    date: datetime.date,
) -> None:
    """B02, B18: hold every two codes of one provider, patient and day against the edits, over all claims."""
    today = int(scene.time // 86_400)
    modifiers: dict[tuple[str, str], set[str]] = {}
    for service in services:
        modifiers.setdefault((service.npi, service.code), set()).update(service.modifiers)
    new, before = set(modifiers), set[tuple[str, str]]()
    for claim in others:
        for service in claim.services:
            key = (service.npi, service.code)
            modifiers.setdefault(key, set()).update(service.modifiers)
            if key not in new and int(claim.at // 86_400) != today:
                before.add(key)
    found = split = bypassable = bypassed = 0
    for one, other in itertools.combinations(sorted(modifiers), 2):
        pair = pairs.either_way(one[1], other[1], date) if one[0] == other[0] and new & {one, other} else None
        if pair is None or pair.modifier == 9:
            continue
        said, may_be_bypassed = modifiers[one] | modifiers[other], pair.modifier == 1
        bypassable += may_be_bypassed
        bypassed += may_be_bypassed and not UNSPECIFIC.isdisjoint(said)
        if not may_be_bypassed or PAIR_MODIFIERS.isdisjoint(said):
            found += 1
            split += not before.isdisjoint((one, other))
    _count(scene, "claim.unbundled_pairs", found)
    _count(scene, "claim.unbundled_split", split)
    _count(scene, "claim.pairs_bypassable", bypassable)
    _count(scene, "claim.pairs_bypassed", bypassed)


def _count(scene: Scene, name: str, count: int) -> None:
    """Add to what was noted for other dates of service of the claim."""
    noted = scene.notes.get(name, 0)
    if count and isinstance(noted, int):
        scene.notes[name] = noted + count


def _units(
    scene: Scene, services: Sequence[BilledService], others: Iterable[BilledClaim], limits: dict[str, UnitLimit]
) -> None:
    """B03: units of a line, or of a day over all claims of one provider, beyond what is medically likely.

    Minutes of anaesthesia are no units. The two sides of a body, on lines of their own, are each held to the limit.
    """
    billed: dict[tuple[str, str, str], float] = {}
    for service in itertools.chain(services, *(claim.services for claim in others)):
        if not service.is_time and service.code in limits:
            key = _unit_key(service)
            billed[key] = billed.get(key, 0.0) + service.units
    for service in services:
        limit = limits.get(service.code)
        if limit is None or service.is_time:
            continue
        units = billed[_unit_key(service)] if limit.indicator in DAY_LIMITS else service.units
        if units > limit.units and _is_graver(scene, limit.indicator):
            scene.notes["claim.units_indicator"] = limit.indicator
            scene.notes["claim.units_billed"] = units
            scene.notes["claim.units_limit"] = limit.units
            scene.notes["claim.units_code"] = service.code


_GRAVITY = {1: 1, 3: 2, 2: 3}


def _is_graver(scene: Scene, indicator: int) -> bool:
    noted = scene.notes.get("claim.units_indicator")
    return not isinstance(noted, int) or _GRAVITY[indicator] > _GRAVITY[noted]


def _unit_key(service: BilledService) -> tuple[str, str, str]:
    side = next((modifier for modifier in service.modifiers if modifier in SIDES), "")
    return service.npi, service.code, side
