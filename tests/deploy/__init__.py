"""The deployment files name only what exists."""
