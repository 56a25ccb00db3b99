"""The archive of accesses."""
