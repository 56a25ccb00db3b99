"""What carries out a command works with: one transaction, its time, and the few ways in which it may change things."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alerting.incident_ids import IncidentIds
from alerting.incidents import Incident
from alerting.notification import Told
from alerting.policy import Policy
from alerting.refusal import UnknownIncident
from alerting.store.audit_rows import append_audit
from alerting.store.incident_rows import find_incident, insert_incidents, is_id_free, update_incidents
from alerting.store.schema import AUDIT_LOG
from alerting.store.timeline_rows import insert_entries
from alerting.telling import News, tell
from alerting.timeline import SYSTEM, extended
from alerting.work.timekeeping import keep_clocks


@dataclass(frozen=True)
class Act:
    """One transaction of the desk, which holds `lock_opening`; `now` is its clock, in seconds since the epoch."""

    connection: Connection
    now: float
    policy: Policy
    incident_ids: IncidentIds

    def incident(self, incident_id: str) -> Incident:
        """Return an incident, locked until the transaction ends.

        Raises:
            UnknownIncident: if there is none.
        """
        found = find_incident(self.connection, incident_id, lock=True)
        if found is None:
            message = f"there is no incident {incident_id}"
            raise UnknownIncident(message)
        return found

    def note(
        self,
        before: Incident,
        after: Incident | None = None,
        *,
        action: str,
        actor: str = SYSTEM,
        note: str = "",
        detail: dict[str, str | int] | None = None,
    ) -> Incident:
        """Write an entry into the timeline of an incident, together with what it changed; return it one revision on.

        Args:
            before: the incident as `incident` or `note` gave it.
            after: the incident as it is now to be; without it, only the entry is written.
            action: one word for what was done.
            actor: who did it, by work name.
            note: free text for those who may read it.
            detail: facts for everyone who may see the incident; no free text.
        """
        noted, entry = extended(
            before, after or before, action=action, now=self.now, actor=actor, note=note, detail=detail
        )
        update_incidents(self.connection, [noted])
        insert_entries(self.connection, [entry])
        keep_clocks(self.connection, self.policy.plan.promise, [(before, noted)])
        return noted

    def note_all(self, notes: Sequence[tuple[Incident, str, dict[str, str | int]]]) -> None:
        """Write entries by the system that change nothing else: of each the incident, the action and the detail.

        Args:
            notes: in their order; an incident that comes several times is given as it was before the first.
        """
        current: dict[str, Incident] = {}
        entries = []
        for incident, action, detail in notes:
            before = current.get(incident.id, incident)
            current[incident.id], entry = extended(before, before, action=action, now=self.now, detail=detail)
            entries.append(entry)
        update_incidents(self.connection, list(current.values()))
        insert_entries(self.connection, entries)

    def free_id(self) -> str:
        """Draw an id that no incident has."""
        while True:
            drawn = self.incident_ids()
            if is_id_free(self.connection, drawn):
                return drawn

    def open(
        self,
        incident: Incident,
        *,
        action: str,
        actor: str = SYSTEM,
        note: str = "",
        detail: dict[str, str | int] | None = None,
    ) -> Incident:
        """Store a new incident with the first entry of its timeline; see `note` and `free_id`."""
        opened, entry = extended(None, incident, action=action, now=self.now, actor=actor, note=note, detail=detail)
        insert_incidents(self.connection, [opened])
        insert_entries(self.connection, [entry])
        keep_clocks(self.connection, self.policy.plan.promise, [(None, opened)])
        return opened

    def tell(self, incident: Incident, told: Told) -> None:
        """Put notices about an incident into the outbox, by its route."""
        tell(self.connection, [News(incident, told)], self.policy, self.now)

    def audit(
        self, *, actor: str, action: str, outcome: str, subject: str = "", purpose: str = "", incident: str = ""
    ) -> None:
        """Write an entry into the audit log."""
        append_audit(
            self.connection,
            AUDIT_LOG,
            at=self.now,
            actor=actor,
            action=action,
            outcome=outcome,
            subject=subject,
            purpose=purpose,
            incident=incident,
        )
