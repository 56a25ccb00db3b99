"""What `wardwatch ingest` answers: what became of each file, and the sums."""

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from monitor.cli.shared import answer_json, remark, say
from streams.file_ingest import FileReport
from streams.sources.reasons import sentence


class Summary(Struct):
    """What became of all files: sums of their reports, and the reports."""

    read: int = 0
    sent_before: int = 0
    published: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    files: list[FileReport] = field(default_factory=list)


def answer(reports: Sequence[FileReport], *, as_json: bool) -> None:
    """Tell what became of files: a paragraph for each, or all as JSON."""
    if as_json:
        answer_json(_summary(reports))
        return
    for report in reports:
        _tell(report)
    if len(reports) > 1:
        summary = _summary(reports)
        only_looked = any(report.outcome == "looked_at" for report in reports)
        end = "nothing was sent" if only_looked else f"{summary.published:,} are in Kafka now"
        say(f"{len(reports)} files, {summary.read:,} records: {end}.")


def _summary(reports: Sequence[FileReport]) -> Summary:
    summary = Summary(files=list(reports))
    for report in reports:
        summary.read += report.read
        summary.sent_before += report.sent_before
        summary.published += report.published
        for counts, more in ((summary.dead_letters, report.dead_letters), (summary.left_out, report.left_out)):
            for reason, n in more.items():
                counts[reason] = counts.get(reason, 0) + n
    return summary


def _tell(report: FileReport) -> None:
    say(_SENTENCES[report.outcome](report))
    for reason, n in sorted(report.left_out.items()):
        say(f"  {n:,} left out by the mapping: {reason}")
    for reason, n in sorted(report.dead_letters.items()):
        said = "will be refused" if report.outcome == "looked_at" else "refused"
        say(f"  {n:,} {said}: {reason}. {sentence(reason)}")
    for refusal in report.first_refusals:
        say(f"    {refusal.place}: {refusal.reason}")
    if report.nothing_fits:
        remark(f"wardwatch: {report.file}: none of its records could be mapped; is it {report.format}?")
    if report.problem:
        remark(f"wardwatch: {report.problem}")


def _sentence_of_sent(report: FileReport) -> str:
    before = f", {report.sent_before:,} were sent before" if report.sent_before else ""
    return f"{report.file}: {report.published:,} of {_records(report)} are in Kafka now{before}."


def _sentence_of_failed(report: FileReport) -> str:
    return _sentence_of_sent(report) if report.published else f"{report.file}: failed after {_records(report)}."


def _records(report: FileReport) -> str:
    form = f" ({report.format})" if report.format else ""
    return f"{report.read:,} record{'' if report.read == 1 else 's'}{form}"


_SENTENCES: dict[str, Callable[[FileReport], str]] = {
    "sent": _sentence_of_sent,
    "changed": _sentence_of_sent,
    "failed": _sentence_of_failed,
    "already_sent": lambda report: (
        f"{report.file}: {_records(report)} were sent before, nothing is sent now; --again sends them again."
    ),
    "looked_at": lambda report: f"{report.file}: {_records(report)}, nothing was sent.",
    "empty": lambda report: f"{report.file}: is empty.",
}
