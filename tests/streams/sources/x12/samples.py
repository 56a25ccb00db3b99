"""Interchanges by hand: an envelope that counts itself around the segments of a test."""

import io
from collections.abc import Iterable
from pathlib import Path

from detectors.events import BillingTransaction, Event
from streams.sources.api import Item, Origin, Refused
from streams.sources.reasons import SENTENCES
from streams.sources.x12 import read_x12

DATA = Path(__file__).parents[5] / "shared" / "data" / "x12"
NO_DATA = "the reference data folder shared/data/x12 is not there"

ORIGIN = Origin("urn:wardwatch:src:clearinghouse", "file-1")
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*0914*^*00501*000000007*0*P*:"
PROFESSIONAL, INSTITUTIONAL, REMITTANCE = "005010X222A1", "005010X223A2", "005010X221A1"

BILLING = """HL*1**20*1~PRV*BI*PXC*207Q00000X~NM1*85*2*CLINIC*****XX*1234567893~N3*1 ST~N4*TOWN*MA*021140000~
REF*EI*123456789~"""
SUBSCRIBER = """HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*ANN****MI*M100~N3*2 ST~N4*TOWN*MA*02139~
DMG*D8*19500102*F~NM1*PR*2*PAYER*****PI*PAYER1~"""
CLAIM = """CLM*PCN-1*150***11:B:1*Y*A*Y*Y~REF*EA*MRN7~HI*ABK:I10*ABF:E119~NM1*82*1*ROE*JO****XX*1912301953~
LX*1~SV1*HC:99213:25*100*UN*1***1:2~DTP*472*D8*20260301~LX*2~SV1*HC:85025*50.00*UN*2***1~DTP*472*D8*20260301~"""
HEADER_835 = """BPR*I*80*C*ACH*CCP*01*111*DA*222*1512345678**01*021000021*DA*99887766*20260305~TRN*1*EFT-1*1512345678~
DTM*405*20260304~N1*PR*PAYER~N1*PE*CLINIC*XX*1234567893~REF*TJ*123456789~"""


def segments(text: str) -> list[str]:
    """The segments of a text with `~` behind each, and line ends anywhere."""
    return [segment for segment in text.replace("\n", "").split("~") if segment]


def transaction_set(body: str, guide: str, number: str = "0001") -> list[str]:
    """ST to SE around a body, counted."""
    code = "835" if "X221" in guide else "837"
    inside = segments(body)
    third = f"*{guide}" if code == "837" else ""
    return [f"ST*{code}*{number}{third}", *inside, f"SE*{len(inside) + 2}*{number}"]


def interchange(*sets: list[str], guide: str = PROFESSIONAL, isa: str = ISA, group: str = "5") -> list[str]:
    """ISA to IEA around transaction sets, counted."""
    code = "HP" if "X221" in guide else "HC"
    number = isa.split("*")[13]
    return [
        isa,
        f"GS*{code}*SENDER*RECEIVER*20260302*0914*{group}*X*{guide}",
        *(segment for one in sets for segment in one),
        f"GE*{len(sets)}*{group}",
        f"IEA*1*{number}",
    ]


def written(lines: Iterable[str], end: str = "~\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def professional(*claims: str, header: str = "BHT*0019*00*B-1*20260302*0915*CH~") -> bytes:
    body = header + BILLING + SUBSCRIBER + "".join(claims)
    return written(interchange(transaction_set(body, PROFESSIONAL)))


def institutional(*claims: str) -> bytes:
    body = "BHT*0019*00*B-1*20260302*0915*CH~" + BILLING + SUBSCRIBER + "".join(claims)
    return written(interchange(transaction_set(body, INSTITUTIONAL), guide=INSTITUTIONAL))


def remittance(*claims: str, header: str = HEADER_835) -> bytes:
    return written(interchange(transaction_set(header + "".join(claims), REMITTANCE), guide=REMITTANCE))


def items(content: bytes) -> list[Item]:
    found = list(read_x12(io.BytesIO(content), ORIGIN))
    assert {item.reason for item in found if isinstance(item, Refused)} <= set(SENTENCES)
    return found


def transactions(content: bytes) -> list[BillingTransaction]:
    """What is read of a file that has nothing to refuse."""
    read = items(content)
    assert [item.reason for item in read if isinstance(item, Refused)] == []
    return [item.data for item in read if isinstance(item, Event) and isinstance(item.data, BillingTransaction)]


def refusals(content: bytes) -> list[tuple[str, str]]:
    """Reasons and places of a file of which nothing is read."""
    read = items(content)
    assert [item for item in read if not isinstance(item, Refused)] == []
    return [(item.reason, item.place) for item in read if isinstance(item, Refused)]
