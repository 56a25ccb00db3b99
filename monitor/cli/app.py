"""All commands in two tables, and the one place where whatever goes wrong becomes a line and a code."""

import inspect
import sys
from collections.abc import Callable, Sequence

import typer
from typer import TyperException

from alerting.refusal import Refused
from monitor.cli import (
    archive,
    audit,
    backtests,
    backup,
    breach,
    channels,
    config,
    deadletters,
    demo,
    doctor,
    evaluate,
    incidents,
    ingest,
    keys,
    listen,
    maintenance,
    mapping,
    models,
    oncall,
    report,
    retention,
    reviews,
    rules,
    services,
    siem,
    silences,
    topics,
    vault,
    watch,
    watchlist,
)
from monitor.cli.shared import new_app, remark
from monitor.failure import ExitCode, Failure
from monitor.logs import describe
from monitor.setting_reader import SettingsError

COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo.demo,
    "worker": services.worker,
    "console": services.console,
    "hooks": services.hooks,
    "archive": archive.archive,
    "ingest": ingest.ingest,
    "watch": watch.watch,
    "replay": backtests.replay,
    "simulate": backtests.simulate,
    "evaluate": evaluate.evaluate,
    "train": backtests.train,
    "doctor": doctor.doctor,
    "backup": backup.backup,
    "restore": backup.restore,
}

GROUPS: dict[str, typer.Typer] = {
    "listen": listen.app,
    "topics": topics.app,
    "mapping": mapping.app,
    "models": models.app,
    "rules": rules.app,
    "incidents": incidents.app,
    "breach": breach.app,
    "watchlist": watchlist.app,
    "silences": silences.app,
    "maintenance": maintenance.app,
    "oncall": oncall.app,
    "channels": channels.app,
    "deadletters": deadletters.app,
    "audit": audit.app,
    "siem": siem.app,
    "report": report.app,
    "reviews": reviews.app,
    "retention": retention.app,
    "keys": keys.app,
    "vault": vault.app,
    "config": config.app,
}

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def build_app() -> typer.Typer:
    """Return the whole command line."""
    app = new_app("Wardwatch watches the billing and the record accesses of a healthcare organisation.")
    for name, command in COMMANDS.items():
        app.command(name)(command)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
        _keep_examples(group)
    _keep_examples(app)
    return app


def _keep_examples(app: typer.Typer) -> None:
    """Mark the examples in the help as they are written; help would otherwise refill their lines."""
    for nested in app.registered_groups:
        if nested.typer_instance is not None:
            _keep_examples(nested.typer_instance)
    for command in app.registered_commands:
        text = inspect.cleandoc((command.callback.__doc__ if command.callback else None) or "")
        command.help = text.replace("Example:\n", "\b\nExample:\n")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = build_app()(list(arguments), standalone_mode=False, prog_name="wardwatch")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has enough; nothing may complain about it at exit
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 - the guard of commands: a traceback would quote records
        tell = next((tell for kind, tell in _ENDINGS.items() if isinstance(error, kind)), _internal)
        return tell(error)
    return code if isinstance(code, int) else ExitCode.OK


def _wrong_settings(error: SettingsError) -> int:
    remark("wardwatch: the settings are wrong")
    for problem in error.problems:
        remark(f"  {problem}")
    return ExitCode.USAGE


def _failed(failure: Failure | Refused) -> int:
    remark(f"wardwatch: {failure}")
    return ExitCode.FAILED


def _misused(error: TyperException) -> int:
    """Tell what was wrong with the command line; without any argument there is only help to give."""
    said = error.format_message()
    remark(said if said.startswith("Usage:") else f"wardwatch: {said.rstrip('.')}; see --help")
    return error.exit_code


def _internal(error: Exception) -> int:
    said = describe(error)
    place = said["places"][-1] if said["places"] else "an unknown place"
    remark(f"wardwatch: internal error {said['type'][0]} at {place}; please report this line")
    return ExitCode.INTERNAL


_ENDINGS: dict[type[Exception], Callable[..., int]] = {
    SettingsError: _wrong_settings,
    Failure: _failed,
    Refused: _failed,
    TyperException: _misused,
}
"""What is raised on purpose, and how it is told; everything else is a fault of ours."""


def main() -> None:
    """Run the command that this process was started for."""
    sys.exit(run(sys.argv[1:]))
