"""Notes on an event that was read: invariants that it violates, and circumstances that a person should know of."""

from collections.abc import Iterable

from detectors.events.billing import Party
from streams.sources.x12.values import valid_npi

CHECKS: dict[str, str] = {
    "line_charges_differ": "The charges of the service lines do not add up to the charge of the claim (CLM02, CLP03).",
    "claim_out_of_balance": "Charge less all adjustments is not what was paid: CLP03 - CAS = CLP04 does not hold.",
    "payment_out_of_balance": "The claims and provider adjustments of the remittance do not add up to BPR02.",
    "npi_invalid": "An NPI fails its check digit.",
    "procedure_code_missing": "A service line names neither a procedure nor a revenue code.",
    "component_separator_undeclared": "Composites are parted by another character than ISA16 declares.",
    "reissued": "BHT02 is 18: the file says that it may have been sent before.",
    "reporting_only": "BHT06 is RP: encounters for reporting, not claims for payment.",
    "test_interchange": "ISA15 is T: the interchange is marked as a test.",
}
"""Code to what it says. Codes are values of `BillingTransaction.checks`."""


def npi_checks(parties: Iterable[Party | None], others: Iterable[str] = ()) -> list[str]:
    """Return the note on NPIs where one of them cannot be one."""
    numbers = [party.npi for party in parties if party is not None and party.npi]
    numbers.extend(npi for npi in others if npi)
    return [] if all(map(valid_npi, numbers)) else ["npi_invalid"]
