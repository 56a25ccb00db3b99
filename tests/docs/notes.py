"""The page of notes, made from their declaration."""

from detectors.notes import NOTE_NAMES


def notes_document() -> str:
    """Return the text of `docs/notes.md`."""
    rows = [f"| `{name}` | {says} |" for name, says in NOTE_NAMES.items()]
    head = [
        "# Notes",
        "",
        "Made by `make golden`; do not edit. What the stages write about an event, for rules and reasons.",
        "",
        "| note | says |",
        "|---|---|",
    ]
    return "\n".join([*head, *rows, ""])
