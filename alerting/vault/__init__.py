"""The vault: who a token stands for, encrypted, opened with a purpose and into the audit log (design.md §5).

It is a database of its own, for who may read incidents may not read this. Only what a person needs in a case is in it:
the numbers of patients, members, users, claims and accounts.
"""

from alerting.vault.cipher import DamagedEntryError, MissingKeyError, VaultKeys
from alerting.vault.schema import create_vault
from alerting.vault.vault import Naming, Opening, Vault
from alerting.vault.writer import MOST_WAITING, VaultObserver, VaultWriter

__all__ = [
    "MOST_WAITING",
    "DamagedEntryError",
    "MissingKeyError",
    "Naming",
    "Opening",
    "Vault",
    "VaultKeys",
    "VaultObserver",
    "VaultWriter",
    "create_vault",
]
