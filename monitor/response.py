"""The part of the composition that answers: store, desk and what they need from the settings."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.observer import Observer, Unobserved
from alerting.policy import Policy
from alerting.store import Store, create_schema, open_engine
from detectors.sigma import RuleSet
from models.daily_budget import DailyBudget
from monitor.accounts import accounts_of
from monitor.catalogue import titles
from monitor.channels import routes, usual_places
from monitor.failure import Failure
from monitor.private_files import private_database
from monitor.response_plan import response_plan
from monitor.settings import Settings


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Open the incident store for as long as the block lasts; see `open_database`."""
    database = open_database(settings)
    try:
        yield Store(database)
    finally:
        database.dispose()


def open_database(settings: Settings) -> Engine:
    """Open the database of incidents, making its tables where they are missing. Its user disposes of it.

    Raises:
        Failure: where the database does not answer.
    """
    try:
        return _opened(settings)
    except (SQLAlchemyError, OSError) as error:
        message = f"the database does not answer ({type(error).__name__}); start it, or correct WARDWATCH_DATABASE_URL"
        raise Failure(message) from None


def _opened(settings: Settings) -> Engine:
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        private_database(Path(url.database))
    engine = open_engine(settings.database)
    try:
        create_schema(engine)
    except SQLAlchemyError:
        create_schema(engine)  # another process made the tables at the same moment
    return engine


def build_desk(
    settings: Settings,
    store: Store,
    rules: RuleSet,
    *,
    clock: Callable[[], float] = time.time,
    observer: Observer | None = None,
    ids: random.Random | None = None,
) -> Desk:
    """Return the desk that the settings call for; `ids` is where incident ids come from."""
    return Desk(
        store,
        clock=clock,
        incident_ids=random_ids(ids or random.SystemRandom()),
        policy=build_policy(settings, rules),
        budget=DailyBudget(settings.alerts_per_day),
        observer=observer or Unobserved(),
    )


def build_policy(settings: Settings, rules: RuleSet) -> Policy:
    """Return what the desk decides by."""
    plan = response_plan(settings)
    return Policy(
        routes=routes(settings),
        titles=titles(rules),
        console_url=settings.public_url.rstrip("/"),
        plan=plan,
        subjects=accounts_of(plan.people, settings),
        places=usual_places(settings),
    )
