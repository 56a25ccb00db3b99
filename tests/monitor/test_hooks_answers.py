"""The answer page over real HTTP: who holds a link answers once; who looks, changes nothing."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from alerting.commands import RecordFindings
from alerting.notification import Question
from alerting.people import Person
from alerting.questions.contacts import Contact
from alerting.questions.links import Link, question_id_of, token_of
from alerting.questions.rules import Asking
from alerting.refusal import Refused
from alerting.store import Store, create_schema, open_engine
from alerting.store.outbox_rows import claim_notice
from detectors.finding import Entity
from monitor import settings as settings_module
from monitor.accounts import Accounts
from monitor.failure import Failure
from monitor.hooks import Parts, hook_pages, hook_posts
from monitor.questions import ask_about
from monitor.settings import Settings
from monitor.staff_contacts import staff_contacts
from monitor.web import WebServer, application
from tests.alerting.building import DAY, Clock, a_desk, a_finding, case_of

KEY = "ab" * 32
CONTACTS = "user_id,email,slack,manager_user_id\nCLERK1,clerk@h.example,U0CLERK,BOSS\nBOSS,boss@h.example,,\n"


@dataclass
class Site:
    """Hooks that serve the answer page, and a case about one account."""

    parts: Parts
    base: str
    clock: Clock
    case: str

    @property
    def store(self) -> Store:
        return self.parts.desk.store

    def ask(self, **fields: object) -> str:
        """Ask, and return the link as it goes out."""
        options: dict[str, object] = {"audience": "actor", "way": None, "actor": "p.officer"} | fields
        settings, rules = self.parts.settings, Asking()
        staff = staff_contacts(settings)
        question = ask_about(
            self.parts.desk, settings, staff, rules, self.case, random=lambda n: b"\x07" * n, clock=self.clock,
            **options,  # type: ignore[arg-type]  # given above
        )  # fmt: skip
        with self.store.writing() as connection:
            channel = question.channel
            notice = claim_notice(connection, channel, "t", now=self.clock.now, until=self.clock.now + 9)
        assert notice is not None and isinstance(notice.body, Question)
        assert notice.to == {"slack": "U0CLERK", "email": "boss@h.example"}[channel]
        return notice.body.link

    def at(self, link: str) -> str:
        return f"{self.base}{urlsplit(link).path}"

    def actions(self) -> list[str]:
        return [entry.action for entry in case_of(self.store, self.case).timeline]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    return settings_module.load(
        environment={
            "WARDWATCH_ANSWER_KEY": KEY,
            "WARDWATCH_TOKEN_KEY": "11" * 32,
            "WARDWATCH_STAFF_CONTACTS": str(tmp_path / "contacts.csv"),
            "WARDWATCH_HOOKS_URL": "https://hooks.wardwatch.example",
            "WARDWATCH_SLACK_TOKEN": "xoxb-0",
            "WARDWATCH_SLACK_CHANNEL": "C0WARD",
            "WARDWATCH_EMAIL_HOST": "mail.h.example",
            "WARDWATCH_EMAIL_FROM": "wardwatch@h.example",
            "WARDWATCH_EMAIL_TO": "privacy@h.example",
        }
    )


@pytest.fixture
def site(tmp_path: Path, settings: Settings) -> Iterator[Site]:
    engine = open_engine(f"sqlite:///{tmp_path}/incidents.sqlite")
    create_schema(engine)
    clock = Clock()
    desk = a_desk(Store(engine), clock)
    (account,) = Accounts(settings).tokens("CLERK1")
    (case,) = desk.handle(RecordFindings([a_finding(severity="medium", ref=account)])).opened
    parts = Parts(settings, desk, clock)
    with WebServer(application(hook_pages(parts, {}), hook_posts(parts)), "127.0.0.1", 0) as server:
        yield Site(parts, server.address, clock, case)
    engine.dispose()


def filled(page: httpx.Response, **fields: str) -> dict[str, str]:
    """What a browser sends back."""
    (proof,) = re.findall(r"name='proof' value='([0-9a-f]{32})'", page.text)
    return {"proof": proof, **fields}


def test_whoever_holds_the_link_answers_once(site: Site) -> None:
    link = site.ask()
    assert re.fullmatch(r"https://hooks\.wardwatch\.example/answers/[a-z2-7]{60}", link)
    page = httpx.get(site.at(link))
    assert page.status_code == 200
    assert "Was the activity of your account at this time yours?" in page.text
    assert "2026-03-02 09:00 to 2026-03-02 10:00 (UTC)" in page.text
    done = httpx.post(site.at(link), data=filled(page, said="no", reason="I was on leave"))
    assert (done.status_code, "Your answer was recorded" in done.text) == (200, True)
    entry = case_of(site.store, site.case).timeline[-1]
    assert (entry.action, entry.actor, entry.note, entry.detail["said"]) == (
        "answered", "asked actor", "I was on leave", "no",
    )  # fmt: skip
    again = httpx.post(site.at(link), data=filled(page, said="yes"))
    assert (again.status_code, "answered already" in again.text) == (410, True)
    assert httpx.get(site.at(link)).status_code == 410
    assert site.actions()[-1] == "answer_refused"


def test_looking_uses_nothing_up(site: Site) -> None:
    link = site.ask()
    for _ in range(5):
        assert httpx.get(site.at(link)).status_code == 200
        assert httpx.head(site.at(link)).status_code == 200
    assert site.actions() == ["opened", "asked"]


def test_the_page_names_nobody_and_is_not_kept(site: Site) -> None:
    page = httpx.get(site.at(site.ask()))
    for hidden in (site.case, "A09", "CLERK1", "clerk@", "INC-", "SEV"):
        assert hidden not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "script" not in page.text


def test_the_manager_is_asked_in_other_words(site: Site) -> None:
    page = httpx.get(site.at(site.ask(audience="manager")))
    assert "Somebody whom you lead" in page.text
    assert html.escape("Yes, this was part of the work") in page.text


def test_forms_of_others_are_not_taken(site: Site) -> None:
    link = site.ask()
    page = httpx.get(site.at(link))
    for fields, headers in (
        ({"said": "yes"}, {}),
        (filled(page, said="yes") | {"proof": "0" * 32}, {}),
        (filled(page, said="yes"), {"Sec-Fetch-Site": "cross-site"}),
        (filled(page, said="yes"), {"Sec-Fetch-Site": "same-site"}),
    ):
        assert httpx.post(site.at(link), data=fields, headers=headers).status_code == 403
    assert site.actions() == ["opened", "asked"]
    sent = httpx.post(site.at(link), data=filled(page, said="yes"), headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 200


def test_an_answer_that_was_not_chosen_is_asked_for_again(site: Site) -> None:
    link = site.ask()
    page = httpx.get(site.at(link))
    again = httpx.post(site.at(link), data=filled(page, said="perhaps", reason="canary"))
    assert (again.status_code, "Please choose one" in again.text, "canary" in again.text) == (422, True, False)
    assert site.actions() == ["opened", "asked"]


def test_a_link_ends(site: Site) -> None:
    link = site.ask()
    page = httpx.get(site.at(link))
    site.clock.advance(3 * DAY)
    assert "has expired" in httpx.get(site.at(link)).text
    late = httpx.post(site.at(link), data=filled(page, said="yes"))
    assert (late.status_code, "has expired" in late.text) == (410, True)
    assert site.actions()[-1] == "answer_refused"


def test_links_of_others_do_not_work_and_are_noted(site: Site) -> None:
    link = site.ask()
    stranger = token_of(b"x" * 32, Link(question_id_of(b"\x07" * 16), 2_000_000_000))
    unknown = token_of(bytes.fromhex(KEY), Link(question_id_of(b"\x08" * 16), 2_000_000_000))
    for path in ("", "x", "../incidents", link[-60:-1] + "7", stranger, unknown, "%00"):
        answer = httpx.get(f"{site.base}/answers/{path}")
        assert answer.status_code == 404
    with site.store.reading() as connection:
        noted = connection.exec_driver_sql("SELECT count(*) FROM audit_log WHERE action = 'note_forged_links'").scalar()
    assert noted == 1


def test_guessing_is_held_up_and_real_links_are_not(site: Site) -> None:
    link = site.ask()
    codes = [httpx.post(f"{site.base}/answers/{'a' * 60}", content=b"said=yes").status_code for _ in range(32)]
    assert codes == [404] * 30 + [429] * 2
    assert httpx.get(site.at(link)).status_code == 200
    site.clock.advance(60)
    assert httpx.get(f"{site.base}/answers/{'a' * 60}").status_code == 404


def test_it_must_be_clear_whose_activity_is_meant(site: Site) -> None:
    finding = a_finding(severity="medium", ref="p1:x", entity_type="patient")
    finding.entities += [Entity("user", "u1:a"), Entity("user", "u1:b")]
    (site.case,) = site.parts.desk.handle(RecordFindings([finding])).opened
    with pytest.raises(Refused, match="names 2 accounts"):
        site.ask()
    site.case = "INC-NONE"
    with pytest.raises(Refused, match="there is no incident INC-NONE"):
        site.ask()


def test_without_a_key_nobody_is_asked(site: Site, settings: Settings) -> None:
    bare = settings_module.load(environment={})
    assert Parts(bare, site.parts.desk, site.clock).answers is None
    with pytest.raises(Failure, match="WARDWATCH_ANSWER_KEY is not set"):
        ask_about(
            site.parts.desk, bare, {}, Asking(), site.case, audience="actor", way=None, actor="a",
            random=bytes,
        )  # fmt: skip


def test_people_of_the_plan_are_asked_at_their_own_addresses(settings: Settings) -> None:
    people = [
        Person(name="ana", user_ids=("ANA", "CLERK1"), email="ana@h.example"),
        Person(name="bo", email="bo@h.example"),
    ]
    (ana,), (clerk,) = (Accounts(settings).tokens(user) for user in ("ANA", "CLERK1"))
    staff = staff_contacts(settings, people)
    assert staff[ana].own == Contact(email="ana@h.example")
    assert staff[clerk].own == Contact(email="clerk@h.example", slack="U0CLERK")  # the table counts
    assert staff[clerk].manager == Contact(email="boss@h.example")
    assert len(staff) == 3


@pytest.mark.parametrize(
    "content", ["user_id,email\nA,b\n", "", f"{CONTACTS}canary\n", f"{CONTACTS},x@h.example,,\n", "\udcff"]
)
def test_a_wrong_table_is_told_without_its_lines(tmp_path: Path, content: str) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    settings = settings_module.load(
        environment={"WARDWATCH_STAFF_CONTACTS": str(path), "WARDWATCH_TOKEN_KEY": "11" * 32}
    )
    with pytest.raises(Failure, match="WARDWATCH_STAFF_CONTACTS") as refused:
        staff_contacts(settings)
    assert "canary" not in str(refused.value)
    assert "h.example" not in str(refused.value)
