"""FHIR R4 resources as canonical events: claims, benefits, payments, invoices, audit events and encounters."""

from streams.sources.fhir.reader import looks_like_fhir, read_fhir

__all__ = ["looks_like_fhir", "read_fhir"]
