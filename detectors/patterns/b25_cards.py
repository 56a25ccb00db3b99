"""B25, card testing: many cards, many refusals or many small amounts through one address, device, terminal or BIN."""

from collections.abc import Sequence

from detectors.events import BillingTransaction
from detectors.finding import Entity, Severity
from detectors.profiles.instrument import Attempt, InstrumentProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.instrument import MACHINES
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B25",
    title="Card testing",
    version=3,
    level="high",
    levels=("high", "critical"),
    stage="instrument",
    window="1, 10 and 60 minutes",
    needs=("payment.card",),
    false_positives=(
        "a kiosk or front desk behind one address, unless the site lists it (`kiosks`)",
        "retries during a gateway outage (response 91, 96), which are not counted",
    ),
    references=("domain.md §2.2 B25",),
)

MINUTE = 60.0


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the attempts in the minute, ten minutes and hour up to this one.

    An attack from one machine strikes its address, its device and the BINs of its cards; it is one case, about the
    address.
    """
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or transaction.kind != "patient_payment":
        return None
    profile: InstrumentProfile = scene.profile
    if len(profile.attempts) < thresholds.card_cards or scene.ref.startswith(("card:", "bank:")):
        return None
    at = scene.time
    hour = [attempt for attempt in profile.attempts if at - 60 * MINUTE < attempt.at <= at]
    personal = scene.ref.startswith(MACHINES) and not _is_kiosk(scene.ref, transaction, thresholds)
    reason = _reason(hour, at, thresholds, personal=personal)
    if not reason:
        return None
    sustained = _is_sustained(hour, at, thresholds, personal=personal)
    severity: Severity = "critical" if sustained else "high"
    declined = sum(attempt.declined for attempt in hour)
    machine = _only_machine(hour, at)
    return Hit(
        severity,
        reason,
        window=f"{int(at // 3_600)}:{severity}",
        features={
            "attempts_60m": float(len(hour)),
            "cards_60m": float(len({attempt.card for attempt in hour})),
            "declined_60m": float(declined),
        },
        about=Entity("instrument", machine) if machine not in ("", scene.ref) else None,
    )


def _only_machine(hour: Sequence[Attempt], at: float) -> str:
    """Return the machine through which all attempts of the last ten minutes came, empty where there are several."""
    machines = {attempt.through for attempt in hour if at - 10 * MINUTE < attempt.at}
    return machines.pop() if len(machines) == 1 else ""


def _is_kiosk(ref: str, transaction: BillingTransaction, thresholds: Thresholds) -> bool:
    """Return whether many people pay here, one after the other, as the site says."""
    client = transaction.payment.client if transaction.payment else None
    names = {ref, f"terminal:{client.terminal}" if client else ref}
    return not names.isdisjoint(thresholds.money.kiosks)


def _is_sustained(hour: Sequence[Attempt], at: float, thresholds: Thresholds, *, personal: bool) -> bool:
    """Return whether it was so five minutes ago already, and in between: a burst that has passed is none."""
    span = thresholds.card_sustained_seconds
    for back in (span, span / 2):
        then = at - back
        last = max((attempt.at for attempt in hour if attempt.at <= then), default=0.0)
        before = [attempt for attempt in hour if last - 60 * MINUTE < attempt.at <= last]
        if then - last > MINUTE or not _reason(before, last, thresholds, personal=personal):
            return False
    return True


def _reason(hour: Sequence[Attempt], at: float, thresholds: Thresholds, *, personal: bool) -> str:
    minute = [attempt for attempt in hour if at - MINUTE < attempt.at]
    declined = sum(attempt.declined for attempt in minute)
    if len(minute) >= thresholds.card_attempts_minute and declined >= thresholds.card_decline_share * len(minute):
        return (
            f"{len(minute)} card payments were tried here within one minute and {declined / len(minute):.0%} were "
            "refused; about 5 % is normal."
        )
    if not personal:
        return ""
    cards = {attempt.card for attempt in hour if at - 10 * MINUTE < attempt.at}
    if len(cards) >= thresholds.card_cards:
        return f"{len(cards)} different cards were tried from one device or address within ten minutes."
    by_bin: dict[str, int] = {}
    for attempt in hour:
        if attempt.bin:
            by_bin[attempt.bin] = by_bin.get(attempt.bin, 0) + 1
    of_one_issuer = max(by_bin.values(), default=0)
    if of_one_issuer >= thresholds.card_attempts_hour:
        return f"{of_one_issuer} payments with cards of one issuer were tried from one device or address in one hour."
    small = sum(attempt.amount <= thresholds.card_small_cents for attempt in hour)
    if small >= thresholds.card_small_count:
        limit = thresholds.card_small_cents / 100
        return f"{small} payments of at most ${limit:.2f} were tried from one device or address within an hour."
    return ""
