"""`wardwatch backup` and `wardwatch restore`: the databases of one machine, in a folder and back."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import backups
from monitor.cli.shared import ConfigOption, load_settings, say
from monitor.failure import Failure


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder without a backup; made where it is missing.")],
    config: ConfigOption = None,
) -> None:
    """Copy the databases that are files (incidents, vault, archive) while Wardwatch runs. Keys are not among them.

    For a database of PostgreSQL it says which command copies it, and ends with 1.

    Example:
        wardwatch backup /mnt/backup/2026-03-02
    """
    settings = load_settings(config)
    for name in backups.back_up(settings, folder):
        say(f"copied {name}")
    served = {name: url for name, url in backups.databases(settings).items() if backups.path_of(url) is None}
    if served:
        commands = "".join(f"\n  {backups.dump_command(name, url)}" for name, url in served.items())
        message = f"not copied here, for it is on a server; run there:{commands}"
        raise Failure(message)


def restore(
    folder: Annotated[Path, typer.Argument(help="What `wardwatch backup` wrote.")],
    config: ConfigOption = None,
) -> None:
    """Put the databases of a backup back, where none are, while nothing of Wardwatch runs.

    Example:
        wardwatch restore /mnt/backup/2026-03-02
    """
    for path in backups.restore(load_settings(config), folder):
        say(f"restored {path}")
    say("Now run `wardwatch audit verify`, with the last checkpoint that was kept elsewhere, and `wardwatch doctor`.")
