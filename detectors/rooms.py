"""What makes each stage what it is: its profile struct, how events change it, and the features of its models.

The table reads as the product: which event changes which profile, by which function.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
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
from detectors.late import EXPLANATION_TYPE, Explanation
from detectors.partition import PartitionState
from detectors.profiles.entries import REMEMBERED
from detectors.profiles.instrument import InstrumentProfile
from detectors.profiles.patient import PatientDay, PatientProfile
from detectors.profiles.provider import ProviderDay, ProviderProfile
from detectors.profiles.user import UserProfile
from detectors.retraction import taken_back
from detectors.scene import Scene
from detectors.stages import (
    instrument,
    instrument_behaviour,
    instrument_money,
    instrument_relations,
    merges,
    patient,
    patient_claims,
    patient_money,
    patient_relations,
    payee,
    provider,
    provider_charges,
    provider_claims,
    provider_conduct,
    provider_sharing,
    provider_stays,
    user,
    user_account,
    user_behaviour,
    user_money,
    user_relations,
    user_steps,
    user_trail,
    user_unrelated,
)
from detectors.thresholds import Thresholds
from detectors.visit import StageName, Visit

Observed = Callable[[Scene, PartitionState, Thresholds], None]
Applied = Callable[[Any, Any, float], None]
Withdrawing = Callable[[Scene], Iterator[tuple[str, str]]]
"""Yields ids of findings that an event withdraws, each with the reason."""

_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(data_type) for name, data_type in DATA_TYPES.items()
}
_DECODERS[EXPLANATION_TYPE] = msgspec.msgpack.Decoder(Explanation)


@dataclass(frozen=True)
class Room:
    """One stage's profile, context, observers and features.

    `remembered` is how many decoded profiles are kept: few where hardly anyone comes again soon, since to decode a
    profile takes less time than to walk over one that has left the processor's cache.
    `withdraws` names what takes findings back, by event; `late` says what context means for what came before it,
    `pass_on` tells what is not for the entity that it came to.
    """

    subject: str
    profile: type[Struct]
    day: type[Struct] | None
    context: Mapping[type, Applied]
    observe: Mapping[type, tuple[Observed, ...]]
    withdraws: Mapping[type, Withdrawing] = field(default_factory=dict)
    late: Callable[[Scene, Thresholds], Iterator[Visit]] | None = None
    features: tuple[Feature, ...] = ()
    row: Callable[[Scene], list[float] | None] = field(default=lambda _: None)
    pass_on: Callable[[Scene], bool] = field(default=lambda _: False)
    remembered: int = REMEMBERED

    @staticmethod
    def decode(visit: Visit) -> Data | Explanation:
        """Decode the canonical event of a visit, or what the patient stage found out later about one.

        Raises:
            msgspec.MsgspecError: where it is not what intake wrote.
        """
        data: Data | Explanation = _DECODERS[visit.type].decode(visit.data)
        return data


def _patient() -> Room:
    return Room(
        "This patient",
        PatientProfile,
        PatientDay,
        {
            PatientContext: patient_relations.apply_person,
            StaffContext: patient_relations.apply_employee,
            AppointmentContext: patient.apply_appointment,
            EncounterContext: patient_relations.apply_encounter,
            OrderContext: lambda profile, context, _: patient.apply_order(profile, context),
            CareTeamContext: patient.apply_care_team,
            TaskContext: patient.apply_task,
        },
        {
            AccessEvent: (
                patient.observe_access,
                patient_relations.observe_access,
                patient_claims.observe_presence,
            ),
            BillingTransaction: (
                patient.observe_transaction,
                patient_relations.observe_transaction,
                patient_claims.observe_transaction,
                patient_money.observe_transaction,
            ),
        },
        withdraws={BillingTransaction: taken_back},
        late=patient_relations.reconsidered,
        pass_on=merges.pass_on,
        remembered=500,
    )


def _at_actor(*observers: Observed) -> Observed:
    """Return what lets observers see accesses at who acted only, and not at an account that was changed."""
    return partial(_observe_at_actor, observers)


def _observe_at_actor(
    observers: tuple[Observed, ...], scene: Scene, state: PartitionState, thresholds: Thresholds
) -> None:
    if scene.ref == scene.data.actor.id:
        for observer in observers:
            observer(scene, state, thresholds)


def _user() -> Room:
    return Room(
        "This user",
        UserProfile,
        None,
        {
            StaffContext: user_relations.apply_staff,
            RosterContext: lambda profile, context, _: user.apply_roster(profile, context),
        },
        {
            AccessEvent: (
                _at_actor(user.observe_access, user_relations.observe_access),
                user_behaviour.observe_access,
                _at_actor(user_trail.observe_access, user_steps.observe_access),
                user_account.observe_access,
                user_unrelated.observe_access,
            ),
            BillingTransaction: (
                user.observe_transaction,
                user_money.observe_transaction,
                user_account.observe_transaction,
                user_unrelated.observe_transaction,
            ),
        },
        withdraws={Explanation: user_unrelated.withdrawn_with},
        features=USER_FEATURES,
        row=user_row,
    )


def _provider() -> Room:
    return Room(
        "This provider",
        ProviderProfile,
        ProviderDay,
        {ExclusionContext: lambda profile, context, _: provider.apply_exclusion(profile, context)},
        {
            BillingTransaction: (
                provider.observe_transaction,
                provider_claims.observe_transaction,
                provider_conduct.observe,
                provider_charges.observe_transaction,
                provider_sharing.observe_transaction,
                provider_stays.observe_transaction,
            )
        },
        withdraws={BillingTransaction: taken_back},
    )


def _instrument() -> Room:
    return Room(
        "This card, account, device or address",
        InstrumentProfile,
        None,
        {},
        {
            AccessEvent: (
                instrument_relations.observe_access,
                instrument_behaviour.observe_access,
                payee.observe_access,
            ),
            BillingTransaction: (
                instrument.observe_transaction,
                instrument_money.observe_transaction,
                payee.observe_transaction,
            ),
        },
        features=INSTRUMENT_FEATURES,
        row=instrument_row,
    )


ROOMS: dict[StageName, Callable[[], Room]] = {
    "patient": _patient,
    "user": _user,
    "provider": _provider,
    "instrument": _instrument,
}
"""Stage name to its room."""
