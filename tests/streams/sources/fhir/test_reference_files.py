"""Every FHIR file of the reference data is mapped, or refused with a reason; fhir.resources is the oracle."""

import datetime
import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from detectors.events import AccessEvent, BillingTransaction, EncounterContext, Event
from streams.sources.api import Item, Refused
from streams.sources.fhir import looks_like_fhir
from tests.streams.sources.fhir.samples import folder, read
from tests.streams.sources.fhir.shorthand import instances

EXPECTED = {
    "AuditEvent-example-disclosure": "disclose",
    "AuditEvent-example-error": "create",
    "AuditEvent-example-login": "login",
    "AuditEvent-example-logout": "logout",
    "AuditEvent-example-media": "export",
    "AuditEvent-example-pixQuery": "query",
    "AuditEvent-example-rest": "read",
    "AuditEvent-example-search": "query",
    "AuditEvent-example": "not_an_access",  # Application Start
    "Claim-100153": "preauthorization",
    "ClaimResponse-R3500": "remit_paid",
    "ClaimResponse-R3501": "remit_denied",  # outcome error
    "ClaimResponse-R3502": "remit_paid",
    "ClaimResponse-R3503": "remit_paid",
    "ClaimResponse-UR3503": "preauthorization",
    "ExplanationOfBenefit-EB3500": "remit_paid",
    "ExplanationOfBenefit-EB3501": "remit_denied",  # outcome error
    "PaymentReconciliation-ER2500": "remit_paid remit_paid provider_adjustment",
    "package": "not_fhir",
}
"""File to what becomes of it; all other claims are submitted, all other resources carry nothing for us."""


def outcome(items: list[Item]) -> str:
    return " ".join(
        item.reason if isinstance(item, Refused) else getattr(item.data, "kind", getattr(item.data, "action", ""))
        for item in items
    )


def test_every_example_of_the_standard_is_mapped_or_refused_with_a_reason() -> None:
    files = sorted(folder("fhir-r4-examples").glob("*.json"))
    found = {path.stem: outcome(read(path.read_bytes())) for path in files}
    others = {"Claim": "claim_submitted"}
    assert found == {
        path.stem: EXPECTED.get(path.stem, others.get(path.stem.split("-")[0], "unsupported_resource"))
        for path in files
    }
    assert len(files) == 53  # 52 resources and the package's own description


def test_examples_are_recognised_by_their_beginning() -> None:
    for path in folder("fhir-r4-examples").glob("*-*.json"):
        assert looks_like_fhir(path.read_bytes()[:4096]), path.name
    for path in folder("synthea-smart").joinpath("bundles").glob("*.gz"):
        assert looks_like_fhir(path.read_bytes()[:4096]), path.name


def plain(value: Any) -> Any:
    """Return a model of fhir.resources, or part of it, as the JSON that it stands for."""
    return json.loads(value.model_dump_json(exclude_none=True))


@pytest.mark.parametrize("kind", ["Claim", "ExplanationOfBenefit", "AuditEvent"])
def test_fields_of_the_examples_equal_the_oracles(kind: str) -> None:
    checked = 0
    for path in sorted(folder("fhir-r4-examples").glob(f"{kind}-*.json")):
        oracle = plain(get_fhir_model_class(kind).model_validate_json(path.read_bytes()))
        for item in read(path.read_bytes()):
            if isinstance(item, Refused):
                continue
            checked += 1
            if isinstance(item.data, AccessEvent):
                assert_access_equals(item.data, oracle)
            elif isinstance(item.data, BillingTransaction):
                assert_claim_equals(item.data, oracle)
    assert checked == {"Claim": 16, "ExplanationOfBenefit": 2, "AuditEvent": 8}[kind]


def assert_access_equals(access: AccessEvent, oracle: dict[str, Any]) -> None:
    assert access.recorded_at is not None
    assert access.recorded_at == datetime.datetime.fromisoformat(oracle["recorded"])
    assert access.outcome == {"0": "success", "8": "serious_failure"}[oracle["outcome"]]
    asking = [agent for agent in oracle["agent"] if agent["requestor"]]
    assert access.actor.id == asking[0]["who"]["identifier"]["value"]


def assert_claim_equals(transaction: BillingTransaction, oracle: dict[str, Any]) -> None:
    items = oracle.get("item", [])
    assert len(transaction.lines) == len(items)
    for line, item in zip(transaction.lines, items, strict=True):
        assert line.n == item["sequence"]
        assert line.code == item["productOrService"]["coding"][0]["code"]
        assert line.charge == cents(item["net"]["value"])
        assert str(line.dos_from or "") == item.get("servicedDate", "")
        assert line.units == float(item.get("quantity", {}).get("value", 1))
    assert transaction.claim is not None
    codes = [diagnosis["diagnosisCodeableConcept"]["coding"][0]["code"] for diagnosis in oracle.get("diagnosis", [])]
    assert [diagnosis.code for diagnosis in transaction.claim.dx] == codes
    assert str(transaction.occurred_at.date()) == oracle["created"][:10]
    total = oracle.get("total")
    assert transaction.amounts is not None
    if isinstance(total, dict):
        assert transaction.amounts.charge == cents(total["value"])
    elif isinstance(total, list):
        (submitted,) = (one for one in total if one["category"]["coding"][0]["code"] == "submitted")
        assert transaction.amounts.charge == cents(submitted["amount"]["value"])
    else:
        assert transaction.amounts.charge == sum(cents(item["net"]["value"]) for item in items)


def cents(value: Any) -> int:
    return int(Decimal(str(value)) * 100)


def bundles() -> list[Path]:
    return sorted(folder("synthea-smart").joinpath("bundles").glob("*.json.gz"))


def test_bundles_of_a_synthetic_population_are_mapped_entry_by_entry() -> None:
    for path in bundles():
        entries = json.loads(gzip.decompress(path.read_bytes()))["entry"]
        types = Counter(entry["resource"]["resourceType"] for entry in entries)
        items = read(path.read_bytes())
        events = [item for item in items if isinstance(item, Event)]
        refused = [item for item in items if isinstance(item, Refused)]
        assert len(items) == len(entries)
        assert sum(isinstance(event.data, EncounterContext) for event in events) == types["Encounter"]
        claims = [event.data for event in events if isinstance(event.data, BillingTransaction)]
        assert sum(claim.kind == "claim_submitted" for claim in claims) == types["Claim"]
        assert sum(claim.kind.startswith("remit") for claim in claims) == types["ExplanationOfBenefit"]
        assert {item.reason for item in refused} == {"unsupported_resource"}
        totals = sorted(
            cents(round(entry["resource"]["total"]["value"], 2))
            for entry in entries
            if entry["resource"]["resourceType"] == "Claim"
        )
        charged = sorted(claim.amounts.charge for claim in claims if claim.amounts and claim.kind == "claim_submitted")
        assert charged == totals


def test_a_claim_of_a_bundle_finds_its_patient_and_its_remittance() -> None:
    path = next(path for path in bundles() if path.name.startswith("08ce8462"))
    claims = [
        item.data for item in read(path.read_bytes()) if isinstance(item, Event)
        and isinstance(item.data, BillingTransaction)
    ]  # fmt: skip
    numbered = {"2b7e393f-9f1e-4b1b-88be-e1b9b9e45253"}
    about_one = [data for data in claims if data.claim and data.claim.pcn in numbered]
    submitted, paid = about_one
    assert (submitted.kind, paid.kind) == ("claim_submitted", "remit_paid")
    assert submitted.patient is not None
    assert submitted.patient.ref == "6099858f-4c54-4c3e-a3f3-01e678457cc0"
    assert submitted.patient.sex == "M"
    assert submitted.amounts is not None
    assert submitted.amounts.charge == 26552
    assert paid.amounts is not None
    # 112.41600000000001 paid, 28.104000000000003 co-insurance, 140.52 allowed: half a cent rounds away from zero.
    assert (paid.amounts.paid, paid.amounts.allowed, paid.amounts.patient_resp) == (11242, 14052, 2810)


def test_every_instance_of_balp_is_mapped_or_refused_with_a_reason() -> None:
    built = instances(folder("ihe-balp-fsh"))
    assert len(built) == 58
    for name, resource in built.items():
        # The oracle agrees that what is read here is FHIR at all.
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        (item,) = read(resource)
        if resource["resourceType"] != "AuditEvent":
            assert isinstance(item, Refused), name
            assert item.reason == "unsupported_resource"
        elif name == "ex-auditAuthZconsent":
            assert isinstance(item, Refused)
            assert (item.reason, item.place) == (
                "not_an_access", "line 1: authorisation granted; the access has a record of its own",
            )  # fmt: skip
        else:
            assert isinstance(item, Event), name
            assert isinstance(item.data, AccessEvent)
            assert item.data.action == balp_action(name), name


def balp_action(name: str) -> str:
    """Return what the name of an instance says that it is."""
    says = {
        "Create": "create", "Delete": "delete", "Update": "update", "Patch": "update", "Query": "query",
        "Disclosure-recipient": "import", "Disclosure": "disclose", "Read": "read", "Poke": "read", "deny": "read",
    }  # fmt: skip
    return next(action for part, action in says.items() if part in name)


def test_client_and_server_records_of_one_request_are_one_event() -> None:
    built = instances(folder("ihe-balp-fsh"))

    def ids(*names: str) -> set[str]:
        return {item.id for name in names for item in read(built[f"ex-auditBasic{name}"]) if isinstance(item, Event)}

    reads = ids("ReadServer", "ReadClient", "ReadOClient", "ReadOServer", "ReadOServerMin")
    queries = ids("QueryGetServer", "QueryGetClient")
    assert len(reads) == len(queries) == 1
    assert len(reads | queries | ids("ReadNoUser", "QueryPost", "QueryGetNoPatient")) == 5


def test_balp_users_act_and_their_clients_have_the_address() -> None:
    built = instances(folder("ihe-balp-fsh"))

    def of(name: str) -> AccessEvent:
        (item,) = read(built[name])
        assert isinstance(item, Event)
        assert isinstance(item.data, AccessEvent)
        return item.data

    read_by_user = of("ex-auditBasicReadServer")
    assert (read_by_user.actor.id, read_by_user.actor.type) == ("John Smith", "human")
    assert read_by_user.client is not None
    # The same address as 2001:0db8:85a3:0000:0000:8a2e:0370:7334, in the spelling of RFC 5952.
    assert read_by_user.client.ip == "2001:db8:85a3::8a2e:370:7334"
    assert read_by_user.client.app == "myMachine.example.org"
    assert read_by_user.patient is not None
    assert read_by_user.patient.ref == "ex-patient"
    assert read_by_user.resource is not None
    assert (read_by_user.resource.type, read_by_user.resource.id) == ("List", "ex-list")
    without_user = of("ex-auditBasicReadNoUser")
    assert (without_user.actor.id, without_user.actor.type) == ("myMachine.example.org", "service")
    by_token = of("ex-auditBasicReadOServerMin")
    assert (by_token.actor.id, by_token.actor.type) == ("C187CC480FAC40A0936902D8BC324F5F", "human")
    denied = of("ex-auditAuthZconsent-deny")
    assert (denied.action, denied.outcome, denied.actor.id) == ("read", "serious_failure", "ex-practitioner")
    assert denied.purpose is not None
    assert denied.purpose.code == "PATRQT"
    disclosed = of("ex-auditPrivacyDisclosure-source")
    assert (disclosed.actor.id, disclosed.actor.type) == ("ex-patient", "patient")
    assert disclosed.client is not None
    assert disclosed.client.workstation == "myDevice.example.com"
