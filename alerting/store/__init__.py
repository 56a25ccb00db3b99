"""Where incidents, findings, timelines, notices and the ledger are kept."""

from alerting.store.create import create_schema
from alerting.store.engine import open_engine
from alerting.store.ledger_rows import Totals
from alerting.store.store import Case, Ledger, Store

__all__ = ["Case", "Ledger", "Store", "Totals", "create_schema", "open_engine"]
