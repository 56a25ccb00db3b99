"""`wardwatch backup` and `wardwatch restore`: the databases of one machine, in a folder and back."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import backups, postgres_copies
from monitor.cli.shared import ConfigOption, load_settings, say
from monitor.failure import Failure


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder without a backup; made where it is missing.")],
    config: ConfigOption = None,
) -> None:
    """Copy the databases (incidents, vault, archive) while Wardwatch runs. Keys are not among them.

    Of a database of PostgreSQL `pg_dump` makes the copy. Where that is not on this machine, the command to run
    elsewhere is told, and it ends with 1.

    Example:
        wardwatch backup /mnt/backup/2026-03-02
    """
    settings = load_settings(config)
    for name in backups.back_up(settings, folder):
        say(f"copied {name}")
    served = backups.served(settings)
    if served and not postgres_copies.is_there(postgres_copies.DUMP):
        commands = "".join(f"\n  {postgres_copies.dump_command(name, url)}" for name, url in served.items())
        message = f"not copied, for {postgres_copies.DUMP} is not on this machine; run where it is:{commands}"
        raise Failure(message)


def restore(
    folder: Annotated[Path, typer.Argument(help="What `wardwatch backup` wrote.")],
    config: ConfigOption = None,
) -> None:
    """Put the databases of a backup back, where none are, while nothing of Wardwatch runs.

    Databases of PostgreSQL must be there and empty; `pg_restore` fills them. Nothing is ever written over.

    Example:
        wardwatch restore /mnt/backup/2026-03-02
    """
    for path in backups.restore(load_settings(config), folder):
        say(f"restored {path}")
    say("Now run `wardwatch audit verify`, with the last checkpoint that was kept elsewhere, and `wardwatch doctor`.")
