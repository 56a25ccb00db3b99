"""Is what we wrote down still what we wrote down? Signed checkpoints of the audit log and of all timelines."""
