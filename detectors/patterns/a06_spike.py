"""A06, many look at one patient: within a day, several users without a known reason open the same chart."""

from detectors.events import AccessEvent
from detectors.finding import Entity
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A06",
    title="Many users without a known reason at one record",
    version=1,
    level="critical",
    stage="user",
    window="24 hours",
    needs=("rel.explained", "rel.context_ok", "rel.open_users_24h"),
    false_positives=(
        "a case in many hands whose orders and shifts reach the feed late: the finding is withdrawn then",
        "public relations, security and legal queues, unless their tasks are in the feed",
    ),
    references=(
        "domain.md §3.3 A06",
        "45 CFR 164.308(a)(1)(ii)(D), information system activity review",
    ),
    gate=noted("rel.open_users_24h"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the users of the day up to this access, which nothing explains either.

    The patient's side counts them: who may be on a shift or in a pool counts half, since only the user's side knows.
    """
    notes = scene.notes
    users = notes.get("rel.open_users_24h")
    if not isinstance(scene.data, AccessEvent) or scene.data.patient is None or not isinstance(users, float):
        return None
    if scene.data.actor.type != "human" or notes.get("rel.explained") is not False or not notes.get("rel.context_ok"):
        return None
    limits, is_public = thresholds.relations, bool(notes.get("patient.vip"))
    if users < (limits.spike_users if is_public else limits.spike_users_ordinary):
        return None
    who = "a patient of public interest" if is_public else "one patient"
    return Hit(
        "critical",
        f"{users:.0f} users for whom no appointment, encounter, order, care team or work-queue task is known opened "
        f"the chart of {who} within 24 hours.",
        window=f"{int(scene.time // 86_400)}",
        features={"users_24h": users},
        about=Entity("patient", scene.visit.stops[0].ref),
    )
