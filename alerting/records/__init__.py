"""Accounting for what was seen and done: who looked at a record, reviews of activity, how long things are kept."""
