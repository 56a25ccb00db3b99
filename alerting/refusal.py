"""What a person asked for that may not be."""


class Refused(Exception):  # noqa: N818 -- reads as what it says
    """A command that cannot be carried out. Its message is shown to whoever gave it and holds no free text."""


class UnknownIncident(Refused, LookupError):  # noqa: N818 -- reads as what it says
    """No incident has this id."""
