"""The email channel against a real SMTP server with real TLS."""

import datetime
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.email import EmailChannel, EmailConfig, subject
from alerting.notification import Digest, DigestLine, Question, RuleLine
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, Clock, PlainSecret, a_notice, a_notification
from tests.alerting.channels.mail import PASSWORD, USER, Mailbox, mail_server
from tests.services.certificates import Authority, Issued

SENDER, GROUP = "wardwatch@hospital.example", "privacy@hospital.example"
FIRST = "<INC-F73K9Q2M.1@hospital.example>"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    return authority.issue("mail", "127.0.0.1")


@pytest.fixture
def server(issued: Issued) -> Iterator[tuple[Mailbox, int]]:
    with mail_server(issued) as (mailbox, port):
        yield mailbox, port


def channel_on(port: int, ca_file: Path, **options: Any) -> EmailChannel:
    usual: dict[str, Any] = {"host": "127.0.0.1", "sender": SENDER, "recipient": GROUP, "clock": Clock()}
    return EmailChannel(EmailConfig(**(usual | {"port": port, "ca_file": ca_file} | options)))


def told(channel: EmailChannel, *, to: str = "", thread: str = "", body: Any = None, **fields: Any) -> Outcome:
    notice = structs.replace(a_notice(channel="email", thread=thread, **fields), to=to)
    return channel.send(channel.compose(structs.replace(notice, body=body) if body else notice))


def test_the_first_news(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    assert told(channel_on(port, authority.pem)) == Sent(FIRST)
    assert [(one.mail_from, one.rcpt_tos) for one in mailbox.envelopes] == [(SENDER, [GROUP])]
    assert mailbox.encrypted == [True]
    (message,) = mailbox.messages
    assert dict(message.items()) == {
        "From": SENDER,
        "To": GROUP,
        "Subject": "[SEV2] INC-F73K9Q2M Access rule A09",
        "Date": "Mon, 02 Mar 2026 09:14:03 +0000",
        "Message-ID": FIRST,
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }
    assert message.get_content().splitlines() == [
        "[SEV2] INC-F73K9Q2M: case opened",
        "A09 Unusual volume of records",
        "Severity: SEV2",
        "Status: new",
        "About: user",
        "Findings: <11",
        "First hour: 2026-03-02T09:00:00Z",
        "Last hour: 2026-03-02T11:00:00Z",
        f"{CONSOLE}/incidents/INC-F73K9Q2M",
    ]


def test_later_news_answer_the_first(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    channel = channel_on(port, authority.pem)
    told(channel)
    later = told(channel, thread=FIRST, told="status_changed", status="triaged", revision=2)
    assert later == Sent("<INC-F73K9Q2M.2@hospital.example>")
    first, second = mailbox.messages
    assert (second["In-Reply-To"], second["References"]) == (FIRST, FIRST)
    assert second["Subject"] == first["Subject"]
    assert second.get_content().splitlines()[0] == "[SEV2] INC-F73K9Q2M: case now triaged"


def test_a_message_that_is_sent_again_has_the_same_id(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    channel = channel_on(port, authority.pem)
    told(channel)
    told(channel)
    assert [message["Message-ID"] for message in mailbox.messages] == [FIRST, FIRST]


def test_one_person_is_written_to(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    told(channel_on(port, authority.pem), to="ana@hospital.example")
    assert mailbox.envelopes[0].rcpt_tos == ["ana@hospital.example"]
    assert mailbox.messages[0]["To"] == "ana@hospital.example"


def test_a_digest(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    line = DigestLine(
        incident_id="INC-A", severity="SEV4", status="new", rules=("A13",), findings="<11", link=f"{CONSOLE}/a"
    )
    digest = Digest(digest_id="DIG-1", severity="SEV4", lines=(line,), others=2, link=CONSOLE)
    assert told(channel_on(port, authority.pem), body=digest) == Sent("<DIG-1.1@hospital.example>")
    (message,) = mailbox.messages
    assert message["Subject"] == "[SEV4] Digest: 3 incidents"
    assert message.get_content().splitlines()[1:] == [
        f"[SEV4] INC-A new: A13; findings: <11; {CONSOLE}/a", "and 2 more", CONSOLE,
    ]  # fmt: skip


def test_a_question(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    question = Question(
        question_id="Q1", audience="actor", link=f"{CONSOLE}/answers/x",
        first_hour="2026-03-02T09:00:00Z", last_hour="2026-03-02T11:00:00Z", expires="2026-03-05T09:00:00Z",
    )  # fmt: skip
    told(channel_on(port, authority.pem), to="clerk@hospital.example", body=question)
    assert mailbox.messages[0]["Subject"] == "[Wardwatch] Please confirm recent activity of your account"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "[SEV2] INC-F73K9Q2M Access rule A09"),
        ({"rules": (RuleLine("B22", "x"), RuleLine("A09", "y")), "other_rules": 3},
         "[SEV2] INC-F73K9Q2M Billing rule B22 and 4 more"),
        ({"rules": (RuleLine("own_rule", "x"),)}, "[SEV2] INC-F73K9Q2M rule own_rule"),
        ({"kind": "notice_failed", "rules": ()}, "[SEV2] INC-F73K9Q2M: failed notice opened"),
    ],
)  # fmt: skip
def test_subjects(fields: dict[str, Any], expected: str) -> None:
    assert subject(a_notification(**fields)) == expected


def test_tls_from_the_first_byte(authority: Authority, issued: Issued) -> None:
    with mail_server(issued, implicit=True) as (mailbox, port):
        assert told(channel_on(port, authority.pem, security="tls")) == Sent(FIRST)
        assert mailbox.encrypted == [True]


def test_a_login(authority: Authority, issued: Issued) -> None:
    with mail_server(issued, login=True) as (mailbox, port):
        assert told(channel_on(port, authority.pem, user=USER, password=PlainSecret(PASSWORD))) == Sent(FIRST)
        wrong = channel_on(port, authority.pem, user=USER, password=PlainSecret("wrong"))
        assert told(wrong) == Failed("smtp 535")
        assert told(channel_on(port, authority.pem)) == Failed("smtp 530")
        assert len(mailbox.envelopes) == 1


def test_a_server_without_tls_gets_nothing(authority: Authority) -> None:
    with mail_server(None) as (mailbox, port):
        assert told(channel_on(port, authority.pem)) == Failed("server lacks STARTTLS or the login")
        assert mailbox.envelopes == []


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("fault", ["other authority", "other host", "expired"])
def test_a_server_that_cannot_be_trusted_gets_nothing(
    authority: Authority, tmp_path: Path, fault: str, *, implicit: bool
) -> None:
    trusted, hosts, life = authority, ("127.0.0.1",), datetime.timedelta(days=1)
    if fault == "other authority":
        trusted = Authority(tmp_path, "stranger")
    elif fault == "other host":
        hosts = ("mail.example",)
    else:
        life = datetime.timedelta(hours=-1)
    issued = authority.issue(f"{fault}-{implicit}".replace(" ", "-"), *hosts, valid_for=life)
    with mail_server(issued, implicit=implicit) as (mailbox, port):
        channel = channel_on(port, trusted.pem, security="tls" if implicit else "starttls")
        assert told(channel) == Failed("certificate is not to be trusted")
        assert mailbox.envelopes == []


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("421 4.3.2 canary is going down", Retry("smtp 421")),
        ("450 4.2.1 canary is busy", Retry("smtp 450")),
        ("451 4.7.1 canary greylists", Retry("smtp 451")),
        ("452 4.2.2 canary is full", Retry("smtp 452")),
        ("550 5.1.1 canary is unknown", Failed("smtp 550")),
        ("552 5.3.4 canary is too large", Failed("smtp 552")),
        ("554 5.7.1 canary is not wanted", Failed("smtp 554")),
    ],
)
def test_what_replies_mean(
    server: tuple[Mailbox, int], authority: Authority, stage: str, reply: str, expected: Outcome
) -> None:
    mailbox, port = server
    mailbox.replies[stage] = reply
    assert told(channel_on(port, authority.pem)) == expected
    mailbox.replies.clear()
    assert told(channel_on(port, authority.pem)) == Sent(FIRST)


def test_a_farewell_that_goes_wrong_undoes_nothing(server: tuple[Mailbox, int], authority: Authority) -> None:
    mailbox, port = server
    mailbox.replies["quit"] = "421 going down"
    assert told(channel_on(port, authority.pem)) == Sent(FIRST)


@pytest.mark.parametrize("to", ["nobody", "a@b\r\nBcc: c@d", "Ana <ana@hospital.example>", "a@b,c@d"])
def test_what_is_no_address_is_not_written_to(server: tuple[Mailbox, int], authority: Authority, to: str) -> None:
    mailbox, port = server
    assert told(channel_on(port, authority.pem), to=to) == Failed("recipient is no email address")
    assert mailbox.envelopes == []


@pytest.mark.parametrize("greeting", [b"", b"421 going down\r\n", b"554 go away\r\n", b"hello\r\n"])
def test_a_server_that_does_not_speak(authority: Authority, greeting: bytes) -> None:
    expected: dict[bytes, Outcome] = {
        b"421 going down\r\n": Retry("smtp 421"), b"554 go away\r\n": Failed("smtp 554"),
    }  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listening:
        speaker = threading.Thread(target=_greet_and_leave, args=(listening, greeting))
        speaker.start()
        outcome = told(channel_on(listening.getsockname()[1], authority.pem))
        speaker.join()
    assert outcome in (expected.get(greeting), Retry("no connection"), Retry("smtp -1"))
    assert (greeting in expected) == (outcome == expected.get(greeting))


def _greet_and_leave(listening: socket.socket, greeting: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(greeting)


def test_nobody_there(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert told(channel_on(port, authority.pem)) == Retry("no connection")


def test_nothing_shows_secrets_or_trips_the_wire(authority: Authority) -> None:
    config = {"user": USER, "password": PlainSecret("canary")}
    channel = channel_on(1, authority.pem, **config)
    message = channel.compose(a_notice(channel="email"))
    assert "canary" not in repr((channel, message, channel.send(message)))
    assert Tripwire(allowed=(CONSOLE,)).patterns_in(message.calls[0].body) == ()
