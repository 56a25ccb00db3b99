"""All settings of Wardwatch, and the only reader of the environment.

A setting `broker` is the variable `WARDWATCH_BROKER`, or the key `broker` of a YAML file (`--config`); the environment
wins. A secret may instead be named by a file: `WARDWATCH_SLACK_TOKEN_FILE`. `docs/settings.md` is made from this table.

The groups are one chain of classes, each adding its fields to those before it, for a struct cannot have two bases with
fields. A new group goes in between; what must hold between settings is a row in `monitor/setting_rules.py`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from monitor.setting_reader import PREFIX, SecretPlace, SettingsError, read_fields, secret_places
from monitor.setting_rules import problems_between
from monitor.settings.archive import ArchiveSettings

READ_BY_THE_TESTS = frozenset({"WARDWATCH_REQUIRE_SERVICES"})


class Settings(ArchiveSettings, frozen=True, kw_only=True):
    """Every setting, typed and with its default. Descriptions give unit, range and meaning."""


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a process of ours: those of this process, with these settings in place of its own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, **{PREFIX + name.upper(): value for name, value in settings.items()}}


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Args:
        config: YAML file with settings, where there is one.
        environment: variables to use in place of the process's own.

    Raises:
        SettingsError: with every problem found, each naming its setting and what to do.
    """
    values, problems = read_fields(Settings, _variables(environment), config)
    settings = Settings(**values)
    problems += problems_between(settings, known_bad=problems)
    if problems:
        raise SettingsError(problems)
    return settings


def places(config: Path | None = None, environment: Mapping[str, str] | None = None) -> dict[str, SecretPlace]:
    """Return where each secret of this process comes from, by the name of its setting."""
    return secret_places(Settings, _variables(environment), config)


def _variables(environment: Mapping[str, str] | None) -> dict[str, str]:
    return {
        name: value
        for name, value in (os.environ if environment is None else environment).items()
        if name.startswith(PREFIX) and name not in READ_BY_THE_TESTS
    }
