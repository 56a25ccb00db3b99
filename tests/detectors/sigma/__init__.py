"""Tests of the Sigma engine and of the rules that come with Wardwatch."""
