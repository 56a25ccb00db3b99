"""Email by SMTP submission: a fallback and the way of digests, never the only way of a page.

Always over TLS with a verified certificate: STARTTLS (RFC 6409, port 587) or from the first byte (RFC 8314, port 465).
Plain text without anything but what `plain` says, marked as automatic (RFC 3834). The news of an incident are one
thread: each has its own `Message-ID` made of incident and revision, and refers to the first. Who gets a message twice,
because it was sent again after a crash, has the same `Message-ID` twice.
"""

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

from alerting.channels.api import CONNECT_SECONDS, READ_SECONDS, Call, Failed, Message, Outcome, Retry, Secret, Sent
from alerting.channels.text import headline, plain
from alerting.notices import Notice
from alerting.notification import Body, Notification

WHOLE_SECONDS = CONNECT_SECONDS + 2 * READ_SECONDS
"""How long a whole conversation may take, less than half of the sender's lease."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]{1,255}")
_FOR_GOOD = 500
AREAS = {"A": "Access", "B": "Billing"}
"""What a rule is about by the first letter of its id (domain.md §2.2, §3.3)."""


@dataclass(frozen=True, kw_only=True)
class EmailConfig:
    """A submission server, and the two ends of a message.

    `recipient` gets what is for nobody in particular; name a group. `ca_file` holds the authorities of the server's
    certificate in PEM, empty for those that the system trusts. Without `user` there is no login. `clock` gives seconds
    since the epoch for the header `Date`.
    """

    host: str
    sender: str
    recipient: str
    clock: Callable[[], float]
    port: int = 587
    security: Literal["starttls", "tls"] = "starttls"
    ca_file: Path | None = None
    user: str = ""
    password: Secret | None = None
    pace: float = 0.0


class EmailChannel:
    """Submits messages to one server."""

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self._context = ssl.create_default_context(cafile=config.ca_file)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._host = config.sender.rpartition("@")[2]

    @property
    def pace(self) -> float:
        """Seconds between two sends."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return subject and text; who it is from and for, and the ids of the thread, are addresses."""
        address = {
            "to": notice.to or self._config.recipient,
            "message_id": f"<{notice.body.about}.{notice.body.revision}@{self._host}>",
            "thread": notice.thread,
        }
        return Message(
            (Call("send", address, {"subject": subject(notice.body), "text": "\n".join(plain(notice.body))}),)
        )

    def send(self, message: Message) -> Outcome:
        """Submit the message."""
        (call,) = message.calls
        if not _ADDRESS.fullmatch(call.address["to"]):
            return Failed("recipient is no email address")
        try:
            self._submit(self._letter(call))
        except OSError as error:  # smtplib's errors are such, too
            return after_error(error)
        return Sent(call.address["message_id"])

    def _letter(self, call: Call) -> EmailMessage:
        letter = EmailMessage(policy=SMTP_POLICY)
        letter["From"] = self._config.sender
        letter["To"] = call.address["to"]
        letter["Subject"] = call.body["subject"]
        letter["Date"] = format_datetime(datetime.fromtimestamp(int(self._config.clock()), UTC))
        letter["Message-ID"] = call.address["message_id"]
        thread = call.address["thread"]
        if thread and thread != call.address["message_id"]:
            letter["In-Reply-To"] = thread
            letter["References"] = thread
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(call.body["text"] + "\n")
        return letter

    def _submit(self, letter: EmailMessage) -> None:
        config = self._config
        server = self._connected()
        try:
            if config.security == "starttls":
                server.starttls(context=self._context)
            if config.user and config.password is not None:
                _log_in(server, config.user, config.password.reveal())
            server.send_message(letter)
            with contextlib.suppress(OSError):
                server.docmd("QUIT")  # a farewell that goes wrong does not undo what the server took
        finally:
            server.close()

    def _connected(self) -> "_Bounded":
        host, port = self._config.host, self._config.port
        options: dict[str, Any] = {"local_hostname": self._host, "timeout": CONNECT_SECONDS}
        if self._config.security == "tls":
            return _BoundedTls(host, port, context=self._context, **options)
        return _Bounded(host, port, **options)


class _Bounded(smtplib.SMTP):
    """A conversation that ends by itself after `WHOLE_SECONDS`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- those of smtplib, as they are
        self._until = time.monotonic() + WHOLE_SECONDS
        super().__init__(*arguments, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply in what is left of the time."""
        if self.sock is not None:
            self.sock.settimeout(min(READ_SECONDS, max(0.001, self._until - time.monotonic())))
        return super().getreply()


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Log in by one mechanism alone: smtplib would try the next after a refusal, and many servers then hang up."""
    server.ehlo_or_helo_if_needed()
    offered = server.esmtp_features.get("auth", "").upper().split()
    server.user, server.password = user, password
    if "PLAIN" in offered:
        server.auth("PLAIN", server.auth_plain)
    elif "LOGIN" in offered:
        server.auth("LOGIN", server.auth_login)
    else:
        raise smtplib.SMTPNotSupportedError


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


def after_error(error: OSError) -> Retry | Failed:
    """Return what to do after a submission went wrong: by the server's reply code, where there is one."""
    code = _code_of(error)
    if code is not None:
        # RFC 5321, 4.2.1: 5yz is for good; 4yz, and what is no code at all, passes.
        return Failed(f"smtp {code}") if code >= _FOR_GOOD else Retry(f"smtp {code}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failed("certificate is not to be trusted")
    is_lost = isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)
    return Retry("no connection") if is_lost else Failed("server lacks STARTTLS or the login")


def _code_of(error: OSError) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):  # there is one recipient
        return next(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def subject(body: Body) -> str:
    """Return a subject such as `[SEV2] INC-F73K9Q2M Access rule A09`, the same for all news of an incident.

    Mail programs that go by the subject would otherwise tear the thread apart.
    """
    if not isinstance(body, Notification) or not body.rules:
        return headline(body)
    first, more = body.rules[0].id, len(body.rules) + body.other_rules - 1
    area = AREAS.get(first[0], "") if first[1:2].isdigit() else ""
    named = f"{area} rule {first}".strip() + (f" and {more} more" if more else "")
    return f"[{body.severity}] {body.incident_id} {named}"
