"""Tables (CSV, TSV, XLSX) to canonical events, by a mapping in YAML that a site can write."""

from streams.sources.tables.mapping import Mapping, MappingError
from streams.sources.tables.presets import PRESETS, load_mapping, preset_text
from streams.sources.tables.reading import read_table
from streams.sources.tables.sniffing import looks_like_table
from streams.sources.tables.tally import Tally
from streams.sources.tables.trial import Trial, try_mapping

__all__ = [
    "PRESETS",
    "Mapping",
    "MappingError",
    "Tally",
    "Trial",
    "load_mapping",
    "looks_like_table",
    "preset_text",
    "read_table",
    "try_mapping",
]
