"""Accesses, claims, remittances and write-offs as FHIR R4 resources in NDJSON."""

from streams.simulator.formats.fhir.files import FhirFiles

__all__ = ["FhirFiles"]
