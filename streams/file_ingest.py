"""Files to the source topics, each once: read, tokenised, sent and counted (`wardwatch ingest`, `wardwatch watch`)."""

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct, field

from streams.file_formats import AUTO, Reading, check, format_of, origin_of, reading_code, records_of
from streams.formats import InputFileError
from streams.ingest import IngestError, chunks, count_refused, message_of
from streams.input_file import InputFile
from streams.intake import Intake
from streams.items import message_of_item
from streams.journal import Journal, Sent, Work
from streams.keeping import Publishes
from streams.publisher import Message
from streams.sources.api import Refused
from streams.sources.tables import Tally
from streams.tokens import Tokeniser
from streams.topics import TopicPlan

SHOWN_REFUSALS = 10
"""Refusals of a file that are told with their places; all are counted."""

Outcome = Literal["sent", "already_sent", "looked_at", "empty", "changed", "stopped", "failed"]


class RefusedAt(Struct, frozen=True):
    """One refusal: why, and where in the file. Never what stood there."""

    reason: str
    place: str


class FileReport(Struct):
    """What became of a file.

    `read` counts its records, `sent_before` those that an earlier run had sent, `published` those of this run that the
    broker acknowledged. `dead_letters` counts, by reason, the records of this and earlier runs that the intake refuses;
    `left_out` those that a mapping drops. `problem` says why a file `failed`; it names the file, and no value.
    """

    file: str
    format: str = ""
    outcome: Outcome = "failed"
    problem: str = ""
    read: int = 0
    sent_before: int = 0
    published: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    first_refusals: list[RefusedAt] = field(default_factory=list)

    @property
    def nothing_fits(self) -> bool:
        """Whether the file has records, and all of them are refused: most likely it was read as what it is not."""
        return self.read > 0 and sum(self.dead_letters.values()) >= self.read

    @property
    def is_well(self) -> bool:
        """Whether the file was read to its end, and any of its records could be used."""
        return self.outcome not in ("failed", "changed", "stopped") and not self.nothing_fits


class Place(Struct, frozen=True):
    """Where files are sent, for the journal: the broker's address, and a name that tells the token key from others.

    The name is no key, and nothing can be learned of the key by it.
    """

    broker: str
    token_key: str


def report_on(file: InputFile, reading: Reading, format_name: str = AUTO) -> FileReport:
    """Return the report of a file that is not read yet, with its format.

    Raises:
        InputFileError: where the format is to be found out and cannot be, or asks for what was not said.
    """
    report = FileReport(str(file.path))
    if not file.head:
        report.outcome = "empty"
        return report
    report.format = format_of(file) if format_name == AUTO else format_name
    check(file, report.format, reading)
    return report


class Courier:
    """Makes records for the source topics of what a file holds.

    Args:
        tokeniser: replaces identifiers.
        plan: the topics.
        reading: how files are read.
    """

    def __init__(self, tokeniser: Tokeniser, plan: TopicPlan, reading: Reading) -> None:
        self._tokeniser = tokeniser
        self._intake = Intake(tokeniser)
        self._plan = plan
        self._reading = reading

    def report(self, file: InputFile, format_name: str = AUTO) -> FileReport:
        """Return the report of a file that is not read yet; see `report_on`."""
        return report_on(file, self._reading, format_name)

    def work(self, file: InputFile, report: FileReport, place: Place) -> Work:
        """Return what the journal knows the sending of a file by."""
        return Work(
            f"{place.broker} {self._plan.prefix}",
            origin_of(file, report.format, self._reading).source,
            file.digest,
            reading_code(report.format, self._reading),
            place.token_key,
        )

    def messages(self, file: InputFile, report: FileReport, skip: int = 0) -> Iterator[Message]:
        """Yield the records of a file behind the first `skip`, and count in the report what is read.

        Raises:
            InputFileError: where the file cannot be read on.
        """
        tally = Tally()
        report.left_out = tally.dropped
        origin = origin_of(file, report.format, self._reading)
        for record in records_of(file, report.format, self._reading, tally):
            report.read += 1
            if report.read <= skip:
                continue
            if isinstance(record, bytes):
                message = message_of(record, self._intake, self._plan)
            else:
                message = message_of_item(record, self._tokeniser, self._plan, origin)
            if message.refused and len(report.first_refusals) < SHOWN_REFUSALS:
                place = record.place if isinstance(record, Refused) else f"record {report.read}"
                report.first_refusals.append(RefusedAt(message.refused, place))
            yield message


class Delivery:
    """Publishes files, each once.

    Args:
        courier: makes the records.
        publisher: connected; `streams.keeping.VaultedPublisher` where there is a vault.
        journal: knows what was sent.
        place: where that is.
        again: send all of a file whatever the journal says.
    """

    def __init__(
        self, courier: Courier, publisher: Publishes, journal: Journal, place: Place, *, again: bool = False
    ) -> None:
        self._courier = courier
        self._publisher = publisher
        self._journal = journal
        self._place = place
        self._again = again

    async def send(
        self,
        file: InputFile,
        report: FileReport,
        progress: Callable[[FileReport], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Publish what was not published of a file, in its order, and fill in the report.

        The journal is written when all replicas have acknowledged a chunk. A process that is killed in between sends
        that chunk a second time, with the same ids.

        Args:
            file: the file.
            report: its report, from the courier.
            progress: called after each chunk.
            stop: whether to stop after a chunk; the next run goes on from there.

        Raises:
            IngestError: where the broker does not take the records.
            JournalError: where the journal cannot be read or written.
        """
        if report.outcome == "empty":
            return
        work = self._courier.work(file, report, self._place)
        sent = Sent() if self._again else self._journal.sent(work)
        report.dead_letters, report.sent_before = sent.dead_letters, sent.acknowledged
        if sent.finished:
            report.outcome, report.read = "already_sent", sent.acknowledged
            return
        try:
            for some in chunks(self._courier.messages(file, report, sent.acknowledged)):
                await self._publish(some, report)
                count_refused(some, sent.dead_letters)
                sent.acknowledged += len(some)
                self._journal.note(work, sent)
                progress(report)
                if stop():
                    report.outcome = "stopped"
                    return
        except InputFileError as error:
            report.problem = str(error)
            return
        if not file.is_unchanged():
            report.outcome, report.problem = "changed", f"{file.path}: it was written to while it was read"
            return
        sent.finished = True
        self._journal.note(work, sent)
        report.outcome = "sent"

    async def _publish(self, some: list[Message], report: FileReport) -> None:
        acknowledged, failure = await self._publisher.publish(some)
        report.published += len(acknowledged)
        if failure is not None:
            message = f"{type(failure).__name__} after {report.published} records of a file were published"
            raise IngestError(message) from failure


def look_at(
    file: InputFile, report: FileReport, courier: Courier, progress: Callable[[FileReport], None] = lambda _: None
) -> None:
    """Read a file as `Delivery.send` does, send nothing, and fill in the report."""
    if report.outcome == "empty":
        return
    try:
        for some in chunks(courier.messages(file, report)):
            count_refused(some, report.dead_letters)
            progress(report)
    except InputFileError as error:
        report.problem = str(error)
        return
    report.outcome = "looked_at"
