"""Mappings that come with Wardwatch. Their headings are examples: each site's export differs (domain.md §1.8)."""

from importlib.resources import files
from pathlib import Path

from detectors.sigma.problems import Problem
from streams.sources.tables.document import read_mapping
from streams.sources.tables.mapping import Mapping, MappingError

PRESETS: dict[str, str] = {
    "epic_access": "epic_access.yml",
    "epic_login": "epic_login.yml",
    "cerner_generic": "cerner_generic.yml",
    "openemr": "openemr.yml",
    "generic_payments": "generic_payments.yml",
    "bank_deposits": "bank_deposits.yml",
    "plain_access": "plain_access.yml",
    "plain_staff": "plain_staff.yml",
    "plain_patient": "plain_patient.yml",
    "plain_appointment": "plain_appointment.yml",
    "plain_encounter": "plain_encounter.yml",
    "plain_order": "plain_order.yml",
    "plain_care_team": "plain_care_team.yml",
    "plain_task": "plain_task.yml",
    "plain_roster": "plain_roster.yml",
    "plain_exclusion": "plain_exclusion.yml",
}
"""Name to file. The `plain` ones have a column for each field: for who can query what they need."""

LARGEST_BYTES = 1_048_576
"""A mapping file is written by hand."""


def load_mapping(name: str | Path, zone: str = "") -> Mapping:
    """Return a preset by its name, or the mapping in a file.

    Args:
        name: a name of `PRESETS`, or a path.
        zone: IANA name of the site's time zone, used by a mapping that names none. Presets name none.

    Raises:
        MappingError: with every problem, each by file and line.
    """
    if isinstance(name, str) and name in PRESETS:
        return read_mapping(preset_text(name), PRESETS[name], zone)
    path = Path(name)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _refused(path, "is too large for a mapping")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path, "is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        known = ", ".join(PRESETS)
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no path"
        message = f"cannot be read ({why}); the presets are {known}"
        raise _refused(path, message) from None
    return read_mapping(text, str(path), zone)


def preset_text(name: str) -> str:
    """Return the YAML of a preset: what a site copies and changes."""
    return (files(__package__) / PRESETS[name]).read_text("utf-8")


def _refused(path: Path, message: str) -> MappingError:
    return MappingError([Problem(str(path), 1, message)])
