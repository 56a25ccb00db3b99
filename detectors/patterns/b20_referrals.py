"""B20, referral concentration: nearly all of an orderer's patients go to one recipient, and lately so."""

from detectors.peers import MEASURES
from detectors.profiles.conduct import Conduct
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import referral_share, segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B20",
    title="Orders that go to one recipient",
    version=1,
    level="medium",
    stage="provider",
    window="180 days",
    needs=("ordering.npi or referring.npi", "10 peers"),
    false_positives=("a town with one laboratory", "employed groups", "payer networks"),
    references=("domain.md §2.2 B20", "OIG, questionable billing for laboratory services"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare, once a day, the share of the largest recipient with the peers and with the time before."""
    if scene.notes.get("provider.looked_at") != "orders":
        return None
    profile: ProviderProfile = scene.profile
    limits, conduct = thresholds.providers, profile.conduct
    share, orders = referral_share(conduct)
    group = scene.around.peers.group(MEASURES["referral_share"], segments_of(conduct))
    if orders < limits.referral_least or group is None or not group.is_beyond(share, 0.99, limits.levels_z):
        return None
    this_week = int(scene.time // (7 * 86_400))
    rise = _rise(conduct, this_week - limits.referral_step_days // 7, limits.referral_side)
    if rise < limits.referral_step:
        return None
    return Hit(
        "medium",
        f"{share:.0%} of what this provider's {orders} orders cost in {limits.referral_days} days went to one "
        f"recipient, whose share rose by {100 * rise:.0f} points lately; of {group.n} peers 99 % send at most "
        f"{group.p99:.0%} to one. The concentration index is {_concentration(conduct):.2f}; from "
        f"{limits.referral_concentration} on it is high.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"orders": float(orders), "share": round(share, 3), "rise": round(rise, 3)},
    )


def _rise(conduct: Conduct, since: int, least: int) -> float:
    """Return by how much the largest recipient's share rose from before some week to after it.

    Args:
        conduct: of the orderer.
        since: first week at which it may have risen.
        least: orders that there must be on either side.
    """
    largest = max(conduct.orders, key=lambda one: sum(counts[1] for counts in conduct.orders[one].values()))
    weeks = sorted({week for by_week in conduct.orders.values() for week in by_week})
    rises = [_share(conduct, largest, week, least) for week in weeks if week >= since]
    return max(rises, default=0.0)


def _share(conduct: Conduct, recipient: str, split: int, least: int) -> float:
    """Return the recipient's share of the spending from week `split` on, less that before; 0 where orders are few."""
    own, whole, orders = [0, 0], [0, 0], [0, 0]
    for one, by_week in conduct.orders.items():
        for week, (number, cents) in by_week.items():
            side = int(week >= split)
            orders[side] += number
            whole[side] += cents
            own[side] += cents if one == recipient else 0
    if min(orders) < least or not all(whole):
        return 0.0
    return own[1] / whole[1] - own[0] / whole[0]


def _concentration(conduct: Conduct) -> float:
    """Return the Herfindahl-Hirschman index of the recipients: the sum of the squares of their shares."""
    spent = [sum(counts[1] for counts in weeks.values()) for weeks in conduct.orders.values()]
    return sum((one / sum(spent)) ** 2 for one in spent) if sum(spent) else 0.0
