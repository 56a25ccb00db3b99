"""Providers that stand in other files of a bulk export than the claims that name them."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from detectors.events import BillingTransaction, Event
from streams.file_formats import Reading, with_providers
from streams.sources.fhir import Directory, learn_providers, looks_like_providers, read_fhir
from tests.streams.sources.fhir.samples import ORIGIN, claim

NPI = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
PRACTITIONER = {"resourceType": "Practitioner", "id": "dr-1", "identifier": [NPI]}
ROLE = {"resourceType": "PractitionerRole", "id": "role-1", "practitioner": {"reference": "Practitioner/dr-1"}}
CLAIM = claim(provider={"reference": "Practitioner/dr-1"})


def ndjson(*resources: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def billing_npis(content: bytes, providers: Directory | None) -> list[str]:
    found = []
    for item in read_fhir(io.BytesIO(content), ORIGIN, providers=providers):
        assert isinstance(item, Event), item
        assert isinstance(item.data, BillingTransaction)
        found.append(item.data.billing.npi if item.data.billing else "")
    return found


def known(*resources: dict[str, Any]) -> Directory:
    directory = Directory()
    learn_providers(io.BytesIO(ndjson(*resources)), directory)
    return directory


def test_claims_find_npis_in_the_files_beside_theirs() -> None:
    by_role = {**CLAIM, "id": "c-2", "provider": {"reference": "PractitionerRole/role-1"}}
    claims = ndjson(CLAIM, by_role)
    assert billing_npis(claims, None) == ["", ""]
    assert billing_npis(claims, known(PRACTITIONER, ROLE)) == ["1234567893"] * 2
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": CLAIM}]}
    assert billing_npis(ndjson(bundle), known(PRACTITIONER)) == ["1234567893"]


def test_what_stands_in_the_bundle_itself_comes_first() -> None:
    own = {**PRACTITIONER, "identifier": [{**NPI, "value": "1679576722"}]}
    directory = known(PRACTITIONER)
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": CLAIM}, {"resource": own}]}
    events = list(read_fhir(io.BytesIO(ndjson(bundle)), ORIGIN, providers=directory))
    (found,) = [item.data for item in events if isinstance(item, Event)]
    assert isinstance(found, BillingTransaction)
    assert found.billing is not None
    assert found.billing.npi == "1679576722"
    assert len(directory) == 1, "a Bundle teaches its own claims only"


def test_only_providers_are_learnt_and_what_cannot_be_read_is_passed_over() -> None:
    directory = Directory()
    patient = {"resourceType": "Patient", "id": "p-1"}
    learn_providers(io.BytesIO(b"{nonsense\n" + ndjson(patient, PRACTITIONER)), directory)
    assert len(directory) == 1


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (ndjson(PRACTITIONER), True),
        (b"\xef\xbb\xbf" + ndjson({"resourceType": "Organization"}), True),
        (ndjson(CLAIM, PRACTITIONER), False),
        (b'{"a": 1}', False),
        (b"", False),
    ],
)
def test_files_of_providers_are_told_by_their_first_line(head: bytes, is_one: bool) -> None:
    assert looks_like_providers(head) == is_one


def test_the_files_given_together_know_each_other(tmp_path: Path) -> None:
    providers, claims = tmp_path / "Practitioner.ndjson.gz", tmp_path / "Claim.ndjson"
    providers.write_bytes(gzip.compress(ndjson(PRACTITIONER)))
    claims.write_bytes(ndjson(CLAIM))
    reading = with_providers(Reading(), [claims, providers, tmp_path / "missing"])
    assert billing_npis(claims.read_bytes(), reading.providers) == ["1234567893"]
    assert with_providers(Reading(), [claims]).providers is None
