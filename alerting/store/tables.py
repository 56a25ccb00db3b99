"""Every table of the store: the desk's own, and those of the areas, one import each."""

from alerting.breach import tables as _breach  # noqa: F401
from alerting.pagerduty import tables as _pagerduty  # noqa: F401
from alerting.store import schema as _desk  # noqa: F401 -- its tables join METADATA when it is imported
from alerting.store.metadata import METADATA

__all__ = ["METADATA"]
