"""Every table of the store: the desk's own, and those of the areas, one import each."""

from alerting.auditing import tables as _auditing  # noqa: F401
from alerting.breach import tables as _breach  # noqa: F401
from alerting.feedback import tables as _feedback  # noqa: F401 -- as below
from alerting.muting import tables as _muting  # noqa: F401
from alerting.ocsf import tables as _ocsf  # noqa: F401
from alerting.oncall import tables as _oncall  # noqa: F401
from alerting.pagerduty import tables as _pagerduty  # noqa: F401
from alerting.questions import tables as _questions  # noqa: F401
from alerting.records import tables as _records  # noqa: F401
from alerting.routing import tables as _routing  # noqa: F401
from alerting.slack import tables as _slack  # noqa: F401
from alerting.standing import tables as _standing  # noqa: F401 -- its indexes
from alerting.store import pace_rows as _pace  # noqa: F401
from alerting.store import schema as _desk  # noqa: F401 -- its tables join METADATA when it is imported
from alerting.store.metadata import METADATA
from alerting.work import tables as _work  # noqa: F401

__all__ = ["METADATA"]
