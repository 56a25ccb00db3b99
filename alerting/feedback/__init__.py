"""Verdicts and what is learned from them: how often each rule was right, and which findings deserve attention first."""
