"""FHIR R4 resources as canonical events: claims, benefits, payments, invoices, audit events and encounters."""

from streams.sources.fhir.directory import Directory
from streams.sources.fhir.providers import learn_providers, looks_like_providers
from streams.sources.fhir.reader import looks_like_fhir, read_fhir

__all__ = ["Directory", "learn_providers", "looks_like_fhir", "looks_like_providers", "read_fhir"]
