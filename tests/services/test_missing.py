"""A missing service skips its tests with the reason, and fails them where services are required."""

from pathlib import Path

import pytest

from tests.conftest import REQUIRE_SERVICES, skip_or_fail
from tests.services.child import ServiceMissingError
from tests.services.kafka_jars import java_command, kafka_jars, major_version

NO_JAVA = ServiceMissingError("java is not installed")


def test_it_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE_SERVICES, raising=False)
    with pytest.raises(pytest.skip.Exception, match="java is not installed"):
        skip_or_fail(NO_JAVA)


def test_it_fails_where_services_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_SERVICES, "1")
    with pytest.raises(pytest.fail.Exception, match="java is not installed"):
        skip_or_fail(NO_JAVA)


def test_java_and_maven_are_named_when_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceMissingError, match="java"):
        java_command()
    with pytest.raises(ServiceMissingError, match="mvn"):
        kafka_jars(tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("kafka-*"))


def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("""#!/bin/sh\necho 'openjdk version "11.0.22" 2024-01-16' >&2\n""")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceMissingError, match="too old"):
        java_command()


@pytest.mark.parametrize(
    ("said", "major"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_402"', 1), ('version "21" ', 21), ("?", 0)],
)
def test_the_major_version_is_read(said: str, major: int) -> None:
    assert major_version(said) == major
