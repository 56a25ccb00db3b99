"""A real SMTP server with real TLS, on loopback."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from streams.embedded import LOOPBACK, free_port
from tests.services.certificates import Issued

USER, PASSWORD = "wardwatch", "canary-password"


@dataclass
class Mailbox:
    """What a server took, and what it is to say instead at a stage of the conversation."""

    envelopes: list[Envelope] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    encrypted: list[bool] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """Every message, as its reader's program reads it."""
        read = [message_from_bytes(envelope.original_content or b"", policy=default) for envelope in self.envelopes]
        return [message for message in read if isinstance(message, EmailMessage)]

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer MAIL FROM."""
        if "mail" not in self.replies:
            envelope.mail_from = address
        return self.replies.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        if "rcpt" not in self.replies:
            envelope.rcpt_tos.append(address)
        return self.replies.get("rcpt", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message."""
        if "data" not in self.replies:
            self.envelopes.append(envelope)
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.replies.get("data", "250 OK")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Say goodbye."""
        return self.replies.get("quit", "221 Bye")


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)  # the server is to answer


@contextmanager
def mail_server(issued: Issued | None, *, implicit: bool = False, login: bool = False) -> Iterator[tuple[Mailbox, int]]:
    """Serve with a certificate (without TLS where there is none) for as long as the block lasts; gives the port."""
    context = None
    if issued is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.certificate, issued.key)
    mailbox, port = Mailbox(), free_port()
    controller = Controller(
        mailbox,
        hostname=LOOPBACK,
        port=port,
        ssl_context=context if implicit else None,
        tls_context=None if implicit else context,
        require_starttls=context is not None and not implicit,
        authenticator=_login if login else None,
        auth_required=login,
        server_hostname="mail.example",  # it would ask the name server for each connection
    )
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()
