"""What makes each stage what it is: its profile struct, how events change it, and the features of its models.

The table reads as the product: which event changes which profile, by which function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from detectors.events import (
    DATA_TYPES,
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    Data,
    EncounterContext,
    ExclusionContext,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.features import INSTRUMENT_FEATURES, USER_FEATURES, Feature, instrument_row, user_row
from detectors.partition import PartitionState
from detectors.profiles.instrument import InstrumentProfile
from detectors.profiles.patient import PatientDay, PatientProfile
from detectors.profiles.provider import ProviderDay, ProviderProfile
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.stages import instrument, merges, patient, provider, user
from detectors.thresholds import Thresholds
from detectors.visit import StageName, Visit

Observed = Callable[[Scene, PartitionState, Thresholds], None]
Applied = Callable[[Any, Any, float], None]
_DECODERS = {name: msgspec.msgpack.Decoder(data_type) for name, data_type in DATA_TYPES.items()}


@dataclass(frozen=True)
class Room:
    """One stage's profile, context, observers and features; `pass_on` tells what is not for the entity it came to."""

    subject: str
    profile: type[Struct]
    day: type[Struct] | None
    context: Mapping[type, Applied]
    observe: Mapping[type, tuple[Observed, ...]]
    features: tuple[Feature, ...] = ()
    row: Callable[[Scene], list[float] | None] = field(default=lambda _: None)
    pass_on: Callable[[Scene], bool] = field(default=lambda _: False)

    @staticmethod
    def decode(visit: Visit) -> Data:
        """Decode the canonical event of a visit.

        Raises:
            msgspec.MsgspecError: where it is not what intake wrote.
        """
        return _DECODERS[visit.type].decode(visit.data)


def _patient() -> Room:
    return Room(
        "This patient",
        PatientProfile,
        PatientDay,
        {
            PatientContext: patient.apply_flags,
            AppointmentContext: patient.apply_appointment,
            EncounterContext: patient.apply_encounter,
            OrderContext: lambda profile, context, _: patient.apply_order(profile, context),
            CareTeamContext: patient.apply_care_team,
            TaskContext: patient.apply_task,
        },
        {AccessEvent: (patient.observe_access,), BillingTransaction: (patient.observe_transaction,)},
        pass_on=merges.pass_on,
    )


def _user() -> Room:
    return Room(
        "This user",
        UserProfile,
        None,
        {
            StaffContext: user.apply_staff,
            RosterContext: lambda profile, context, _: user.apply_roster(profile, context),
        },
        {AccessEvent: (user.observe_access,), BillingTransaction: (user.observe_transaction,)},
        USER_FEATURES,
        user_row,
    )


def _provider() -> Room:
    return Room(
        "This provider",
        ProviderProfile,
        ProviderDay,
        {ExclusionContext: lambda profile, context, _: provider.apply_exclusion(profile, context)},
        {BillingTransaction: (provider.observe_transaction,)},
    )


def _instrument() -> Room:
    return Room(
        "This card, account, device or address",
        InstrumentProfile,
        None,
        {},
        {BillingTransaction: (instrument.observe_transaction,)},
        INSTRUMENT_FEATURES,
        instrument_row,
    )


ROOMS: dict[StageName, Callable[[], Room]] = {
    "patient": _patient,
    "user": _user,
    "provider": _provider,
    "instrument": _instrument,
}
"""Stage name to its room."""
