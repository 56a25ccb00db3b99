"""The keys that turn identifiers into tokens, and the vault that turns tokens back."""

from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.engine import EngineSettings


class PrivacySettings(EngineSettings, frozen=True, kw_only=True):
    """The keys that turn identifiers into tokens, and the vault that turns tokens back."""

    token_key: Annotated[
        Secret | None,
        Meta(
            description="Key that turns identifiers into tokens, 64 hexadecimal digits (`openssl rand -hex 32`), with "
            "its number before it (`2=…`) once there was another. Every worker needs the same. Without it, commands on "
            "this machine make one in `data_dir`; workers refuse.",
            examples=["(from a secret store)"],
        ),
    ] = None
    token_key_id: Annotated[
        int,
        Meta(
            ge=1,
            le=999,
            description="Number of `token_key`, written into every token, where the key does not bear it itself.",
            examples=["2"],
        ),
    ] = 1
    previous_token_keys: Annotated[
        Secret | None,
        Meta(
            description="Keys whose tokens are still in use, as `id=key`, separated by commas or line by line; "
            "`wardwatch keys rotate` writes them.",
            examples=["1=9f86d0…"],
        ),
    ] = None
    vault_key: Annotated[
        Secret | None,
        Meta(
            description="Key that the vault is encrypted with, 64 hexadecimal digits, with its number before it "
            "(`2=…`) once there was another. Without it there is no vault, and nobody can tell who a token stands for.",
            examples=["(from a secret store)"],
        ),
    ] = None
    previous_vault_keys: Annotated[
        Secret | None,
        Meta(
            description="Older keys of the vault, as `id=key`, separated by commas or line by line, until "
            "`wardwatch keys rotate --vault` has sealed everything anew.",
            examples=["1=9f86d0…"],
        ),
    ] = None
    vault_url: Annotated[
        Secret | None,
        Meta(
            description="SQLAlchemy address of the vault (SQLite or PostgreSQL), a database of its own; without it "
            "`vault.sqlite` in `data_dir`.",
            examples=["postgresql+psycopg://vault:…@db/vault"],
        ),
    ] = None
    evidence_key: Annotated[
        Secret | None,
        Meta(
            description="Key that files and notes kept as evidence of incidents are sealed with, 64 hexadecimal "
            "digits, with its number before it (`2=…`) once there was another. Without it none can be kept.",
            examples=["(from a secret store)"],
        ),
    ] = None
    previous_evidence_keys: Annotated[
        Secret | None,
        Meta(
            description="Older keys of evidence, as `id=key`, separated by commas or line by line, until "
            "`wardwatch keys rotate --evidence` has sealed everything anew.",
            examples=["1=9f86d0…"],
        ),
    ] = None

    @property
    def vault_database(self) -> str:
        """The address of the vault."""
        return self.vault_url.reveal() if self.vault_url else f"sqlite:///{self.data_dir / 'vault.sqlite'}"
