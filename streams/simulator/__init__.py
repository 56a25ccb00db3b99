"""A simulated hospital: accesses, transactions and context with labelled incidents, the same for the same seed."""

from streams.simulator.files import Written, write
from streams.simulator.formats import FORMATS, JSON_LINES
from streams.simulator.hospital import Hospital, build_hospital
from streams.simulator.injections import INJECTIONS, Injection
from streams.simulator.record import Label, Simulated
from streams.simulator.simulation import simulate, stream
from streams.simulator.timing import START

__all__ = [
    "FORMATS",
    "INJECTIONS",
    "JSON_LINES",
    "START",
    "Hospital",
    "Injection",
    "Label",
    "Simulated",
    "Written",
    "build_hospital",
    "simulate",
    "stream",
    "write",
]
