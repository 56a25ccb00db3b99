"""The transition table, against one written by hand from domain.md §4.3."""

import itertools

import pytest

from alerting.commands import (
    Acknowledge,
    AssessRisk,
    AwaitContext,
    Close,
    ConfirmBreach,
    Contain,
    FinishNotifying,
    IncidentCommand,
    Merge,
    Remediate,
    Reopen,
    Resolve,
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
    Suppress,
)
from alerting.incidents import FINISHED, VERDICT_OCSF, Status, Verdict
from alerting.transitions import IllegalTransition, moved
from tests.alerting.building import MONDAY, STATUSES, an_incident

COMMANDS: dict[str, IncidentCommand] = {
    "ack": Acknowledge(incident_id="INC-F73K9Q2M", actor="ana"),
    "suppress": Suppress(incident_id="INC-F73K9Q2M", actor="ana", note="a test"),
    "merge": Merge(incident_id="INC-F73K9Q2M", actor="ana", into="INC-OTHER"),
    "start": StartInvestigation(incident_id="INC-F73K9Q2M", actor="ana"),
    "wait": AwaitContext(incident_id="INC-F73K9Q2M", actor="ana"),
    "contain": Contain(incident_id="INC-F73K9Q2M", actor="ana"),
    "remediate": Remediate(incident_id="INC-F73K9Q2M", actor="ana"),
    "assess": AssessRisk(incident_id="INC-F73K9Q2M", actor="ana"),
    "confirm": ConfirmBreach(incident_id="INC-F73K9Q2M", actor="ana"),
    "rule out": RuleOutBreach(incident_id="INC-F73K9Q2M", actor="ana", reason="encrypted"),
    "notify": StartNotifying(incident_id="INC-F73K9Q2M", actor="ana"),
    "notified": FinishNotifying(incident_id="INC-F73K9Q2M", actor="ana"),
    "resolve": Resolve(
        incident_id="INC-F73K9Q2M", actor="ana", verdict="benign_explained", reason="on call, roster was late"
    ),
    "close": Close(incident_id="INC-F73K9Q2M", actor="ana"),
    "reopen": Reopen(incident_id="INC-F73K9Q2M", actor="ana", reason="new evidence"),
}
ARROWS: dict[Status, dict[str, Status]] = {
    "new": {"ack": "triaged", "suppress": "suppressed"},
    "triaged": {"start": "investigating", "merge": "merged", "resolve": "resolved"},
    "investigating": {
        "wait": "awaiting_context",
        "contain": "contained",
        "assess": "risk_assessment",
        "resolve": "resolved",
    },
    "awaiting_context": {"start": "investigating"},
    "contained": {"remediate": "remediating", "assess": "risk_assessment", "resolve": "resolved"},
    "remediating": {"assess": "risk_assessment", "resolve": "resolved"},
    "risk_assessment": {"confirm": "breach_confirmed", "rule out": "not_breach"},
    "breach_confirmed": {"notify": "notifying"},
    "notifying": {"notified": "notified"},
    "notified": {"contain": "contained", "remediate": "remediating", "resolve": "resolved"},
    "not_breach": {
        "assess": "risk_assessment",
        "contain": "contained",
        "remediate": "remediating",
        "resolve": "resolved",
    },
    "resolved": {"close": "closed", "reopen": "investigating"},
    "closed": {},
    "merged": {},
    "suppressed": {},
}


@pytest.mark.parametrize(("status", "word"), list(itertools.product(STATUSES, COMMANDS)))
def test_every_command_in_every_status(status: Status, word: str) -> None:
    verdict: Verdict | None = "benign_explained" if status == "resolved" else None
    incident = an_incident(status=status, severity="SEV3", verdict=verdict, reason="on call" if verdict else "")
    to = ARROWS[status].get(word)
    if to is None:
        with pytest.raises(IllegalTransition, match=f"INC-F73K9Q2M is {status}"):
            moved(incident, COMMANDS[word], MONDAY)
    else:
        assert moved(incident, COMMANDS[word], MONDAY).status == to


def test_from_every_open_status_a_case_can_be_ended() -> None:
    for status in set(STATUSES) - FINISHED:
        reached = {status}
        while True:
            further = reached | {to for one in reached for to in ARROWS[one].values()}
            if further == reached:
                break
            reached = further
        assert "closed" in reached, status


@pytest.mark.parametrize(
    ("severity", "note", "refusal"),
    [
        ("SEV1", "a test", "worth somebody's time"),
        ("SEV2", "a test", "worth somebody's time"),
        ("SEV3", " \n", "a reason is needed"),
        ("SEV4", "", "a reason is needed"),
    ],
)
def test_what_is_grave_is_not_suppressed_and_nothing_without_a_reason(severity: str, note: str, refusal: str) -> None:
    command = Suppress(incident_id="INC-F73K9Q2M", actor="ana", note=note)
    with pytest.raises(IllegalTransition, match=refusal):
        moved(an_incident(severity=severity), command, MONDAY)


def test_what_is_suppressed_keeps_its_reason() -> None:
    assert moved(an_incident(severity="SEV3"), COMMANDS["suppress"], MONDAY).reason == "a test"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_resolving_needs_a_reason(reason: str) -> None:
    command = Resolve(incident_id="INC-F73K9Q2M", actor="ana", verdict="duplicate", reason=reason)
    with pytest.raises(IllegalTransition, match="a verdict and a reason"):
        moved(an_incident(status="remediating"), command, MONDAY)


@pytest.mark.parametrize(("verdict", "reason"), [(None, "seen"), ("benign_explained", " ")])
def test_closing_needs_verdict_and_reason(verdict: Verdict | None, reason: str) -> None:
    incident = an_incident(status="resolved", verdict=verdict, reason=reason)
    with pytest.raises(IllegalTransition, match="a verdict and a reason"):
        moved(incident, COMMANDS["close"], MONDAY)


@pytest.mark.parametrize("verdict", list(VERDICT_OCSF))
@pytest.mark.parametrize("rules", [("A09",), ("B22",), ("B22", "A13"), ("half_space_trees",)])
@pytest.mark.parametrize("breach", ["", "notified", "not_breach"])
def test_true_positives_about_records_need_their_breach_path(
    verdict: Verdict, rules: tuple[str, ...], breach: str
) -> None:
    incident = an_incident(status="resolved", verdict=verdict, reason="seen", rules=rules, breach=breach)
    about_records = rules in {("A09",), ("B22", "A13")}
    if about_records and verdict.startswith("true_positive") and not breach:
        with pytest.raises(IllegalTransition, match="breach assessment"):
            moved(incident, COMMANDS["close"], MONDAY)
    else:
        assert moved(incident, COMMANDS["close"], MONDAY).status == "closed"


@pytest.mark.parametrize(("status", "word"), [("resolved", "reopen"), ("risk_assessment", "rule out")])
def test_reopening_and_ruling_out_need_a_reason(status: Status, word: str) -> None:
    command = type(COMMANDS[word])(incident_id="INC-F73K9Q2M", actor="ana", reason=" ")  # type: ignore[call-arg]  # both have one
    with pytest.raises(IllegalTransition, match="a reason is needed"):
        moved(an_incident(status=status), command, MONDAY)


@pytest.mark.parametrize("into", ["", "INC-F73K9Q2M"])
def test_nothing_is_merged_into_itself(into: str) -> None:
    with pytest.raises(IllegalTransition, match="another incident"):
        moved(an_incident(status="triaged"), Merge(incident_id="INC-F73K9Q2M", actor="ana", into=into), MONDAY)


def test_what_commands_change_beside_the_status() -> None:
    resolved = moved(an_incident(status="contained"), COMMANDS["resolve"], MONDAY + 5)
    assert (resolved.verdict, resolved.reason, resolved.resolved_at) == (
        "benign_explained", "on call, roster was late", MONDAY + 5,
    )  # fmt: skip
    reopened = moved(resolved, COMMANDS["reopen"], MONDAY + 6)
    assert (reopened.verdict, reopened.reason, reopened.resolved_at) == (None, "", None)
    assert moved(an_incident(status="risk_assessment"), COMMANDS["rule out"], MONDAY).breach == "not_breach"
    assert moved(an_incident(status="notifying"), COMMANDS["notified"], MONDAY).breach == "notified"
    assert moved(an_incident(status="triaged"), COMMANDS["merge"], MONDAY).merged_into == "INC-OTHER"


def test_a_reopened_case_must_be_assessed_again() -> None:
    resolved = an_incident(status="resolved", verdict="true_positive_policy", reason="snooping", breach="notified")
    assert moved(resolved, COMMANDS["reopen"], MONDAY).breach == ""


def test_what_is_assessed_again_is_open_again() -> None:
    ruled_out = an_incident(status="not_breach", breach="not_breach")
    assert moved(ruled_out, COMMANDS["assess"], MONDAY).breach == ""


def test_refusals_repeat_no_free_text() -> None:
    command = Resolve(incident_id="INC-F73K9Q2M", actor="ana", verdict="duplicate", reason="Jane Doe, MRN 1234567")
    with pytest.raises(IllegalTransition) as refused:
        moved(an_incident(status="new"), command, MONDAY)
    assert "Jane" not in str(refused.value)
    assert "Jane" not in repr(command)


def test_verdicts_are_those_of_ocsf() -> None:
    # domain.md §4.3: "map to OCSF verdict_id 2,2,5,1,1,10,7", in the order of the verdicts
    assert list(VERDICT_OCSF.values()) == [2, 2, 5, 1, 1, 10, 7]
