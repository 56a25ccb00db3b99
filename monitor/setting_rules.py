"""What must hold between settings: each rule is one row."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monitor import kafka_rules
from monitor.channel_rules import CHANNEL_RULES
from monitor.key_rules import KEY_RULES
from monitor.setting_reader import FILE_SUFFIX, PREFIX, Problem

if TYPE_CHECKING:
    from monitor.settings import Settings

Holds = Callable[["Settings"], bool]


def _is_database_address(text: str) -> bool:
    try:
        return make_url(text).get_backend_name() in ("sqlite", "postgresql")
    except ArgumentError:
        return False


def _is_file_or_unset(name: str) -> Holds:
    """Return the test that a setting names a file, where it names one."""
    return lambda settings: getattr(settings, name) is None or getattr(settings, name).is_file()


_RULES: tuple[tuple[str, Holds, str, str], ...] = (
    *CHANNEL_RULES,
    (
        "database_url",
        lambda s: s.database_url is None or _is_database_address(s.database_url.reveal()),
        "it is no SQLAlchemy address of SQLite or PostgreSQL",
        "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        "vault_url",
        lambda s: s.vault_url is None or _is_database_address(s.vault_url.reveal()),
        "it is no SQLAlchemy address of SQLite or PostgreSQL",
        "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        "archive_url",
        lambda s: s.archive_url is None or _is_database_address(s.archive_url.reveal()),
        "it is no SQLAlchemy address of SQLite or PostgreSQL",
        "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    *KEY_RULES,
    (
        "rules_dir",
        lambda s: s.rules_dir is None or s.rules_dir.is_dir(),
        "there is no such folder",
        "name a folder of rule files",
    ),
    (
        "service_minutes",
        lambda s: s.service_minutes is None or s.service_minutes.is_file(),
        "there is no such file",
        "name a CSV file with the columns code,minutes,each",
    ),
    (
        "diagnosis_departments",
        lambda s: s.diagnosis_departments is None or s.diagnosis_departments.is_file(),
        "there is no such file",
        "name a CSV file with the columns department,diagnosis",
    ),
    *(
        (name, _is_file_or_unset(name), "there is no such file", f"name a file with the columns {columns}")
        for name, columns in (
            ("procedure_pairs", "Column 1, Column 2, Effective Date, Deletion Date, Modifier"),
            ("code_attributes", "code,sex,min_age,max_age,from,to"),
            ("global_days", "HCPCS, GLOB DAYS"),
            ("drg_weights", "MS-DRG, MS-DRG Title, Weights, Geometric mean LOS, Arithmetic mean LOS"),
        )
    ),
    (
        "unit_limits",
        lambda s: s.unit_limits is None or s.unit_limits.is_dir(),
        "there is no such folder",
        "name a folder of files such as 2026-01-01.csv",
    ),
    ("staff_contacts", _is_file_or_unset("staff_contacts"), "there is no such file", "name the CSV file of contacts"),
    (
        "hooks_port",
        lambda s: s.hooks_port not in (s.console_port, s.health_port),
        "it is also the port of the console or of the health of workers, which nobody outside may reach",
        "give `wardwatch hooks` a port of its own",
    ),
    (
        "hooks_metrics_port",
        lambda s: s.hooks_metrics_port not in (s.hooks_port, s.console_port, s.health_port),
        "it is also the port of the hooks, of the console or of the health of workers",
        "give the metrics of `wardwatch hooks` a port of their own",
    ),
    *(
        (name, _is_file_or_unset(name), "there is no such file", "name the key that `wardwatch audit keygen` wrote")
        for name in ("audit_signing_key", "audit_public_key")
    ),
    ("thresholds", _is_file_or_unset("thresholds"), "there is no such file", "name the YAML file of thresholds"),
    ("response_file", _is_file_or_unset("response_file"), "there is no such file", "name the YAML file of the plan"),
    (
        "model_public_key",
        lambda s: s.model_public_key is None or s.model_public_key.is_file(),
        "there is no such file",
        "name the public key that `wardwatch models keygen` wrote",
    ),
)


def problems_between(settings: "Settings", known_bad: Sequence[Problem]) -> list[Problem]:
    """Return what does not fit together; silent on settings that are known to be wrong in themselves."""
    named = {
        problem.name.partition(" in ")[0].lower().removeprefix(PREFIX.lower()).removesuffix(FILE_SUFFIX)
        for problem in known_bad
    }
    return [
        Problem(PREFIX + name.upper(), wrong, remedy)
        for name, holds, wrong, remedy in (*_RULES, *kafka_rules.RULES)
        if not holds(settings) and name not in named
    ]
