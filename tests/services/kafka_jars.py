"""The jars of Apache Kafka, from Maven Central, kept in ``.cache/`` between runs."""

import fcntl
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.services.child import ServiceMissingError

KAFKA_VERSION = "4.2.1"  # docker-compose.yml names the same version
SLF4J_VERSION = "1.7.36"  # the slf4j-api that this Kafka depends on: its simple logger needs no configuration file
JAVA_VERSION = 17  # https://kafka.apache.org/42/getting-started/compatibility
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies"
PROJECT_ROOT = Path(__file__).resolve().parents[2]

_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.wardwatch</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>{SLF4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def java_command() -> str:
    """Return the Java launcher.

    Raises:
        ServiceMissingError: There is none, or it is older than Apache Kafka 4 needs.
    """
    java = shutil.which("java")
    if java is None:
        message = f"java ({JAVA_VERSION} or newer) is not installed, so Apache Kafka cannot run"
        raise ServiceMissingError(message)
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    if major_version(said) < JAVA_VERSION:
        message = f"java is too old for Apache Kafka {KAFKA_VERSION}, which needs {JAVA_VERSION}: {said.strip()}"
        raise ServiceMissingError(message)
    return java


def major_version(said: str) -> int:
    """Return the major version in the output of ``java -version``, 0 where it holds none; 1.8 counts as 1."""
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def kafka_jars(cache: Path = PROJECT_ROOT / ".cache") -> Path:
    """Return the folder of Kafka's jars, fetching them first where it is missing.

    Several test runs may ask at once: one fetches while the others wait, and the folder appears complete or not at all.
    """
    folder = cache / f"kafka-{KAFKA_VERSION}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServiceMissingError("mvn (Apache Maven) is not installed, so Apache Kafka's jars cannot be fetched")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kafka-fetch-") as work:
        pom = Path(work) / "pom.xml"
        pom.write_text(_POM)
        jars = Path(work) / "jars"
        command = [
            maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom), PLUGIN,
            "-DincludeScope=runtime", f"-DoutputDirectory={jars}",
        ]  # fmt: skip
        fetched = subprocess.run(command, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            message = f"Maven could not fetch Apache Kafka {KAFKA_VERSION}:\n{fetched.stdout[-2000:]}"
            raise ServiceMissingError(message)
        jars.rename(folder)
