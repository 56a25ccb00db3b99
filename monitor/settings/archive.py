"""Where the archive of accesses lies."""

from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.hooks import HookSettings


class ArchiveSettings(HookSettings, frozen=True, kw_only=True):
    """Where the archive of accesses lies."""

    archive_url: Annotated[
        Secret | None,
        Meta(
            description="SQLAlchemy address of the archive of accesses (SQLite or PostgreSQL), a database of its own; "
            "without it `archive.sqlite` in `data_dir`.",
            examples=["postgresql+psycopg://archive:…@db/archive"],
        ),
    ] = None

    @property
    def archive_database(self) -> str:
        """The address of the archive."""
        return self.archive_url.reveal() if self.archive_url else f"sqlite:///{self.data_dir / 'archive.sqlite'}"
