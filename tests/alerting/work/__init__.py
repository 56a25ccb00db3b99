"""Tests of the work on a case."""
