"""Every file of the reference data: read, and equal to x12sdk's; or refused for a reason that is named here."""

import re
from collections import Counter
from pathlib import Path

import pytest

from detectors.events import BillingTransaction, Event
from streams.sources.api import Refused
from streams.sources.x12 import looks_like_x12
from tests.streams.sources.x12.oracle import facts_of, facts_of_x12sdk
from tests.streams.sources.x12.samples import DATA, NO_DATA, items, transactions

FILES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.name != "LICENSE")
REFUSED = {
    # BPR16 is 20002316, in month 23: nothing under that payment is dated.
    "managed-care.835": {"impossible_date": 2},
    # SE02 says 000000001, ST02 something else.
    "subscriber-health-benefit-check-error.271": {"control_number_mismatch": 1},
}
"""Files with something in them that is refused, beside other transaction sets than 837 and 835."""

pytestmark = pytest.mark.skipif(not FILES, reason=NO_DATA)


def is_claims(path: Path) -> bool:
    text = path.read_text()
    return any(f"ST*{code}*" in text for code in ("837", "835"))


CLAIMS = [path for path in FILES if is_claims(path)]


def relative(path: Path) -> str:
    return str(path.relative_to(DATA))


def test_the_data_are_all_there() -> None:
    assert (len(FILES), len(CLAIMS)) == (75, 38)


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_file_is_read_or_refused_for_a_reason(path: Path) -> None:
    content = path.read_bytes()
    assert looks_like_x12(content[:256])
    read = items(content)
    assert read
    reasons = Counter(item.reason for item in read if isinstance(item, Refused))
    if path.name in REFUSED:
        assert reasons == REFUSED[path.name]
    elif path in CLAIMS:
        assert reasons == {}
    else:
        assert set(reasons) == {"unsupported_transaction_set"}
        assert reasons.total() == len(read) == len(re.findall(rb"~\s*ST\*", content))


@pytest.mark.parametrize("path", [path for path in CLAIMS if path.name not in REFUSED], ids=relative)
def test_what_is_read_equals_x12sdk(path: Path) -> None:
    ours = [facts_of(entry) for entry in transactions(path.read_bytes()) if entry.kind != "provider_adjustment"]
    assert ours == facts_of_x12sdk(path)
    assert ours


def test_no_two_claims_of_different_files_share_an_id() -> None:
    """All these files have the same sender, ISA13 and GS06; two of them hold the very same claims."""
    claims: dict[str, set[str]] = {}
    for path in CLAIMS:
        for item in items(path.read_bytes()):
            if isinstance(item, Event) and isinstance(item.data, BillingTransaction):
                assert item.data.claim is not None
                claims.setdefault(item.id, set()).add(item.data.claim.pcn or item.data.claim.payer_ccn)
    assert {len(numbers) for numbers in claims.values()} == {1}


def test_golden_837p() -> None:
    """domain.md §9."""
    (claim,) = transactions((DATA / "linuxforhealth/demo-file/demo.837").read_bytes())
    assert claim.claim is not None
    assert claim.member is not None
    assert claim.patient is not None
    assert (claim.claim.pcn, claim.claim.pos, claim.claim.frequency) == ("26463774", "11", "1")
    assert [(line.code, line.charge, str(line.dos_from)) for line in claim.lines] == [
        ("99213", 4_000, "2006-10-03"),
        ("87070", 1_500, "2006-10-03"),
        ("99214", 3_500, "2006-10-10"),
        ("86663", 1_000, "2006-10-10"),
    ]
    assert (claim.member.relationship, str(claim.patient.birth_date)) == ("19", "1973-05-01")
    assert "line_charges_differ" not in claim.checks


def test_golden_837i_has_an_npi_that_is_flagged_not_refused() -> None:
    (claim,) = transactions((DATA / "linuxforhealth/demo-file/demo.837i").read_bytes())
    assert claim.billing is not None
    assert claim.billing.npi == "9876540809"
    assert "npi_invalid" in claim.checks


def test_golden_835() -> None:
    """domain.md §9: BPR02 150000.00 = 149998.73 - (-1.27)."""
    first, _, adjustment = transactions((DATA / "linuxforhealth/demo-file/demo.835").read_bytes())
    assert first.claim is not None
    assert first.amounts is not None
    assert adjustment.amounts is not None
    assert (first.claim.pcn, first.amounts.charge, first.amounts.paid) == ("666123", 21_136_697, 13_801_840)
    assert [(part.group, part.carc, part.amount) for part in first.lines[0].adjustments] == [("CO", "45", 7_334_857)]
    assert adjustment.amounts.adjustment == -127
    assert first.checks == ["test_interchange"]
