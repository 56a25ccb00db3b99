"""A06, many look at one patient: within a day, several users without a known reason open the same chart."""

from detectors.events import AccessEvent
from detectors.finding import Entity
from detectors.gate import noted
from detectors.profiles.applied import fingerprint
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A06",
    title="Many users without a known reason at one record",
    version=2,
    level="critical",
    stage="user",
    window="24 hours",
    needs=("rel.explained", "rel.context_ok", "rel.open_users_24h", "rel.crowd"),
    false_positives=(
        "a case in many hands whose orders and shifts reach the feed late: the finding is withdrawn then",
        "public relations, security and legal queues, unless their tasks are in the feed",
    ),
    references=(
        "domain.md §3.3 A06",
        "45 CFR 164.308(a)(1)(ii)(D), information system activity review",
    ),
    gate=noted("rel.crowd"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Add each user of the day who is one of too many to the case about the patient, who is its subject.

    The patient's side counts them: who may be on a shift or in a pool counts half, since only the user's side knows.
    """
    users = scene.notes.get("rel.open_users_24h")
    if not isinstance(scene.data, AccessEvent) or scene.data.patient is None or not isinstance(users, float):
        return None
    who = "a patient of public interest" if scene.notes.get("patient.vip") else "one patient"
    return Hit(
        "critical",
        f"{users:.0f} users for whom no appointment, encounter, order, care team or work-queue task is known opened "
        f"the chart of {who} within 24 hours; this user is one of them.",
        window=f"{int(scene.time // 86_400)}:{fingerprint(scene.ref):x}",
        features={"users_24h": users},
        about=Entity("patient", scene.visit.stops[0].ref),
    )
