"""News for Slack alone: its messages show who has a case and that it has comments; nobody is to be paged for that."""

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Told, notification
from alerting.places import Place
from alerting.routing.router import Router
from alerting.slack.rows import recipients_told
from alerting.store.outbox_rows import insert_notices

SLACK = "slack"


def tell_slack(act: Act, incident: Incident, told: Told) -> None:
    """Put notices into the outbox for the places in Slack that know of an incident, and may."""
    addressing = Router(act.connection, act.policy, act.now).addressing(incident)
    body = notification(incident, told, act.policy.all_titles, act.policy.console_url)
    insert_notices(
        act.connection,
        [
            Notice(
                id=notice_id(incident.id, incident.revision, SLACK, recipient),
                channel=SLACK,
                body=body,
                to=recipient,
                created_at=act.now,
                due_at=act.now,
            )
            for recipient in recipients_told(act.connection, incident.id)
            if addressing.is_allowed(Place(SLACK, recipient))
        ],
    )
