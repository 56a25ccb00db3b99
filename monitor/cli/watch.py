"""`wardwatch watch`: a drop folder whose files go into Kafka, each once, for as long as it runs."""

import asyncio
import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from monitor import logs
from monitor.cli.file_options import (
    FormatOption,
    MappingOption,
    SourceOption,
    ZoneOption,
    journal_of,
    place_of,
    reading_of,
)
from monitor.cli.shared import ConfigOption, duration, load_settings
from monitor.failure import ExitCode, Failure
from monitor.keys import required_keys
from monitor.listening_addresses import source_limits
from monitor.settings import Settings
from monitor.topics import require_broker, topic_plan
from monitor.vault import Door, opened_door
from streams.drop_folder import DropFolder
from streams.file_formats import AUTO
from streams.file_ingest import Courier, Delivery, Place
from streams.folder_watch import Fate, FolderWatch
from streams.ingest import IngestError, publishing
from streams.journal import Journal

_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks into the folder."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""After a failure of the broker, and then twice as long each time, up to a minute."""


def watch(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder.", exists=True, file_okay=False, dir_okay=True)
    ],
    *,
    format_name: FormatOption = AUTO,
    mapping: MappingOption = "",
    source: SourceOption = "",
    zone: ZoneOption = "",
    settle: Annotated[
        str, typer.Option("--settle", metavar="DURATION", help="A file is complete when unchanged for so long.")
    ] = "5s",
    once: Annotated[bool, typer.Option("--once", help="End after the files that are complete now.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send what is put into a folder, file by file.

    Each file is sent as `wardwatch ingest` does it, then moved to done/ or failed/ in the folder. Beside
    a file in failed/ lies a text that says why. Files in the making are left alone: names that begin with a dot or end
    in .part, .tmp or .filepart, and files that still change. While the broker is away, files stay where they are. Ends
    cleanly on SIGTERM and Ctrl-C; with --once it ends with 1 when a file failed or had to stay.

    Example:
        wardwatch watch /srv/drop/claims --format x12 --zone America/Chicago
    """
    settings = load_settings(config)
    logs.configure(settings.log_level)
    reading = reading_of(format_name, mapping, source, zone, source_limits(settings))
    keys = required_keys(settings)
    try:
        drop = DropFolder(folder, duration(settle), time.time)
    except OSError as error:
        message = f"{error.filename}: {error.strerror}"
        raise Failure(message) from None
    with journal_of(settings) as journal, opened_door(settings, keys) as door, _told_to_end() as ended:
        courier = Courier(door.tokeniser, topic_plan(settings), reading)
        watcher = FolderWatch(drop, courier, ended.is_set, format_name=format_name)
        round_ = _Round(
            settings=settings,
            drop=drop,
            watcher=watcher,
            courier=courier,
            door=door,
            journal=journal,
            place=place_of(settings, keys),
            ended=ended,
        )
        _log.info("Watch starts")
        code = _once(round_) if once else _for_ever(round_, ended)
        _log.info("Watch ends")
    raise typer.Exit(code)


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set."""
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(kw_only=True)
class _Round:
    """One look into the folder, and what follows of it. `growing` files were not complete at the last look."""

    settings: Settings
    drop: DropFolder
    watcher: FolderWatch
    courier: Courier
    door: Door
    journal: Journal
    place: Place
    ended: threading.Event
    growing: int = 0

    def __call__(self) -> Counter[Fate]:
        """Send and put away what is complete.

        Raises:
            Failure: where the broker cannot be used, or the folder cannot be read.
            IngestError, aiokafka.errors.KafkaError: where the broker fails meanwhile.
        """
        try:
            found = self.drop.look()
        except OSError as error:
            message = f"the folder cannot be read: {error.strerror}"
            raise Failure(message) from None
        self.growing = found.growing
        if not found.complete:
            return Counter()
        security = require_broker(self.settings)
        return asyncio.run(self._sent(found.complete, security.for_aiokafka()))

    async def _sent(self, files: list[Path], security: dict[str, object]) -> Counter[Fate]:
        fates: Counter[Fate] = Counter()
        plan = topic_plan(self.settings)
        async with publishing(self.settings.broker, plan, security) as publisher:
            delivery = Delivery(self.courier, self.door.publisher(publisher), self.journal, self.place)
            for path in files:
                if self.ended.is_set():
                    break
                fates[await self.watcher.take(path, delivery)] += 1
        return fates


def _once(round_: _Round) -> int:
    try:
        fates = round_()
    except (IngestError, KafkaError) as error:
        said = str(error) if isinstance(error, IngestError) else f"{type(error).__name__} from the broker"
        message = f"{said}; start it again, and it goes on from there"
        raise Failure(message) from None
    if round_.growing:
        _log.info("Files that may still grow are left for the next time", extra={"files": round_.growing})
    return ExitCode.FAILED if fates["failed"] or fates["stays"] else ExitCode.OK


def _for_ever(round_: _Round, ended: threading.Event) -> int:
    pause = FIRST_PAUSE_SECONDS
    while not ended.is_set():
        try:
            round_()
        except (Failure, IngestError, KafkaError) as error:
            why = type(error).__name__ if isinstance(error, KafkaError) else str(error)
            _log.warning("Files wait", extra={"why": why, "seconds": pause})
            ended.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            pause = FIRST_PAUSE_SECONDS
            ended.wait(LOOK_SECONDS)
    return ExitCode.OK
