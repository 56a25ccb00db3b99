"""B11, a provider who has just appeared and bills at once more than the peers ever do."""

from detectors.peers import MEASURES
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B11",
    title="A new provider bills more than established ones",
    version=1,
    level="high",
    stage="provider",
    window="60 days from the first claim",
    needs=("10 peers", "10 days of claims before the first of this provider"),
    false_positives=("an acquired practice", "a change of NPI or tax number", "a locum (modifier Q5, Q6)"),
    references=("domain.md §2.2 B11",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Hold, once a day, the busiest day and the last month of a new provider against the peers."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    conduct, limits, today = profile.conduct, thresholds.providers, int(scene.time // 86_400)
    watched = conduct.first_day - scene.around.clock.watching_since / 86_400
    if today - conduct.first_day > limits.new_days or watched < limits.new_watched_days:
        return None
    sent = [counts for day, counts in conduct.by_sending.items() if today - 30 <= day < today]
    days = scene.around.peers.group(MEASURES["claims_in_a_day"], segments_of(conduct))
    months = scene.around.peers.group(MEASURES["charges_in_a_month"], segments_of(conduct))
    if not sent or days is None or months is None:
        return None
    busiest, month = max(counts[0] for counts in sent), sum(counts[1] for counts in sent) / 100
    if busiest <= days.p99 and month <= limits.new_month_factor * months.median:
        return None
    return Hit(
        "high",
        f"First claim {today - conduct.first_day} days ago, and already {busiest} claims on one day and ${month:,.0f} "
        f"in a month; of {days.n} peers 99 % send at most {days.p99:.0f} a day, half ${months.median:,.0f} a month.",
        window=f"{conduct.first_day}",
        features={"claims_in_a_day": float(busiest), "charges": round(month, 2)},
    )
