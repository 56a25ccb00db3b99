"""The presets on small tables of our own, with the headings that the vendors and research groups publish."""

import datetime
import io
from pathlib import Path

from detectors.events import BillingTransaction
from streams.sources.api import Item
from streams.sources.tables import Tally, load_mapping, read_table, try_mapping
from tests.streams.sources.tables.made import ORIGIN, access, events


def through(name: str, text: str, tally: Tally | None = None) -> list[Item]:
    return list(read_table(io.BytesIO(text.encode()), ORIGIN, load_mapping(name, "America/Chicago"), tally))


def utc(*parts: int) -> datetime.datetime:
    year, month, day, hour, minute, second = (*parts, 0)[:6]
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)


def test_epic_access() -> None:
    items = through(
        "epic_access",
        "ACCESS_TIME,USER_ID,PAT_ID,METRIC_NAME\n"
        "03/02/2026 09:14:03 AM,U1,Z1,Chart Review Notes tab selected\n"
        "2026-03-02 09:15:00,U1,Z1,Storyboard viewed\n"
        "2026-03-02 09:16:00,U1,,Patient list printed\n"
        "2026-03-02 09:17:00,U1,Z1,Problem list edited\n"
        "2026-03-02 09:18:00,U1,Z1,Research assignment catalog viewed in blueprint\n",
    )
    # Chicago is at -06:00 on 2 March.
    assert access(items[0]).occurred_at == utc(2026, 3, 2, 15, 14, 3)
    assert [access(item).action for item in items] == ["read", "read", "print", "update", "read"]
    assert [bool(access(item).patient) for item in items] == [True, True, False, True, True]
    assert len({event.id for event in events(items)}) == 5


def test_epic_login() -> None:
    columns = ("UserActionLogLoginEventKey", "LoginEventUserIdentifier", "LoginEventWorkstationIdentifier")
    header = ",".join((*columns, "LoginActionWorkstationDateTime"))
    items = through("epic_login", f"{header}\n1,U1,WS9,2026-07-01 07:00:00\n2,,WS9,2026-07-01 07:00:01\n")
    # Chicago is at -05:00 in July.
    assert [(access(item).action, access(item).occurred_at) for item in items] == [("login", utc(2026, 7, 1, 12, 0))]
    items = through(
        "epic_login", f"{header},LoginActionType\n1,U1,WS9,2026-07-01 07:00:00,Failed Login Invalid Credentials\n"
    )
    assert [access(item).action for item in items] == ["login_failed"]


def test_cerner_generic() -> None:
    (item,) = through(
        "cerner_generic",
        "EVENT_ID,EVENT_DT_TM,USERNAME,PERSON_ID,EVENT_TYPE,ROLE,OUTCOME,REASON\n"
        "E1,03/02/2026 21:00:00,jdoe,P7,View Results,RN;Charge,0,why\n",
    )
    seen = access(item)
    assert (seen.action, seen.outcome, seen.actor.roles) == ("read", "success", ["RN", "Charge"])
    assert seen.occurred_at == utc(2026, 3, 3, 3, 0)
    assert seen.purpose is not None
    assert seen.purpose.text_present


def test_openemr_log_and_disclosures() -> None:
    tally = Tally()
    items = through(
        "openemr",
        "id,date,event,category,user,groupname,comments,patient_id,success\n"
        "1,2026-03-02 09:00:00,login,,admin,Default,,NULL,0\n"
        "2,2026-03-02 09:00:05,login,,admin,Default,,NULL,1\n"
        "3,2026-03-02 09:01:00,patient-record-select,Patient Demographics,admin,Default,x,12,1\n"
        "4,2026-03-02 09:01:00,http-request-select,,admin,Default,x,12,1\n"
        "5,2026-03-02 09:02:00,patient-record-replace,Patient Demographics,admin,Default,x,12,1\n",
        tally,
    )
    assert [access(item).action for item in items] == ["login_failed", "login", "read", "update"]
    assert access(items[0]).outcome == "serious_failure"
    assert tally.dropped == {"not_about_a_record": 1}
    (disclosed,) = through(
        "openemr",
        "id,date,event,user,recipient,description,patient_id\n1,2026-03-02 09:00:00,disclosure-payment,admin,x,y,12\n",
    )
    assert access(disclosed).action == "disclose"
    assert disclosed not in items


def test_generic_payments() -> None:
    (event,) = events(
        through(
            "generic_payments",
            "TRANSACTION_ID,TRANSACTION_TYPE,POSTED_AT,PATIENT_ID,AMOUNT,CARD_TOKEN,POSTED_BY,APPROVED_BY\n"
            "T1,Refund,03/02/2026 14:00,P1,125.00,tok-1,clerk1,boss\n",
        )
    )
    data = event.data
    assert isinstance(data, BillingTransaction)
    assert (data.kind, data.occurred_at) == ("refund", utc(2026, 3, 2, 20, 0))
    assert data.amounts is not None
    assert data.amounts.paid == 12_500
    assert data.payment is not None
    assert data.payment.card is not None
    assert data.payment.card.token == "tok-1"
    assert data.user is not None
    assert data.user.ref == "clerk1"


def test_bank_deposits() -> None:
    (event,) = events(
        through(
            "bank_deposits",
            "POSTED_AT,AMOUNT,TRACE_NUMBER,PAYEE_NPI,METHOD\n03/02/2026 08:30,1250.00,EFT-1,1234567893,ACH\n",
        )
    )
    data = event.data
    assert isinstance(data, BillingTransaction)
    assert (data.kind, data.occurred_at) == ("deposit", utc(2026, 3, 2, 14, 30))
    assert data.amounts is not None
    assert data.amounts.paid == 125_000
    assert data.payment is not None
    assert (data.payment.trace, data.payment.payee_npi, data.payment.direction) == ("EFT-1", "1234567893", "C")


def test_a_trial_says_what_was_not_understood_and_shows_no_value(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    rows = "".join(f"E{n},2026-03-02T09:00:00,jdoe,P7,{'View' if n % 3 else 'Zap SECRET'},x\n" for n in range(1, 31))
    path.write_text("EVENT_ID,EVENT_DT_TM,USERNAME,PERSON_ID,EVENT_TYPE,Shoe size\n" + rows)
    with path.open("rb") as stream:
        trial = try_mapping(stream, load_mapping("cerner_generic", "UTC"), rows=4)
    assert len(trial.events) == 4
    assert trial.used_columns == ["EVENT_ID", "EVENT_DT_TM", "USERNAME", "PERSON_ID", "EVENT_TYPE"]
    assert trial.unused_columns == ["Shoe size"]
    assert trial.absent_columns == [
        "ROLE", "OUTCOME", "OBJECT_TYPE", "OBJECT_ID", "ENCNTR_ID", "IP_ADDRESS", "WORKSTATION", "REASON",
    ]  # fmt: skip
    assert trial.unmapped == {"EVENT_TYPE": 10}
    assert trial.tally.refused == {"unmapped_value": 10}
    assert [(row.place, row.reason) for row in trial.refused][:2] == [
        ("line 4, column EVENT_TYPE", "unmapped_value"),
        ("line 7, column EVENT_TYPE", "unmapped_value"),
    ]
    assert "SECRET" not in repr(trial)


def test_a_trial_of_a_table_without_the_columns_names_them(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\n1,2\n")
    with path.open("rb") as stream:
        trial = try_mapping(stream, load_mapping("cerner_generic", "UTC"))
    assert [(row.place, row.reason) for row in trial.refused] == [
        ("header: EVENT_DT_TM, USERNAME, PERSON_ID, EVENT_TYPE, EVENT_ID", "missing_column")
    ]
