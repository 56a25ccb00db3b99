"""The incidents about Wardwatch itself, shown to an Alertmanager for as long as they are open.

What is pushed follows from the store alone, each minute anew: a push that fails is made good by the next one, and
nothing has to be remembered across a restart, after which Alertmanager lets alerts end by themselves.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from alerting.channels.alertmanager import PUSH_SECONDS, RESOLVED_SECONDS, HealthAlert
from alerting.channels.api import Failed, Message, Outcome, Retry, Sent
from alerting.incidents import Incident
from alerting.notification import notification
from alerting.store import Store
from alerting.store.incident_rows import find_incident, open_about_wardwatch
from alerting.tripwire import Tripwire

_log = logging.getLogger(__name__)


class Push(Protocol):
    """What takes alerts to an Alertmanager."""

    def compose(self, alerts: list[HealthAlert], now: float) -> Message:
        """Return the message for alerts, as it would leave."""
        ...

    def send(self, message: Message) -> Outcome:
        """Make the call."""
        ...


class SystemHealth:
    """Pushes the incidents about Wardwatch itself.

    Args:
        store: where they are.
        push: where they go.
        titles: neutral titles by rule id.
        console_url: where the console is, without a slash at the end.
        clock: gives the time in seconds since the epoch.
        tripwire: scans every alert as it would leave.
    """

    def __init__(
        self,
        store: Store,
        push: Push,
        *,
        titles: Mapping[str, str],
        console_url: str,
        clock: Callable[[], float],
        tripwire: Tripwire,
    ) -> None:
        self._store = store
        self._push = push
        self._titles = titles
        self._console_url = console_url
        self._clock = clock
        self._tripwire = tripwire
        self._known: dict[str, HealthAlert] = {}
        self._quiet_until = 0.0
        self._last: Outcome = Sent()

    def run(self, stop: threading.Event) -> None:
        """Push every minute until told to stop; whatever goes wrong must not end it."""
        while not stop.is_set():
            try:
                self.push_once()
            except Exception as error:  # noqa: BLE001 -- the guard of the loop; the text may hold anything
                _log.error("pushing to Alertmanager failed: %s", type(error).__name__)
            stop.wait(PUSH_SECONDS)

    def push_once(self) -> Outcome:
        """Push what is open, and what has ended lately; return how it went."""
        now = self._clock()
        alerts = self._alerts(now)
        if not alerts or now < self._quiet_until:
            return Sent()
        outcome = self._push.send(self._push.compose(alerts, now))
        if isinstance(outcome, Retry):
            self._quiet_until = now + (outcome.after or 0.0)
        self._tell(outcome)
        return outcome

    def _alerts(self, now: float) -> list[HealthAlert]:
        with self._store.reading() as connection:
            firing = {incident.id: self._alert(incident) for incident in open_about_wardwatch(connection)}
            for incident_id in self._known.keys() - firing.keys():
                ended = find_incident(connection, incident_id)
                if ended is not None and now - ended.updated_at <= RESOLVED_SECONDS:
                    firing[incident_id] = self._alert(ended)
        self._known = {key: alert for key, alert in firing.items() if self._may_leave(alert, now)}
        return list(self._known.values())

    def _alert(self, incident: Incident) -> HealthAlert:
        told = notification(incident, "opened", self._titles, self._console_url)
        ended_at = None if incident.is_open else incident.updated_at
        return HealthAlert(told=told, began_at=incident.opened_at, ended_at=ended_at)

    def _may_leave(self, alert: HealthAlert, now: float) -> bool:
        (call,) = self._push.compose([alert], now).calls
        patterns = self._tripwire.patterns_in(call.body)
        if patterns:
            _log.error("an alert about Wardwatch was stopped: it holds %s", ", ".join(patterns))
        return not patterns

    def _tell(self, outcome: Outcome) -> None:
        """Log when pushing begins to fail and when it works again, not every minute in between."""
        if type(outcome) is not type(self._last):
            if isinstance(outcome, Retry | Failed):
                _log.warning("Alertmanager does not take alerts: %s", outcome.reason)
            else:
                _log.info("Alertmanager takes alerts again")
        self._last = outcome
