"""B20, referral concentration: nearly all of an orderer's patients go to one recipient, and lately so."""

from detectors.peers import MEASURES
from detectors.profiles.conduct import Conduct
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import referral_rise, referral_share, segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B20",
    title="Orders that go to one recipient",
    version=2,
    level="medium",
    stage="provider",
    window="180 days",
    needs=("ordering.npi or referring.npi", "10 peers"),
    false_positives=(
        "a town with one laboratory",
        "employed groups",
        "payer networks whose contract changes: the peers turn, too",
    ),
    references=("domain.md §2.2 B20", "OIG, questionable billing for laboratory services"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare the share of the largest recipient, and the surest rise of one, with the peers.

    It looks once a day, and with every order to a recipient that is new.

    Over half a year a share rises late: a rise that chance does not make and the peers do not share is enough, whatever
    the share has come to.
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
    return Hit(
        "medium",
        f"The share of one recipient in what this provider's orders cost rose by {100 * rise.money:.0f} points lately, "
        f"in the orders by {100 * rise.orders:.0f}; of {rises.n} peers half saw no rise above {rises.median:.0%}. "
        f"Of {orders} orders in {limits.referral_days} days {share:.0%} of the cost went to the largest; of the peers "
        f"99 % send at most {shares.p99:.0%} to one. The concentration index is {_concentration(conduct):.2f}; from "
        f"{limits.referral_concentration} on it is high.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"orders": float(orders), "share": round(share, 3), "rise": round(rise.money, 3)},
    )


def _concentration(conduct: Conduct) -> float:
    """Return the Herfindahl-Hirschman index of the recipients: the sum of the squares of their shares."""
    spent = [sum(counts[1] for counts in weeks.values()) for weeks in conduct.orders.values()]
    return sum((one / sum(spent)) ** 2 for one in spent) if sum(spent) else 0.0
