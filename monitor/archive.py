"""The archive of accesses, as the settings have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from alerting.archive import Archive, create_archive
from alerting.store import open_engine
from monitor.failure import Failure
from monitor.private_files import private_database
from monitor.settings import Settings


@contextmanager
def opened_archive(settings: Settings) -> Iterator[Archive]:
    """Give the archive for as long as the block lasts, making its tables where they are missing.

    Raises:
        Failure: where the database does not answer.
    """
    engine = _engine(settings)
    try:
        try:
            create_archive(engine)
        except (SQLAlchemyError, OSError) as error:
            message = (
                f"the archive does not answer ({type(error).__name__}); start it, or correct WARDWATCH_ARCHIVE_URL"
            )
            raise Failure(message) from None
        yield Archive(engine)
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    url = make_url(settings.archive_database)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        private_database(Path(url.database))
    return open_engine(settings.archive_database)
