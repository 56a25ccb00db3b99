"""The provider stage: how a provider bills, kept by date of service so that a void takes exactly its own back.

Once a day, with the first claim of a new day, what has come together is added up and held against the peers.
"""

import datetime

from detectors.events import BillingTransaction
from detectors.events.billing import Line
from detectors.itinerary import responsible_npi
from detectors.partition import PartitionState
from detectors.peers import MEASURES
from detectors.profiles.conduct import DAYS_OF_CONDUCT, RECIPIENTS_KEPT, Conduct, DayConduct
from detectors.profiles.entries import day_key, keep_day
from detectors.profiles.provider import ProviderDay, ProviderProfile
from detectors.scene import Scene
from detectors.stages.billing import EPOCH, claim_key, line_dates, replaced_keys
from detectors.stages.referral_rise import Rise, surest
from detectors.thresholds import Thresholds

NEAR_DAYS = 60
"""A replacement moves a date of service by less than this."""

OFFICE = frozenset({"11", "49", "71", "72"})
"""Places of service with office hours: office, independent clinic, public health clinic, rural health clinic (CMS)."""

TELEHEALTH, REMOTE = frozenset({"02", "10"}), frozenset({"95", "GT", "93", "26"})
"""Places and modifiers of services that need no presence (B13, false positives)."""

LEVELS: dict[str, int] = {"9920": 5, "9921": 5, "9928": 5, "9922": 3, "9923": 3}
"""First digits of the families of visits to their highest level; the last digit is the level (domain.md §2.2 B04)."""

SATURDAY = 5


def observe(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep what a claim says of the provider's conduct, and once a day look at all of it."""
    transaction: BillingTransaction = scene.data
    scene.notes.pop("provider.looked_at", None)
    if transaction.kind not in ("claim_submitted", "claim_replaced", "claim_voided"):
        return
    profile: ProviderProfile = scene.profile
    if scene.ref != responsible_npi(transaction):
        _keep_order(scene, profile.conduct, transaction, thresholds)
        return
    _keep_claim(scene, profile, transaction)
    _look_once_a_day(scene, profile, thresholds)


def specialty_of(transaction: BillingTransaction, npi: str) -> str:
    """Return the taxonomy that a claim gives for a provider; empty where it gives none."""
    parties = (transaction.rendering, transaction.attending, transaction.billing)
    return next((party.taxonomy for party in parties if party and party.npi == npi and party.taxonomy), "")


def place_of(transaction: BillingTransaction) -> str:
    """Return the ZIP code at which a claim's services were rendered in person; empty for others, or where unknown."""
    pos = transaction.claim.pos if transaction.claim else ""
    modifiers = {modifier for line in transaction.lines for modifier in line.modifiers}
    if pos in TELEHEALTH or modifiers & REMOTE:
        return ""
    return transaction.service_facility.zip[:5] if transaction.service_facility else ""


def segments_of(conduct: Conduct) -> list[str]:
    """Return the groups of peers of a provider, the most specific first."""
    return [f"specialty:{conduct.specialty}", "*"] if conduct.specialty else ["*"]


def level_of(line: Line) -> float:
    """Return the level of a visit on the scale 1 to 5; 0 for anything that has none."""
    highest = LEVELS.get(line.code[:4], 0)
    level = int(line.code[4:]) if highest and line.code[4:].isdigit() else 0
    return level * 5 / highest if 0 < level <= highest else 0.0


def _keep_claim(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction) -> None:
    conduct = profile.conduct
    conduct.specialty = specialty_of(transaction, scene.ref) or conduct.specialty
    sent = int(scene.time // 86_400)
    if transaction.kind == "claim_submitted":
        counts = conduct.by_sending.setdefault(sent, [0, 0])
        counts[0] += 1
        counts[1] += transaction.amounts.charge if transaction.amounts else 0
        conduct.first_day = min(conduct.first_day or sent, sent)
    else:
        _take_back(scene, profile, transaction)
    if transaction.kind == "claim_voided":
        return
    day = min((day for _, day in line_dates(transaction)), default=sent)
    own = _conduct_of(transaction, day)
    key, entry = claim_key(scene.visit.id, transaction), _entry(scene, profile, day)
    entry.conduct[key] = own
    place = place_of(transaction)
    if place:
        entry.places[key] = place
    conduct.by_service.setdefault(day, DayConduct()).add(own)
    for kept in (conduct.by_service, conduct.by_sending):
        oldest = max(kept, default=0) - DAYS_OF_CONDUCT
        for old in [one for one in kept if one < oldest]:
            del kept[old]


def _conduct_of(transaction: BillingTransaction, day: int) -> DayConduct:
    levels = [level for line in transaction.lines if (level := level_of(line))]
    has_procedure = any(line.code.isdigit() and not level_of(line) for line in transaction.lines)
    is_modified = any(level_of(line) and "25" in line.modifiers for line in transaction.lines)
    pos = transaction.claim.pos if transaction.claim else ""
    return DayConduct(
        claims=1,
        charge=transaction.amounts.charge if transaction.amounts else 0,
        levels=len(levels),
        level_sum=sum(levels),
        top_levels=sum(level >= 4 for level in levels),
        procedures=int(has_procedure and bool(levels)),
        modified=int(has_procedure and is_modified),
        closed=int(pos in OFFICE and datetime.date.fromordinal(day + EPOCH).weekday() >= SATURDAY),
    )


def _entry(scene: Scene, profile: ProviderProfile, day: int) -> ProviderDay:
    assert scene.days is not None  # noqa: S101 - the provider stage always has entries by date of service
    entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
    if entry is None:
        entry = ProviderDay()
        scene.days.add(day_key(scene.ref, day), entry)
        keep_day(scene.days, scene.ref, profile.days, day)
    return entry


def _take_back(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction) -> None:
    """Take away what the claim had added that a void or replacement names."""
    assert scene.days is not None  # noqa: S101
    keys = replaced_keys(scene.visit.id, transaction)
    dates = {day for _, day in line_dates(transaction)}
    for day in profile.days:
        if not any(abs(day - own) <= NEAR_DAYS for own in dates):
            continue
        entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
        for key in keys & set(entry.conduct if entry else ()):
            assert entry is not None  # noqa: S101 - it has keys
            gone = entry.conduct.pop(key)
            entry.places.pop(key, None)
            if day in profile.conduct.by_service:
                profile.conduct.by_service[day].add(gone, -1)


def _keep_order(scene: Scene, conduct: Conduct, transaction: BillingTransaction, thresholds: Thresholds) -> None:
    """Keep to whom an orderer's or referrer's patients went, and for how much."""
    asked = {party.npi for party in (transaction.ordering, transaction.referring) if party}
    recipient = responsible_npi(transaction)
    if scene.ref not in asked or not recipient or transaction.kind != "claim_submitted":
        return
    week = int(scene.time // (7 * 86_400))
    counts = conduct.orders.setdefault(recipient, {}).setdefault(week, [0, 0])
    counts[0] += 1
    counts[1] += transaction.amounts.charge if transaction.amounts else 0
    if (seen := scene.notes.get("claim.patient_seen")) is not None:
        visits = conduct.visits.setdefault(recipient, {}).setdefault(week, [0, 0])
        visits[0] += 1
        visits[1] += seen is False
    oldest = week - thresholds.providers.referral_days // 7
    for weeks in (*conduct.orders.values(), *conduct.visits.values()):
        for old in [one for one in weeks if one < oldest]:
            del weeks[old]
    if len(conduct.orders) > RECIPIENTS_KEPT:
        smallest = min(conduct.orders, key=lambda one: sum(counts[1] for counts in conduct.orders[one].values()))
        del conduct.orders[smallest]
        conduct.visits.pop(smallest, None)
    today = int(scene.time // 86_400)
    is_new = min(conduct.orders.get(recipient, {week: counts})) > week - thresholds.providers.referral_step_days // 7
    if today > conduct.orders_on or is_new:
        scene.notes["provider.looked_at"] = "orders"
    if today > conduct.orders_on:
        conduct.orders_on = today
        share, orders = referral_share(conduct)
        if orders >= thresholds.providers.referral_least:
            place = scene.around.book.place
            place(scene.profile.history.peers, MEASURES["referral_share"], segments_of(conduct), share)
            rise = referral_rise(conduct, scene.time, thresholds).orders
            place(scene.profile.history.peers, MEASURES["referral_rise"], segments_of(conduct), rise)


def referral_share(conduct: Conduct) -> tuple[float, int]:
    """Return the share of the spending that goes to the largest recipient, 0 to 1, and the number of orders."""
    spent = [sum(counts[1] for counts in weeks.values()) for weeks in conduct.orders.values()]
    orders = sum(counts[0] for weeks in conduct.orders.values() for counts in weeks.values())
    return (max(spent) / sum(spent) if sum(spent) else 0.0), orders


def orders_without_visit(conduct: Conduct, recipient: str, *, others: bool = False) -> tuple[int, int]:
    """Return how many of a recipient's orders, or of all others', were held against the feeds, and had no visit."""
    counts = [
        counts for own, weeks in conduct.visits.items() if (own == recipient) is not others for counts in weeks.values()
    ]
    return sum(looked_for for looked_for, _ in counts), sum(without for _, without in counts)


def referral_rise(conduct: Conduct, at: float, thresholds: Thresholds) -> Rise:
    """Return the surest rise of a recipient in the last weeks before `at`, in seconds since the epoch."""
    limits = thresholds.providers
    return surest(conduct, int(at // (7 * 86_400)) - limits.referral_step_days // 7, limits.referral_side)


def _look_once_a_day(scene: Scene, profile: ProviderProfile, thresholds: Thresholds) -> None:
    """Add up the window, take the provider's place among its peers, and let the detectors look."""
    conduct, limits, today = profile.conduct, thresholds.providers, int(scene.time // 86_400)
    if today <= conduct.looked_on:
        return
    conduct.looked_on = today
    scene.notes["provider.looked_at"] = "claims"
    window = DayConduct()
    oldest = max(conduct.by_service, default=today) - limits.window_days
    for day, own in conduct.by_service.items():
        if day > oldest:
            window.add(own)
    conduct.window = window
    standings, place, segments = profile.history.peers, scene.around.book.place, segments_of(conduct)
    if window.levels >= limits.levels_least:
        place(standings, MEASURES["visit_level"], segments, window.level_sum / window.levels)
        place(standings, MEASURES["top_level_share"], segments, window.top_levels / window.levels)
    if window.procedures >= limits.modifier_least:
        place(standings, MEASURES["modifier_25_share"], segments, window.modified / window.procedures)
    if window.claims >= limits.closed_least:
        place(standings, MEASURES["closed_day_share"], segments, window.closed / window.claims)
    counts = [sent for day, sent in conduct.by_sending.items() if today - 30 <= day < today]
    if counts:
        place(standings, MEASURES["claims_in_a_day"], segments, max(sent[0] for sent in counts))
        place(standings, MEASURES["charges_in_a_month"], segments, sum(sent[1] for sent in counts) / 100)
