"""DICOM/ATNA audit messages as accesses: from files, and from syslog."""
