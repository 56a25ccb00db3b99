"""Where OCSF events go: standard output, a file, a Kafka topic, an HTTP collector."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

import msgspec
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from alerting.channels.api import Failed, Retry
from alerting.channels.http import http_client, post
from alerting.ocsf.feed import Sink
from monitor.failure import Failure
from monitor.kafka_security import kafka_security
from monitor.settings import Settings
from streams.publisher import Message, Publisher

STANDARD_OUTPUT = "-"
KAFKA = "kafka:"
PAUSE_SECONDS = 5.0
ATTEMPTS = 5
"""Attempts of one delivery; where all fail the feed stops, and goes on from the same place the next time."""


def sink_for(to: str, settings: Settings, sleep: Callable[[float], None]) -> Sink:
    """Return the sink that an address names: `-`, a path, `kafka:TOPIC`, or `https://…`.

    Raises:
        Failure: where it cannot be used.
    """
    if to == STANDARD_OUTPUT:
        return _print
    if to.startswith(KAFKA):
        return _KafkaSink(to.removeprefix(KAFKA), settings)
    if to.startswith(("https://", "http://")):
        return _HttpSink(to, settings.siem_token.reveal() if settings.siem_token else "", sleep)
    return _FileSink(Path(to))


def _lines(events: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


def _print(events: Sequence[dict[str, Any]]) -> None:
    sys.stdout.write(_lines(events).decode())
    sys.stdout.flush()


def _append(file: FileIO, content: bytes) -> None:
    """Append the whole content, or nothing: half a line of a full disk would spoil the next one."""
    before = os.fstat(file.fileno()).st_size
    try:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), before)
        raise


class _FileSink:
    """Appends lines; what it was given is on the disk when it returns. Only its owner can read the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, events: Sequence[dict[str, Any]]) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                _append(file, _lines(events))
        except OSError as error:
            message = f"{self._path} cannot be written: {error.strerror}; nothing is lost, run it again"
            raise Failure(message) from None


class _KafkaSink:
    """Publishes one record an event, those of one case under one key."""

    def __init__(self, topic: str, settings: Settings) -> None:
        self._topic = topic
        self._settings = settings

    def __call__(self, events: Sequence[dict[str, Any]]) -> None:
        try:
            asyncio.run(self._publish(events))
        except (KafkaError, OSError) as error:
            message = f"the broker did not take the events ({type(error).__name__}); nothing is lost, run it again"
            raise Failure(message) from None

    async def _publish(self, events: Sequence[dict[str, Any]]) -> None:
        security = kafka_security(self._settings).for_aiokafka()
        publisher = Publisher(self._settings.broker, security, 8 * 1024 * 1024)
        try:
            if self._topic not in await publisher.start():
                message = f"there is no topic {self._topic}; make it, readable for the SIEM alone"
                raise Failure(message)
            messages = [
                Message(self._topic, event["metadata"]["uid"], msgspec.json.encode(event), []) for event in events
            ]
            _, failure = await publisher.publish(messages)
        finally:
            await publisher.stop()
        if failure is not None:
            raise failure


class _HttpSink:
    """Posts JSON lists with a bearer token; 408, 425, 429 and 5xx are tried again, everything else is refused."""

    def __init__(self, url: str, token: str, sleep: Callable[[float], None]) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = http_client()
        self._sleep = sleep

    def __call__(self, events: Sequence[dict[str, Any]]) -> None:
        content = msgspec.json.encode(list(events))
        reason = ""
        for _ in range(ATTEMPTS):
            answer = post(self._client, self._url, content, self._headers)
            if isinstance(answer, Retry):
                reason = answer.reason
                self._sleep(answer.after if answer.after is not None else PAUSE_SECONDS)
                continue
            if isinstance(answer, Failed):
                message = f"the collector refused the events ({answer.reason}); correct --to or WARDWATCH_SIEM_TOKEN"
                raise Failure(message)
            return
        message = f"the collector does not take events ({reason}); nothing is lost, run it again"
        raise Failure(message)
