"""A25, access then event: a stranger's chart is opened, then money moves or the identity is changed."""

from detectors.events import AccessEvent, BillingTransaction
from detectors.gate import noted
from detectors.profiles.applied import fingerprint
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A25",
    title="Chart of an unrelated patient opened, then the account or identity changed",
    version=2,
    level="high",
    levels=("low", "high"),
    stage="user",
    window="7 days",
    needs=("rel.explained", "rel.context_ok", "user"),
    false_positives=(
        "registration work: those who register, schedule and check in are passed over, and billing with insurance",
        "float pools and others whose accesses often have no known reason: level low",
        "work that reaches the feed late: the finding is withdrawn then",
    ),
    references=("domain.md §3.3 A25",),
    gate=noted("unrelated.hours"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Join what the user did in the record with what the user then did with the money, or with who the patient is.

    A change of one patient's particulars is a feature, of several an alert, once a day; money is one at once.
    """
    hours, data = scene.notes.get("unrelated.hours"), scene.data
    if not isinstance(hours, float) or data.patient is None:
        return None
    if isinstance(data, BillingTransaction):
        amounts = data.amounts
        cents = abs(amounts.paid or amounts.adjustment) if amounts else 0
        then = f"posted {_NAMED[data.kind]} of {cents / 100:,.2f} {data.currency} on the patient's account"
    elif isinstance(data, AccessEvent) and data.resource is not None:
        then = f"changed the patient's {data.resource.category}"
    else:
        return None
    when = f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.1f} hours"
    altered = scene.notes.get("unrelated.altered_7d")
    if isinstance(altered, int):
        then += f"; so it was with {altered} patients in {thresholds.accounts.unrelated_days:.0f} days"
    is_seldom = bool(scene.notes.get("user.seldom_unexplained"))
    is_slip = isinstance(altered, int) and (altered < thresholds.accounts.altered_patients or not is_seldom)
    return Hit(
        "low" if is_slip else PATTERN.level,
        "This user opened the chart of a patient without an appointment, encounter, order, care team or work-queue "
        f"task that would explain it, and {when} later {then}.",
        window=f"{int(scene.time // 86_400)}:{'slip' if is_slip else 'many'}" if isinstance(altered, int) else "",
        features={"hours": hours},
        ground=str(fingerprint(data.patient.ref)),
    )


_NAMED = {"refund": "a refund", "credit": "a credit", "write_off": "a write-off", "adjustment": "an adjustment"}
