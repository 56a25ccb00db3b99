"""Findings and incidents for a SIEM, as events of the Open Cybersecurity Schema Framework (OCSF 1.8.0)."""
