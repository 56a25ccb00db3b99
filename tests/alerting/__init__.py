"""Tests of incidents, the desk, the store, the sender and the channels."""
