"""What detectors said of one entity, how much risk that has come to, and how it stands among its peers."""

from msgspec import Struct, field

from detectors.peers.book import Standing

STATED_KEPT = 64
"""Grounds remembered per entity, the latest: what is voided or explained later is mostly recent."""


class Stated(Struct, array_like=True):
    """The findings that rest on one ground, when that was in seconds since the epoch, and how often it fell away."""

    at: float
    findings: list[str]
    fallen: int = 0


class RiskShare(Struct, array_like=True):
    """What one rule has added to the risk of the entity: as of `at`, in seconds since the epoch, over `hits` hits."""

    score: float
    at: float
    hits: int


class History(Struct, array_like=True):
    """The part of a profile that every stage has alike.

    `stated` maps a hash of a ground (a claim's number, an event, a date of service) to the findings that rest on it, so
    that they can be withdrawn when it falls away. `shares` holds the risk by catalogue id, `risk_level` the highest
    level of it that was reported and has not been fallen below since. `peers` says where the entity stands by measure.
    """

    stated: dict[int, Stated] = field(default_factory=dict)
    shares: dict[str, RiskShare] = field(default_factory=dict)
    risk_level: float = 0.0
    peers: dict[str, Standing] = field(default_factory=dict)

    def state(self, ground: int, at: float, finding: str) -> None:
        """Remember that a finding rests on a ground."""
        stated = self.stated.setdefault(ground, Stated(at, []))
        if finding not in stated.findings:
            stated.findings.append(finding)
        if len(self.stated) > STATED_KEPT:
            oldest = min(self.stated, key=lambda kept: self.stated[kept].at)
            del self.stated[oldest]

    def take_back(self, ground: int) -> list[str]:
        """Return the findings that rest on a ground that has fallen away; none of them rests on it any more."""
        stated = self.stated.get(ground)
        if stated is None or not stated.findings:
            return []
        findings, stated.findings = stated.findings, []
        stated.fallen += 1
        return findings

    def fallen(self, ground: int) -> int:
        """Return how often a ground has fallen away: what is said of it again is another finding."""
        stated = self.stated.get(ground)
        return stated.fallen if stated else 0
