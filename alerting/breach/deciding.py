"""What may be done with a file: each function returns why something is refused, or an empty text."""

from datetime import date

from alerting.breach.affected import HHS_FROM, STATES, WEB_FROM
from alerting.breach.assessment import missing
from alerting.breach.clocks import held_on
from alerting.breach.duties import METHODS, POSTING_DAYS, PUBLIC, unfinished
from alerting.breach.file import BreachFile
from alerting.breach.records import Discovered, Noticed
from alerting.people import Directory, Role


def discovery_refusal(file: BreachFile, discovered: Discovered, today: date) -> str:
    """Return why a day cannot be that of discovery."""
    if discovered.on > today:
        return "the day of discovery lies in the future"
    if discovered.on > file.first_alert_on and not discovered.reason.strip():
        return (
            f"the first alert came on {file.first_alert_on}: say why the breach was not discovered then "
            "(164.404(a)(2)), or give that day"
        )
    return ""


def approval_refusal(file: BreachFile, revision: int, approver: str, directory: Directory) -> str:
    """Return why somebody cannot approve the assessment of this number.

    Two people decide: whoever wrote it, and another. One of them is a privacy officer; the second may be of the legal
    department. A site that names no people has no roles: there two work names must differ.
    """
    current = file.current
    if current is None or current.revision != revision:
        return f"assessment {current.revision} is the one to approve" if current else "there is none to approve"
    if current.approver:
        return f"assessment {revision} is approved already"
    if lacks := missing(current.assessment):
        return f"the assessment is not complete: {'; '.join(lacks)}"
    if same_person(current.author, approver):
        return "whoever wrote an assessment cannot approve it: a second person is needed"
    if may_be_second(current.author, approver, directory):
        return ""
    return "a privacy officer approves; the legal department may, where a privacy officer wrote the assessment"


def may_be_second(first: str, second: str, directory: Directory) -> bool:
    """Return whether the role of somebody is enough to agree to what another wrote."""
    if not directory.people or _has(directory, second, "privacy_officer"):
        return True
    return _has(directory, second, "legal") and _has(directory, first, "privacy_officer")


def second_needed(first: str, directory: Directory) -> str:
    """Return in words who may agree to what somebody wrote."""
    if not directory.people:
        return "a second person"
    if _has(directory, first, "privacy_officer"):
        return "another privacy officer, or somebody of the legal department,"
    return "a privacy officer"


def decision_refusal(file: BreachFile | None, *, is_breach: bool) -> str:
    """Return why a case cannot be confirmed as a breach, or ruled out."""
    current = file.current if file else None
    if current is None or not current.approver:
        return "an approved assessment is needed (`wardwatch breach assess`, `wardwatch breach approve`)"
    if (current.assessment.conclusion == "breach") != is_breach:
        return f"the approved assessment concludes {current.assessment.conclusion}"
    return ""


def start_refusal(file: BreachFile | None, today: date) -> str:
    """Return why notices cannot begin."""
    if file is None or file.decision != "breach":
        return "a breach that was confirmed by two people is needed"
    if held_on(file.hold_times, today):
        return f"law enforcement holds notices back until {max(hold.until for hold in file.hold_times)}"
    return ""


def finish_refusal(file: BreachFile | None) -> str:
    """Return why not all notices have been made."""
    if file is None or file.decision != "breach":
        return "a breach that was confirmed by two people is needed"
    if file.counted is None:
        return "nobody has counted the affected individuals (`wardwatch breach affected`)"
    if file.counted.is_estimate:
        return "the count of affected individuals is still an estimate (`wardwatch breach affected`)"
    left = [f"{duty.clock} ({duty.made} of {duty.needed} made, {duty.section})" for duty in unfinished(file)]
    return f"notices are missing: {', '.join(left)}" if left else ""


def notice_refusal(file: BreachFile, notice: Noticed, today: date) -> str:
    """Return why a notice cannot be recorded."""
    methods = METHODS[notice.kind]
    checks = (
        (notice.made_on > today, "the day of the notice lies in the future"),
        (notice.made_on < file.discovered_on, f"the breach was discovered on {file.discovered_on}, after that day"),
        (notice.method not in methods, f"a notice of this kind is made by {', '.join(methods)}"),
        (notice.count < 1, "say for how many people it was"),
        (
            (notice.state in STATES) != (notice.kind == "media"),
            "a notice to the media names its state, and no other notice does",
        ),
    )
    refusal = next((why for fails, why in checks if fails), "")
    return refusal or (_substitute_refusal(file, notice) if notice.kind == "substitute" else "")


def _substitute_refusal(file: BreachFile, notice: Noticed) -> str:
    unreachable = file.counted.affected.unreachable if file.counted else 0
    if unreachable < WEB_FROM:
        return ""
    if notice.method not in PUBLIC:
        return f"{WEB_FROM} or more are out of reach: a web posting or major media are needed (164.404(d)(2)(ii))"
    if notice.days < POSTING_DAYS:
        return f"the posting stays and the toll-free number is answered for {POSTING_DAYS} days or more"
    return ""


def notice_remarks(file: BreachFile, notice: Noticed) -> list[str]:
    """Return what whoever records a notice should know."""
    found = []
    if held_on(file.hold_times, notice.made_on):
        found.append("law enforcement held notices back on that day (164.412)")
    if file.decision != "breach":
        found.append("the breach is not confirmed yet")
    total = file.counted.affected.total if file.counted else 0
    if notice.kind == "hhs_yearly" and total >= HHS_FROM:
        found.append(f"{HHS_FROM} or more are affected: HHS is told within 60 days, not once a year")
    return found


def _has(directory: Directory, name: str, role: Role) -> bool:
    person = directory.named(name)
    return person is not None and role in person.roles


def same_person(one: str, other: str) -> bool:
    """Return whether two work names are those of one person."""
    return one.strip().casefold() == other.strip().casefold()
