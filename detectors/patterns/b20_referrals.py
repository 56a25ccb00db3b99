"""B20, referral concentration: nearly all of an orderer's patients go to one recipient, and lately so."""

from detectors.finding import Severity
from detectors.peers import MEASURES
from detectors.profiles.conduct import Conduct
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import day_number
from detectors.stages.provider_conduct import orders_without_visit, referral_rise, referral_share, segments_of
from detectors.thresholds import Thresholds
from detectors.thresholds_providers import ProviderThresholds

PATTERN = Pattern(
    id="B20",
    title="Orders that go to one recipient",
    version=3,
    level="medium",
    levels=("medium", "high"),
    stage="provider",
    window="180 days",
    needs=(
        "ordering.npi or referring.npi",
        "10 peers",
        "to be high: the registry of providers, and claim.patient_seen",
    ),
    false_positives=(
        "a town with one laboratory",
        "employed groups",
        "payer networks whose contract changes: the peers turn, too",
    ),
    references=("domain.md §2.2 B20", "OIG, questionable billing for laboratory services"),
)

_GRAVE = " That recipient has existed for some months only, and of most patients whom it bills no visit is known."


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare the share of the largest recipient, and the surest rise of one, with the peers.

    It looks once a day, and with every order to a recipient that is new.

    Over half a year a share rises late: a rise that chance does not make and the peers do not share is enough, whatever
    the share has come to. It is grave where the recipient is new itself and most of its orders go with no visit, while
    those to others do.
    """
    if scene.notes.get("provider.looked_at") != "orders":
        return None
    profile: ProviderProfile = scene.profile
    limits, conduct, segments = thresholds.providers, profile.conduct, segments_of(profile.conduct)
    share, orders = referral_share(conduct)
    shares = scene.around.peers.group(MEASURES["referral_share"], segments)
    rises = scene.around.peers.group(MEASURES["referral_rise"], segments)
    if orders < limits.referral_least or shares is None or rises is None:
        return None
    rise = referral_rise(conduct, scene.time, thresholds)
    if rise.money < limits.referral_step or rise.z < limits.referral_z:
        return None
    is_alone = rise.orders - rises.median >= limits.referral_alone
    if not is_alone and not shares.is_beyond(share, 0.99, limits.levels_z):
        return None
    is_grave = _is_new(scene, rise.recipient, limits) and _has_no_visits(conduct, rise.recipient, thresholds)
    level: Severity = "high" if is_grave else "medium"
    return Hit(
        level,
        f"The share of one recipient in what this provider's orders cost rose by {100 * rise.money:.0f} points lately, "
        f"in the orders by {100 * rise.orders:.0f}; of {rises.n} peers half saw no rise above {rises.median:.0%}. "
        f"Of {orders} orders in {limits.referral_days} days {share:.0%} of the cost went to the largest; of the peers "
        f"99 % send at most {shares.p99:.0%} to one. The concentration index is {_concentration(conduct):.2f}; from "
        f"{limits.referral_concentration} on it is high.{_GRAVE if is_grave else ''}",
        window=f"{int(scene.time // (7 * 86_400))}:{level}",
        features={"orders": float(orders), "share": round(share, 3), "rise": round(rise.money, 3)},
    )


def _is_new(scene: Scene, npi: str, limits: ProviderThresholds) -> bool:
    """Return whether the registry says that a provider got its number lately."""
    registry = scene.around.references.registry
    provider = registry.find(npi) if registry is not None else None
    if provider is None or provider.enumerated is None:
        return False
    return day_number(provider.enumerated) > scene.time / 86_400 - limits.referral_new_days


def _has_no_visits(conduct: Conduct, recipient: str, thresholds: Thresholds) -> bool:
    """Return whether most orders to this recipient go with no visit, though the orderer's visits are in the feeds."""
    limits = thresholds.providers
    looked_for, without = orders_without_visit(conduct, recipient)
    elsewhere, without_elsewhere = orders_without_visit(conduct, recipient, others=True)
    if min(looked_for, elsewhere) < limits.referral_side:
        return False
    is_covered = 1 - without_elsewhere / elsewhere >= thresholds.claims.phantom_coverage
    return is_covered and without >= limits.referral_unseen * looked_for


def _concentration(conduct: Conduct) -> float:
    """Return the Herfindahl-Hirschman index of the recipients: the sum of the squares of their shares."""
    spent = [sum(counts[1] for counts in weeks.values()) for weeks in conduct.orders.values()]
    return sum((one / sum(spent)) ** 2 for one in spent) if sum(spent) else 0.0
