"""The audit log in the running thing: what processes do is noted, and a checkpoint is signed every hour."""

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from alerting.auditing.keeping import CheckpointKeeper
from alerting.store import Store
from alerting.store.audit_rows import append_audit
from alerting.store.schema import AUDIT_LOG
from monitor.settings import Settings
from monitor.signing_keys import private_key

_log = logging.getLogger(__name__)

MADE_BY = "wardwatch audit keygen"
PAUSE_SECONDS = 60.0


class CheckpointClock:
    """Signs a checkpoint when one is due, and says so in the process's log, which is a copy outside the database."""

    def __init__(self, keeper: CheckpointKeeper) -> None:
        self._keeper = keeper

    def run(self, stop: threading.Event) -> None:
        """Look once a minute, until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("No checkpoint of the audit log can be signed: %s", type(error).__name__)
            stop.wait(PAUSE_SECONDS)

    def look(self) -> None:
        """Sign a checkpoint if one is due."""
        signed = self._keeper.sign_if_due()
        if signed is not None:
            _log.info("Audit checkpoint", extra={"seq": signed.seq, "hash": signed.hash, "signature": signed.signature})


def build_checkpoints(settings: Settings, store: Store) -> CheckpointClock | None:
    """Return what signs checkpoints; None where no key is set.

    Raises:
        Failure: where the key is none.
    """
    if settings.audit_signing_key is None:
        return None
    return CheckpointClock(CheckpointKeeper(store, private_key(settings.audit_signing_key, MADE_BY), time.time))


def note_life(store: Store, actor: str, action: str, subject: str = "") -> None:
    """Note that a service starts or ends; a database that does not answer keeps it from neither, as the log says."""
    try:
        note_process(store, actor, action, subject)
    except (SQLAlchemyError, OSError) as error:
        _log.warning("%s could not be noted in the audit log: %s", action, type(error).__name__)


def note_process(store: Store, actor: str, action: str, subject: str = "", *, incident: str = "") -> None:
    """Note in the audit log what a process of ours, or somebody at the command line, did.

    Args:
        store: whose audit log.
        actor: who: a work name, or `worker`, `console`, `hooks`.
        action: one word or two, such as `worker_starts`.
        subject: what it was done to; no name of a patient or of a subject of a case.
        incident: the case that it was done to, or that was looked at.
    """
    with store.writing() as connection:
        append_audit(
            connection,
            AUDIT_LOG,
            at=time.time(),
            actor=actor,
            action=action,
            outcome="done",
            subject=subject,
            incident=incident,
        )
