"""Reading and writing the table of questions."""

from msgspec import structs
from sqlalchemy import Connection, insert, select, update

from alerting.questions.commands import AskedQuestion
from alerting.questions.tables import QUESTIONS

_TABLE = QUESTIONS.c


def insert_question(connection: Connection, question: AskedQuestion) -> None:
    """Store a new question."""
    connection.execute(insert(QUESTIONS).values(structs.asdict(question)))


def update_question(connection: Connection, question: AskedQuestion) -> None:
    """Store what has become of a question."""
    connection.execute(update(QUESTIONS).where(_TABLE.id == question.id).values(structs.asdict(question)))


def find_question(connection: Connection, question_id: str, *, lock: bool = False) -> AskedQuestion | None:
    """Return a question, None if there is none."""
    query = select(QUESTIONS).where(_TABLE.id == question_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else AskedQuestion(**row)


def questions_about(connection: Connection, incident_id: str) -> list[AskedQuestion]:
    """Return the questions about an incident, oldest first."""
    query = select(QUESTIONS).where(_TABLE.incident_id == incident_id).order_by(_TABLE.asked_at, _TABLE.id)
    return [AskedQuestion(**row) for row in connection.execute(query).mappings()]


def overdue_questions(connection: Connection, now: float) -> list[AskedQuestion]:
    """Return the open questions whose links have expired, locked."""
    query = select(QUESTIONS).where(_TABLE.state == "open", _TABLE.expires_at <= now).with_for_update()
    return [AskedQuestion(**row) for row in connection.execute(query).mappings()]
