"""Who the covered entity is, as its letters and HHS name it: a part of the response plan."""

from typing import Literal

from msgspec import Struct


class CoveredEntity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The organisation that owes the notices. `signer` signs letters, `contact` answers HHS."""

    name: str = ""
    kind: Literal["provider", "health_plan", "clearinghouse"] = "provider"
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    toll_free: str = ""
    email: str = ""
    website: str = ""
    signer: str = ""
    signer_title: str = ""
    contact: str = ""
    contact_phone: str = ""
    contact_email: str = ""

    @property
    def place(self) -> str:
        """City, state and ZIP code in one line."""
        return f"{self.city}, {self.state} {self.zip}".strip(" ,")

    @property
    def ways_to_reach(self) -> tuple[str, ...]:
        """How people reach it (164.404(c)(1)(E)), a line each."""
        post = ", ".join(part for part in (self.name, self.street, self.place) if part)
        ways = (
            ("Call toll-free", self.toll_free),
            ("Email", self.email),
            ("Website", self.website),
            ("Write to", post if self.street else ""),
        )
        return tuple(f"{way}: {value}" for way, value in ways if value)
