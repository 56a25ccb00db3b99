"""Who answers in the demo: a small response plan, a silence, and an analyst who takes on the first grave case."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import yaml

from alerting.commands import Acknowledge
from alerting.incidents import Incident
from alerting.muting.commands import AddSilence
from alerting.plan import Plan
from alerting.refusal import Refused
from alerting.standing.counting import Standing, standing
from alerting.store import Store
from monitor.catalogue import read_rules
from monitor.response import build_desk
from monitor.response_plan import response_plan
from monitor.settings import Settings

ANALYST = "a.lindqvist"
PAGER_NAMES = ("PALINDQ", "PIONESC")
"""Pagers of the analyst and of the security officer; in the demo both ring at the practice PagerDuty."""

SILENCED = 'rule="trees_and_tails"'
SILENCE_SECONDS = 3600.0
REACTION_SECONDS = 10.0
"""How long the analyst takes to see a case. She takes on one; the others climb, a step a minute."""


def write_plan(path: Path, slack_channel: str) -> None:
    """Write the response plan: cases to the team in Slack, grave ones also to whoever is on call, then an officer."""
    pager, officer = PAGER_NAMES
    on_call = {"channel": "pagerduty", "schedule": "security"}
    second = {"channel": "pagerduty", "person": "s.ionescu"}
    team = {"channel": "slack", "team": "security"}
    plan = {
        "people": [
            {"name": ANALYST, "roles": ["analyst"], "pagerduty": pager},
            {"name": "s.ionescu", "roles": ["security_officer"], "pagerduty": officer},
        ],
        "teams": [{"name": "security", "members": [ANALYST, "s.ionescu"], "slack": slack_channel}],
        "routes": [
            {
                "name": "everything",
                "receivers": [team],
                "routes": [
                    {
                        "name": "grave",
                        "match": {"severity": "SEV2"},
                        "receivers": [team, on_call],
                        "escalation": "grave",
                    }
                ],
            }
        ],
        "schedules": [{"name": "security", "layers": [{"people": [ANALYST], "starts": "2026-01-05"}]}],
        "escalations": [
            {"name": "grave", "steps": [{"receivers": [on_call], "after": 1}, {"receivers": [second], "after": 1}]}
        ],
        "last_resort": team,
    }
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")


class Responder:
    """The analyst of the demo, who works at the desk as people do at the command line."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._desk = build_desk(settings, store, read_rules(settings), clock=clock)
        self._clock = clock
        self._plan: Plan = response_plan(settings)
        self._taken = ""

    def begin(self) -> None:
        """Silence what one model alone finds, for an hour."""
        ends_at = self._clock() + SILENCE_SECONDS
        reason = "the model is being tried out"
        self._desk.handle(AddSilence(actor=ANALYST, matchers=(SILENCED,), reason=reason, ends_at=ends_at))

    def look(self, incidents: Iterable[Incident]) -> Standing:
        """Take on the first grave case that has waited for a moment; return how the response stands."""
        now = self._clock()
        waiting = [one for one in incidents if one.status == "new" and one.severity in ("SEV1", "SEV2")]
        seen = [one for one in waiting if now - one.opened_at >= REACTION_SECONDS]
        if seen and not self._taken:
            first = min(seen, key=lambda one: one.opened_at)
            self._taken = first.id
            with suppress(Refused):  # somebody at the command line was faster
                self._desk.handle(Acknowledge(incident_id=first.id, actor=ANALYST))
        with self._desk.store.reading() as connection:
            return standing(connection, self._plan, now)
