"""Through the tokeniser, nothing is left of the identifiers and names in a file; refusals name none to begin with."""

import msgspec

from detectors.events import Event
from streams.sources.api import Refused
from tests.streams.samples import tokeniser
from tests.streams.sources.x12.samples import CLAIM, items, professional, remittance
from tests.streams.sources.x12.test_remits import PAID

IDENTIFIERS_837 = ("PCN-1", "MRN7", "M100", "123456789~", '"123456789"', "DOE", "ANN", "ROE", "CLINIC", "TOWN")
IDENTIFIERS_835 = ("PCN-1", "CCN-1", "M100", "MRN7", "EFT-1", "021000021", "99887766", "DOE", "ANN", '"123456789"')


def after_intake(content: bytes) -> str:
    text = ""
    for item in items(content):
        assert isinstance(item, Event)
        text += msgspec.json.encode(tokeniser().tokenise(item.data)).decode()
    return text


def test_claims_are_tokenised_whole() -> None:
    text = after_intake(professional(CLAIM))
    assert [identifier for identifier in IDENTIFIERS_837 if identifier in text] == []
    assert "1912301953" in text  # NPIs are public.


def test_remittances_are_tokenised_whole() -> None:
    text = after_intake(remittance(PAID, "PLB*1234567893*20261231*WO:CCN-1*10~"))
    assert [identifier for identifier in IDENTIFIERS_835 if identifier in text] == []


def test_a_refusal_names_no_value() -> None:
    (refused,) = items(professional(CLAIM.replace("*150*", "*SECRET*").replace("PCN-1", "SECRET")))
    assert isinstance(refused, Refused)
    assert "SECRET" not in refused.reason + refused.place + repr(refused)
    assert b"SECRET" in refused.payload
