"""Silences, inhibition, maintenance windows and snooze."""
