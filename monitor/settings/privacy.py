"""The keys that turn identifiers into tokens."""

from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.engine import EngineSettings


class PrivacySettings(EngineSettings, frozen=True, kw_only=True):
    """The keys that turn identifiers into tokens."""

    token_key: Annotated[
        Secret | None,
        Meta(
            description="Key that turns identifiers into tokens, 64 hexadecimal digits (`openssl rand -hex 32`). Every "
            "worker needs the same. Without it, commands on this machine make one in `data_dir`; workers refuse.",
            examples=["(from a secret store)"],
        ),
    ] = None
    token_key_id: Annotated[
        int,
        Meta(
            ge=1,
            le=999,
            description="Number of `token_key`, written into every token; change both together.",
            examples=["2"],
        ),
    ] = 1
    previous_token_keys: Annotated[
        Secret | None,
        Meta(
            description="Keys whose tokens are still in use, as `id=key`, separated by commas.",
            examples=["1=9f86d0…"],
        ),
    ] = None

    @property
    def previous_keys(self) -> list[str]:
        """The parts `id=key` of `previous_token_keys`."""
        text = self.previous_token_keys.reveal() if self.previous_token_keys else ""
        return [part.strip() for part in text.split(",") if part.strip()]
