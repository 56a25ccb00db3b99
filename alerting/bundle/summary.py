"""The case on paper: what happened, why we think so, what was done, and what was decided."""

from datetime import UTC, datetime

from alerting.bundle.dossier import CaseFile
from alerting.channels.text import words
from alerting.documents import Block, Bullets, Document, Facts, Heading, Paragraph
from alerting.ocsf.events import BREACH_STATUSES

MOST_ON_PAPER = 200
"""Findings that are printed, the latest; all of them are in findings.jsonl."""


def summary(case: CaseFile, titles: dict[str, str], *, at: float, by: str, purpose: str) -> Document:
    """Return the case as a document.

    Args:
        case: what is told.
        titles: neutral titles by rule id.
        at: when the bundle was made, in seconds since the epoch.
        by: who made it, by work name.
        purpose: what it was made for.
    """
    incident = case.incident
    blocks: list[Block] = [
        Heading(f"Incident {incident.id}"),
        Facts(
            (
                ("Status", words(incident.status)),
                ("Severity", incident.severity),
                ("About", f"{incident.entity.type} {incident.entity.ref}" if incident.entity else words(incident.kind)),
                ("Findings", f"{incident.findings}, and {len(case.withdrawn)} withdrawn"),
                ("First seen", moment(incident.first_at)),
                ("Last seen", moment(incident.last_at)),
                ("Opened", moment(incident.opened_at)),
                ("Responsible", incident.assignee or "nobody"),
                ("Verdict", words(incident.verdict) if incident.verdict else "none yet"),
                ("Breach", _breach(case)),
                ("Timeline", "whole: every entry follows from the one before" if case.is_chain_whole else "BROKEN"),
            )
        ),
        Paragraph(f"Made on {moment(at)} by {by}, for: {purpose}. All times are UTC; parties are tokens."),
        Heading("Rules and models"),
        Bullets(tuple(f"{rule} {titles.get(rule, '')}".rstrip() for rule in incident.rules)),
        Heading("Findings"),
        *_findings(case),
        Heading("Timeline"),
        Bullets(tuple(_entry(case, place) for place in range(len(case.timeline)))),
    ]
    if incident.reason:
        blocks += [Heading("Reason of the verdict"), Paragraph(incident.reason)]
    return Document(f"Incident {incident.id}", tuple(blocks))


def moment(at: float) -> str:
    """Return an instant as people read it, in UTC; `unknown` for what no calendar holds."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return "unknown"


def _breach(case: CaseFile) -> str:
    """Return how far the question of a breach has come; a status on its way says more than an end not reached."""
    incident = case.incident
    if incident.breach:
        return words(incident.breach)
    if incident.status in BREACH_STATUSES:
        return f"{words(incident.status)}; see breach.json"
    return "not decided; see breach.json" if case.breach else "no assessment was begun"


def _findings(case: CaseFile) -> list[Block]:
    printed = case.findings[-MOST_ON_PAPER:]
    lines = tuple(
        f"{moment(finding.at)} {finding.detector} version {finding.version}, {finding.severity}, "
        f"risk {finding.risk:.0f}: {' '.join(finding.reasons)}{_withdrawn(case, finding.id)}"
        for finding in printed
    )
    more = len(case.findings) - len(printed)
    blocks: list[Block] = [Bullets(lines)] if lines else [Paragraph("None.")]
    return [*blocks, Paragraph(f"{more} earlier ones are in findings.jsonl.")] if more else blocks


def _withdrawn(case: CaseFile, finding_id: str) -> str:
    withdrawal = case.withdrawn.get(finding_id)
    return f" (withdrawn {moment(withdrawal.at)}: {withdrawal.reason})" if withdrawal else ""


def _entry(case: CaseFile, place: int) -> str:
    entry = case.timeline[place]
    detail = ", ".join(f"{name} {value}" for name, value in entry.detail.items())
    told = [f"{entry.seq}. {moment(entry.at)} {entry.actor}: {words(entry.action)}"]
    if entry.from_status != entry.to_status:
        told.append(f"now {words(entry.to_status)}")
    return "; ".join([*told, *filter(None, (detail, entry.note))])
