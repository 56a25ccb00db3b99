"""B35, DRG upcoding: stays grouped as graver than those of peers, on thin ground, or far too short for their group."""

from collections.abc import Iterator, Sequence

from detectors.gate import noted
from detectors.peers import MEASURES
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_stays import figures_of, segments_of
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

PATTERN = Pattern(
    id="B35",
    title="Inpatient stays grouped as graver than others'",
    version=1,
    level="medium",
    levels=("low", "medium"),
    stage="provider",
    window="180 days",
    needs=("the table of DRG weights", "claim.drg", "30 stays, and 10 peers for the share with complications"),
    false_positives=(
        "programmes that improve clinical documentation",
        "referral centres, whose patients are sicker",
        "claims that do not carry all diagnoses",
    ),
    references=(
        "domain.md §2.2 B35",
        "OIG OEI-02-18-00380, trend toward more expensive inpatient hospital stays",
        "CMS, IPPS final rule, Table 5",
    ),
    gate=noted("stays.looked"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Count measures, once a day: what stands out from the peers is medium, and so are any two; one alone is low."""
    if "stays.looked" not in scene.notes:
        return None
    limits, segments = thresholds.claims, segments_of(scene)
    figures = figures_of(scene.profile.stays, int(scene.time // 86_400))
    severe = [*_severe(scene, figures, segments, limits)]
    signs = [*severe, *_short(figures, limits), *_single(figures, limits)]
    if not signs:
        return None
    grave = bool(severe) or len(signs) > 1
    return Hit(
        PATTERN.level if grave else "low",
        f"Of this {'facility' if segments == ('facility',) else 'physician'}'s inpatient stays in 180 days "
        f"{'; '.join(signs)}.",
        window=f"{int(scene.time // (30 * 86_400))}:{'medium' if grave else 'low'}",
        features={"measures": float(len(signs)), **{name: float(figures[name]) for name in ("told_apart", "severe")}},
    )


def _severe(scene: Scene, figures: dict[str, int], segments: Sequence[str], limits: ClaimThresholds) -> Iterator[str]:
    """The share of groups with complications, among groups that are told apart by them, against the peers'."""
    n = figures["told_apart"]
    peers = scene.around.peers.group(MEASURES["severe_stays"], segments)
    if n < limits.drg_stays or peers is None:
        return
    share = figures["severe"] / n
    if peers.z(share) > limits.drg_z:
        yield (
            f"{share:.0%} of {n} were in groups with complications, of half of the {peers.n} peers at most "
            f"{peers.median:.0%}"
        )


def _short(figures: dict[str, int], limits: ClaimThresholds) -> Iterator[str]:
    """Stays in groups of a high weight that were far shorter than theirs; chance makes 2.3 in a hundred."""
    n, short = figures["weighty"], figures["short"]
    if short >= limits.drg_short_least and short >= limits.drg_short_share * n:
        yield f"{short} of {n} in groups of a high weight were shorter than all but a fortieth of their group are"


def _single(figures: dict[str, int], limits: ClaimThresholds) -> Iterator[str]:
    """Groups with a major complication that rest on one secondary diagnosis, the only one on the claim."""
    n, single = figures["major"], figures["single"]
    if n >= limits.drg_single_least and single >= limits.drg_single_share * n:
        yield f"{single} of {n} with a major complication rest on a single secondary diagnosis"
