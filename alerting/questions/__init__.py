"""Asking the person whose account acted, or the manager, "was this you?": the answer is evidence, never a verdict."""
