"""The reference tables of a site, as one value: what detectors look up, always by date of service."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from detectors.reference.code_attributes import CodeAttributes
from detectors.reference.diagnosis_groups import DiagnosisGroups
from detectors.reference.drg_weights import DrgWeight
from detectors.reference.global_days import GlobalPeriod
from detectors.reference.nppes import Registry
from detectors.reference.procedure_pairs import ProcedurePairs
from detectors.reference.service_minutes import ServiceMinutes
from detectors.reference.unit_limits import UnitLimits
from detectors.reference.zip_places import Place


@dataclass(frozen=True)
class References:
    """Every table that a site may supply; what it does not supply is empty, and what needs it says so or keeps silent.

    Attributes:
        minutes: least minutes of a service by procedure code (B05).
        pairs: procedures that may not be billed together (NCCI PTP; B02, B18).
        unit_limits: most units a day (NCCI MUE; B03).
        code_attributes: sexes and ages that a code is for (B16).
        registry: national provider registry (NPPES; B13, B15).
        responsible: departments by diagnosis (T5).
        global_days: follow-up that the price of a procedure includes (B36).
        zip_places: where ZIP codes lie (B13).
        drg_weights: weights and lengths of stay of diagnosis-related groups (B35).
    """

    minutes: Mapping[str, ServiceMinutes] = field(default_factory=dict)
    pairs: ProcedurePairs | None = None
    unit_limits: UnitLimits | None = None
    code_attributes: Mapping[str, list[CodeAttributes]] = field(default_factory=dict)
    registry: Registry | None = None
    responsible: DiagnosisGroups = field(default_factory=dict)
    global_days: Mapping[str, list[GlobalPeriod]] = field(default_factory=dict)
    zip_places: Mapping[str, Place] = field(default_factory=dict)
    drg_weights: Mapping[str, list[DrgWeight]] = field(default_factory=dict)
