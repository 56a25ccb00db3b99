"""What the archive holds, as values. No names: patients and users are tokens."""

from msgspec import Struct


class Access(Struct, frozen=True, kw_only=True):
    """One access to one patient's record.

    `at` is when it happened, in seconds since the epoch. `purpose` is a code of HL7 v3 ActReason where the source says
    one. `disclosed` says that something left the organisation. `explained` says whether a relationship between user and
    patient was found, None while that is not known.
    """

    event_id: str
    patient: str
    actor: str
    actor_type: str
    at: float
    action: str
    department: str = ""
    role: str = ""
    outcome: str = ""
    purpose: str = ""
    resource: str = ""
    source: str = ""
    disclosed: bool = False
    explained: bool | None = None

    def __repr__(self) -> str:
        return f"<Access {self.action}>"


class Merge(Struct, frozen=True, kw_only=True):
    """A record that goes on under another number (`into`, empty where that was taken back), as known at `at`."""

    patient: str
    into: str
    at: float

    def __repr__(self) -> str:
        return "<Merge>"


class Gap(Struct, frozen=True, kw_only=True):
    """Records of a partition that the broker had deleted before the archive read them, seen at `seen_at`."""

    topic: str
    partition: int
    first_offset: int
    records: int
    seen_at: float
