"""Shapes that several settings share."""

from typing import Annotated

from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]

HOST_AND_PORT = r"^[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*$"
WEB_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"
EMAIL = r"^([^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+)?$"
NAME = r"^[A-Za-z0-9._-]+$"
"""What Kafka allows in a topic name (org.apache.kafka.common.internals.Topic)."""
