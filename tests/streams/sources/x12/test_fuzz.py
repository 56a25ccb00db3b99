"""Whatever comes in: only events and refusals come out, and no fault of ours among them."""

import io
import time

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import BillingTransaction, Event
from detectors.events.envelope import decode_structured, encode_structured
from streams.sources.api import Refused
from streams.sources.x12 import looks_like_x12, read_x12
from tests.streams.sources.x12.samples import CLAIM, ORIGIN, institutional, professional, remittance
from tests.streams.sources.x12.test_remits import PAID

INSTITUTIONAL = institutional(
    "CLM*P2*900.5***11:A:1**A*Y*Y~DTP*434*RD8*20260201-20260204~DTP*435*DT*202602010830~DTP*096*TM*1645~CL1*1*7*20~",
    "HI*ABK:I2101:::::::Y*BBR:027034Z:D8:20260202*BH:55:D8:20260204~NM1*71*1*A*B****XX*1912301953~N4*T*MA*02114~",
    "SBR*S*18~LX*1~SV2*0120*HC:85025:26*800*DA*3~LIN**N4*1~SVD*P*1~LX*2~",
)
FILES = [professional(CLAIM), INSTITUTIONAL, remittance(PAID, "PLB*1234567893*20261231*WO:1*10*L6*1~")]
LONGEST_SECONDS = 5.0
"""For less than 100 kB, which take milliseconds: only what does not end is slower."""

Piece = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"~", b"*", b":", b"~ISA*", b"~IEA*1*000000007~", b"~ST*837*1~", b"~SE*1*1~", b"~GE*1*5~", b"\r\n", b"\0",
         b"~HL*1**20*1~", b"~CLM*A*1***1:B:7~", b"~LX*1~", b"~CLP*A*22*1*1~", b"~PLB*1*20260101*A*1~", b"9" * 17,
         b"-.5", b"\xc2\xb2", b"\xff\xfe", b"20260230"]
    ),
)  # fmt: skip
Edit = st.tuples(st.floats(0, 1), st.integers(0, 40), Piece)


def check(content: bytes) -> None:
    """Read; every event must be one that the intake takes as it is."""
    started = time.monotonic()
    for item in read_x12(io.BytesIO(content), ORIGIN):
        if isinstance(item, Refused):
            assert item.reason != "reader_error", item.place
            assert item.place
            continue
        assert isinstance(item, Event)
        decoded, unknown = decode_structured(encode_structured(item))
        assert unknown == 0
        assert isinstance(decoded.data, BillingTransaction)
        assert msgspec.json.encode(decoded.data) == msgspec.json.encode(item.data)
    assert time.monotonic() - started < LONGEST_SECONDS


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FILES), st.lists(Edit, min_size=1, max_size=8))
def test_mutated_files(content: bytes, edits: list[tuple[float, int, bytes]]) -> None:
    for where, removed, inserted in edits:
        at = int(where * len(content))
        content = content[:at] + inserted + content[at + removed :]
    check(content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_mutated_elements(content: bytes, data: st.DataObject) -> None:
    """Elements changed, the envelope kept whole: this reaches the readers of claims, whatever they hold."""
    lines = content.decode().split("~\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(2, len(lines) - 5))
        elements = lines[at].split("*")
        place = data.draw(st.integers(1, max(1, len(elements) - 1)))
        text = st.one_of(
            st.text(alphabet=st.characters(exclude_characters="*~\r\n", max_codepoint=0x2FF), max_size=8),
            st.sampled_from(["", "-", ".", "9" * 30, "-0.00", "20260230", "1:2:3:4:5", "A" * 400, "²", "1.5"]),
        )
        elements[place : place + 1] = [data.draw(text)]
        lines[at] = "*".join(elements)
    check("~\n".join(lines).encode())


@settings(max_examples=200, deadline=None)
@given(st.lists(Piece, max_size=60))
def test_random_bytes(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    looks_like_x12(content)
    check(content)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 255), st.integers(0, 105))
def test_any_byte_in_the_isa(value: int, place: int) -> None:
    content = bytearray(FILES[0])
    content[place] = value
    check(bytes(content))


def test_repetitive_input_takes_linear_time() -> None:
    for piece in (b"ISA*", b"~", b"*", b"\n", b"ISA", b"IEA*~", bytes(1), FILES[0][:107]):
        check(piece * (100_000 // len(piece)))
        check(FILES[0][:300] + piece * (100_000 // len(piece)))
