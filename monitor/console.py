"""A first console, read-only: what may leave Wardwatch, as pages and as JSON.

It shows `alerting.notification.Notification` and nothing else, for it asks nobody who they are. Listen beyond this
machine only behind something that does.
"""

import html
from collections.abc import Mapping

from alerting.channels.text import words
from alerting.incidents import Incident
from alerting.notification import Notification, bucketed, notification
from alerting.store import Case, Store
from monitor.web import NOT_FOUND, Answer, Request, Route, html_answer, json_answer

PREFIX = "/incidents/"
SHOWN = 100

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #ccc;vertical-align:top}"
)


def console_routes(store: Store, titles: Mapping[str, str], console_url: str) -> dict[str, Route]:
    """Return the pages: `/` and `/incidents/` list, `/incidents/ID` and `/incidents/ID.json` show one."""

    def told(incident: Incident) -> Notification:
        return notification(incident, "status_changed", titles, console_url)

    def listing(_request: Request) -> Answer:
        return html_answer(_list_page([told(incident) for incident in store.incidents(limit=SHOWN)]))

    def one(request: Request) -> Answer:
        name = request.path.removeprefix(PREFIX)
        if not name:
            return listing(request)
        as_json = name.endswith(".json")
        case = store.incident(name.removesuffix(".json"), max_findings=0)
        if case is None:
            return NOT_FOUND
        shown = told(case.incident)
        return json_answer(shown) if as_json else html_answer(_page(shown, case))

    return {"/": listing, PREFIX: one}


def _page(shown: Notification, case: Case) -> str:
    rules = [f"{rule.id} {rule.title}" for rule in shown.rules]
    more = [f"and {shown.other_rules} more"] if shown.other_rules else []
    rows = {
        "Status": shown.status,
        "Severity": shown.severity,
        "About": shown.entity_type or shown.kind,
        "Rules": "; ".join(rules + more),
        "Findings": shown.findings,
        "Withdrawn": bucketed(len(case.withdrawn)) if case.withdrawn else "none",
        "Queue": words(case.incident.queue) or "fraud and privacy",
        "First hour": shown.first_hour,
        "Last hour": shown.last_hour,
    }
    body = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in rows.items())
    hint = f"<p>Reasons and timeline: <code>wardwatch incidents show {_text(shown.incident_id)}</code></p>"
    return _document(
        f"Incident {shown.incident_id}", f"<table>{body}</table>{hint}<p><a href='/'>All incidents</a></p>"
    )


def _list_page(shown: list[Notification]) -> str:
    rows = "".join(
        f"<tr><td><a href='{PREFIX}{_text(each.incident_id)}'>{_text(each.incident_id)}</a></td>"
        f"<td>{_text(each.severity)}</td><td>{_text(each.status)}</td>"
        f"<td>{_text('; '.join(rule.title for rule in each.rules))}</td><td>{_text(each.last_hour)}</td></tr>"
        for each in shown
    )
    head = "<tr><th>Incident</th><th>Severity</th><th>Status</th><th>Rules</th><th>Last hour</th></tr>"
    return _document("Incidents", f"<table>{head}{rows}</table>" if shown else "<p>There are no incidents.</p>")


def _document(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{_text(title)} - Wardwatch</title>"
        f"<style>{STYLE}</style><h1>{_text(title)}</h1>{body}</html>\n"
    )


def _text(value: str) -> str:
    return html.escape(value, quote=True)
