"""What is done with the complete files of a drop folder: each is sent, then put away (`wardwatch watch DIR`).

Log lines name a file by the beginning of its SHA-256, never by its name: names of files often hold names of people.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from streams.drop_folder import DropFolder
from streams.file_formats import AUTO
from streams.file_ingest import Courier, Delivery, FileReport
from streams.formats import InputFileError
from streams.ingest import IngestError
from streams.input_file import InputFile, open_input
from streams.journal import JournalError

_log = logging.getLogger(__name__)

Fate = Literal["done", "failed", "stays"]


class FolderWatch:
    """Sends and puts away the files of one folder.

    Args:
        folder: the drop folder.
        courier: makes the records.
        format_name: of all its files, or `auto`.
        stop: whether to end; what is begun is gone on with in the next run.
    """

    def __init__(
        self, folder: DropFolder, courier: Courier, stop: Callable[[], bool], *, format_name: str = AUTO
    ) -> None:
        self._folder = folder
        self._courier = courier
        self._stop = stop
        self._format = format_name

    async def take(self, path: Path, delivery: Delivery) -> Fate:
        """Send one file and put it away; return what became of it.

        A file that changed meanwhile, or that was not finished, stays.

        Raises:
            IngestError: where the broker does not take the records; the file stays.
            JournalError: where the journal cannot be used; the file stays.
        """
        try:
            with open_input(path, follow_links=False) as file:
                report = await self._sent(file, delivery)
                if report.outcome in ("changed", "stopped") or not file.is_unchanged():
                    _log.info("A file stays", extra={"file": _name(file), "outcome": report.outcome})
                    return "stays"
                return self._put_away(path, report, _name(file))
        except InputFileError as error:
            return self._unreadable(path, error)

    async def _sent(self, file: InputFile, delivery: Delivery) -> FileReport:
        report = FileReport(str(file.path))
        try:
            report = self._courier.report(file, self._format)
            await delivery.send(file, report, stop=self._stop)
        except (IngestError, JournalError):
            raise
        except InputFileError as error:
            report.problem = str(error)
        # The guard of the watch: a fault of ours on one file must not stop all others.
        except Exception as fault:  # noqa: BLE001
            _log.exception("A file could not be read", extra={"file": _name(file)})
            report.outcome, report.problem = "failed", f"internal error {type(fault).__name__}; the log says where"
        return report

    def _put_away(self, path: Path, report: FileReport, name: str) -> Fate:
        fate: Literal["done", "failed"] = "done" if report.is_well else "failed"
        why = "" if report.is_well else why_text(report)
        fields = {
            "file": name,
            "format": report.format,
            "outcome": report.outcome,
            "read": report.read,
            "published": report.published,
            "dead_letters": report.dead_letters,
        }
        try:
            self._folder.put_away(path, fate, why)
        except FileNotFoundError:
            _log.warning("A file vanished before it could be put away", extra=fields)
            return "stays"
        except OSError:
            _log.exception("A file cannot be put away and is left alone until it changes", extra=fields)
            self._folder.leave_alone(path)
            return "stays"
        _log.log(logging.INFO if report.is_well else logging.WARNING, "A file is %s", fate, extra=fields)
        return fate

    def _unreadable(self, path: Path, error: InputFileError) -> Fate:
        if not path.exists():
            _log.info("A file vanished before it could be read")
            return "stays"
        return self._put_away(path, FileReport(str(path), problem=str(error)), "unreadable")


def why_text(report: FileReport) -> str:
    """Return why a file failed, for people: reasons and places, no values."""
    lines = [report.problem] if report.problem else []
    if report.nothing_fits:
        lines.append(f"none of its {report.read} records could be used, read as {report.format}")
    lines += [f"{n} {reason}" for reason, n in report.dead_letters.items()]
    lines += [f"{refusal.place}: {refusal.reason}" for refusal in report.first_refusals]
    return "\n".join([*lines, ""])


def _name(file: InputFile) -> str:
    return file.digest[:12]
