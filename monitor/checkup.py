"""What `wardwatch doctor` looks at: each check is a function and a line in `CHECKS`."""

import datetime
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from aiokafka.codec import has_lz4, has_zstd  # type: ignore[import-untyped]  # has no py.typed
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from detectors.sigma import RuleError
from models.store import ModelStoreError
from monitor.checkup_detection import DETECTION_CHECKS
from monitor.checkup_response import RESPONSE_CHECKS
from monitor.failure import Failure
from monitor.health import Check
from monitor.kafka_security import described
from monitor.key_text import read_key
from monitor.keys import LOCAL_KEY
from monitor.response import opened_store
from monitor.settings import Settings
from monitor.topics import inspect, require_broker
from monitor.vault import opened_vault

VERDICTS = {True: "ok", False: "FAIL"}

OLDEST, NEWEST = (3, 11), (3, 13)
"""Versions of Python that the locked dependencies are made for."""

LEAST_FREE_BYTES = 2 * 1024**3
"""2 GiB: tables, local database and models of a small site for some weeks."""

MOST_SKEW_SECONDS = 5.0
"""Latency is measured against the broker's clock, and signatures of webhooks bear the time."""

FIRST_RELEASE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).timestamp()


def examine(settings: Settings) -> dict[str, Check]:
    """Run every check; one that cannot be carried out fails with what to do."""
    return {name: _run(check, settings) for name, check in CHECKS.items()}


def _run(check: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return check(settings)
    except (Failure, ModelStoreError, RuleError) as error:
        return Check(ok=False, detail=str(error))


def _python(_settings: Settings) -> Check:
    version = platform.python_version()
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return Check(ok=True, detail=version)
    return Check(ok=False, detail=f"{version}; install Python 3.11, 3.12 or 3.13")


def _packages(_settings: Settings) -> Check:
    needed = [text for text in metadata.requires("wardwatch") or () if "extra ==" not in text]
    missing = [name for name in map(_package_name, needed) if not _is_installed(name)]
    if missing:
        return Check(ok=False, detail=f"missing: {', '.join(missing)}; run `make venv`")
    if not (has_lz4() and has_zstd()):
        return Check(ok=False, detail="the Kafka client cannot pack records (cramjam); run `make venv`")
    return Check(ok=True, detail=f"{len(needed)} packages")


def _package_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found[0] if found else requirement


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _broker(settings: Settings) -> Check:
    require_broker(settings)
    return Check(ok=True, detail=f"{settings.broker}, {described(settings)}")


def _topics(settings: Settings) -> Check:
    report = inspect(settings)
    if report.missing:
        return Check(ok=False, detail=f"{len(report.missing)} are missing; run `wardwatch topics create`")
    differing = [f"{topic}: {', '.join(found)}" for topic, found in report.different.items()]
    if differing:
        return Check(ok=False, detail="; ".join(differing))
    return Check(ok=True, detail=f"{len(report.existing)} topics of {settings.partitions} partitions")


def _database(settings: Settings) -> Check:
    try:
        url = make_url(settings.database)
    except ArgumentError:
        return Check(ok=False, detail="it is no address; correct WARDWATCH_DATABASE_URL")
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return Check(ok=True, detail="sqlite, to be made at first use")
    try:
        with opened_store(settings) as store, store.reading() as connection:
            kind = connection.dialect.name
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError as error:
        return Check(ok=False, detail=f"{type(error).__name__}; correct WARDWATCH_DATABASE_URL")
    return Check(ok=True, detail=kind)


def _disk(settings: Settings) -> Check:
    folder = next(
        path for path in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GiB free at {settings.data_dir}"
    if free < LEAST_FREE_BYTES:
        return Check(ok=False, detail=f"{detail}; make room, or set another WARDWATCH_DATA_DIR")
    return Check(ok=_is_writable(folder), detail=detail if _is_writable(folder) else f"{folder} cannot be written")


def _is_writable(folder: Path) -> bool:
    try:
        probe = folder / f".wardwatch-{time.time_ns()}"
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True


def _keys(settings: Settings) -> Check:
    if settings.token_key is None:
        return _local_key(settings.data_dir / LOCAL_KEY)
    return Check(ok=True, detail=f"key {read_key(settings.token_key, settings.token_key_id).id}")


def _local_key(path: Path) -> Check:
    """Tell of the key that commands on this machine made; with another one, everybody it knows is a stranger."""
    if not path.exists():
        return Check(ok=False, detail="WARDWATCH_TOKEN_KEY is not set; make one with `openssl rand -hex 32`")
    return Check(
        ok=True,
        detail=f"that of this machine, {path}: enough for commands here; keep it, for another key makes other tokens. "
        f"For workers set WARDWATCH_TOKEN_KEY_FILE={path}",
    )


def _vault(settings: Settings) -> Check:
    if settings.vault_key is None:
        return Check(ok=True, detail="none: WARDWATCH_VAULT_KEY is not set")
    with opened_vault(settings) as vault:
        return Check(ok=True, detail=f"opens, {sum(vault.entries_by_vault_key().values())} entries")


def _clock(settings: Settings) -> Check:
    now = time.time()
    if now < FIRST_RELEASE:
        return Check(ok=False, detail="it is before the first release; set the clock, best by NTP")
    try:
        if make_url(settings.database).get_backend_name() != "postgresql":
            return Check(ok=True, detail="nothing to compare with")
        with opened_store(settings) as store, store.reading() as connection:
            theirs = float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())
    except (SQLAlchemyError, Failure):
        return Check(ok=True, detail="nothing to compare with")
    skew = abs(time.time() - theirs)
    return Check(ok=skew <= MOST_SKEW_SECONDS, detail=f"{skew:.1f} s from the database's")


CHECKS: dict[str, Callable[[Settings], Check]] = {
    "python": _python,
    "packages": _packages,
    "broker": _broker,
    "topics": _topics,
    "database": _database,
    "disk": _disk,
    **DETECTION_CHECKS,
    "keys": _keys,
    "vault": _vault,
    **RESPONSE_CHECKS,
    "clock": _clock,
}
"""Name to check, in the order of the answer."""
