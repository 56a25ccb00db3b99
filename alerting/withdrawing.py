"""Withdrawing findings: what rests on nothing any more is marked, and its incident says so."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.policy import Policy
from alerting.store.finding_rows import StoredFinding, stored_among
from alerting.store.incident_rows import find_incident, update_incidents
from alerting.store.timeline_rows import insert_entries
from alerting.store.withdrawal_rows import insert_withdrawals, withdrawn_among
from alerting.telling import News, tell
from alerting.timeline import extended
from alerting.transitions import UNTOUCHED, explained_away
from alerting.work.timekeeping import keep_clocks
from detectors.retraction import Retraction


class Withdrawn(Struct, frozen=True):
    """What became of retractions.

    `findings` were withdrawn now; `unknown` retractions speak of findings that the store does not hold, and are kept
    for the case that they come. `changed` are the incidents whose status changed.
    """

    findings: list[StoredFinding]
    unknown: int
    changed: list[Incident]


def withdraw(connection: Connection, retractions: Sequence[Retraction], policy: Policy, now: float) -> Withdrawn:
    """Withdraw findings within the caller's transaction, which holds `lock_opening`. Known retractions do nothing."""
    by_id = {one.finding_id: one for one in reversed(retractions)}
    known = withdrawn_among(connection, by_id)
    fresh = {one: by_id[one] for one in reversed(by_id) if one not in known}
    stored = stored_among(connection, fresh)
    insert_withdrawals(connection, list(fresh.values()), now)
    by_incident: dict[str, list[StoredFinding]] = defaultdict(list)
    for finding in stored:
        if finding.incident_id is not None:
            by_incident[finding.incident_id].append(finding)
    changed: list[Incident] = []
    news: list[News] = []
    for incident_id in sorted(by_incident):  # one order for all: no deadlock
        incident = find_incident(connection, incident_id, lock=True)
        if incident is None or incident.kind != "case":
            continue  # a storm holds what was never part of a case
        findings = by_incident[incident_id]
        after = _lessened(connection, incident, findings, [fresh[one.id].reason for one in findings], now)
        keep_clocks(connection, policy.plan.promise, [(incident, after)])
        if after.status != incident.status:
            changed.append(after)
            news.append(News(after, "status_changed"))
        elif after.findings == 0 and after.is_open:
            news.append(News(after, "withdrawn"))
    tell(connection, news, policy, now)
    return Withdrawn(stored, len(fresh) - len(stored), changed)


def _lessened(
    connection: Connection, incident: Incident, findings: Sequence[StoredFinding], reasons: Sequence[str], now: float
) -> Incident:
    """Take findings from a case, note it, and resolve a case that nobody has worked on where none is left."""
    left = max(0, incident.findings - len(findings))
    lessened = structs.replace(incident, findings=left, notified_findings=min(incident.notified_findings, left))
    detail: dict[str, str | int] = {
        "withdrawn": len(findings),
        "left": left,
        "rules": ",".join(dict.fromkeys(finding.detector for finding in findings)),
    }
    why = " ".join(dict.fromkeys(reasons))
    after, entry = extended(incident, lessened, action="finding_withdrawn", now=now, note=why, detail=detail)
    entries = [entry]
    if left == 0 and after.status in UNTOUCHED:
        resolved = explained_away(after, why, now)
        after, entry = extended(
            after, resolved, action="resolve", now=now, note=why, detail={"verdict": "benign_explained"}
        )
        entries.append(entry)
    update_incidents(connection, [after])
    insert_entries(connection, entries)
    return after
