"""What `wardwatch doctor` looks at of detection: rules, thresholds, reference tables, models."""

from collections.abc import Callable

from monitor.catalogue import read_rules
from monitor.health import Check
from monitor.model_files import current_models
from monitor.reference_tables import USUAL_NAMES, read_references, with_folder
from monitor.settings import Settings
from monitor.threshold_file import read_thresholds

BLIND_WITHOUT = {
    "service_minutes": "B05",
    "diagnosis_departments": "explanation T5",
    "procedure_pairs": "B02 and B18",
    "unit_limits": "B03",
    "code_attributes": "B16",
    "global_days": "B36",
    "drg_weights": "B35",
    "provider_registry": "a part of B15",
    "zip_places": "B13",
}
"""Setting of a table to what is silent without it."""


def check_rules(settings: Settings) -> Check:
    """Load all rules, with those of the site."""
    rules = read_rules(settings)
    return Check(ok=True, detail=f"{len(rules.rules) + len(rules.correlations)} rules")


def check_thresholds(settings: Settings) -> Check:
    """Read the site's thresholds."""
    read_thresholds(settings)
    return Check(ok=True, detail="the defaults" if settings.thresholds is None else str(settings.thresholds))


def check_tables(settings: Settings) -> Check:
    """Read every table, and tell which patterns are silent for want of one; that is for the site to decide."""
    read_references(settings)
    named = with_folder(settings)
    absent = [name for name in USUAL_NAMES if getattr(named, name) is None]
    blind = f"; silent without {', '.join(f'{name} ({BLIND_WITHOUT[name]})' for name in absent)}" if absent else ""
    return Check(ok=True, detail=f"{len(USUAL_NAMES) - len(absent)} of {len(USUAL_NAMES)} are there{blind}")


def check_models(settings: Settings) -> Check:
    """Load the trained models that are in use."""
    if settings.model_public_key is None:
        return Check(ok=True, detail="none are used: WARDWATCH_MODEL_PUBLIC_KEY is not set")
    used = current_models(settings)
    return Check(
        ok=True, detail=", ".join(f"{name} {manifest.version}" for name, (_, manifest) in used.items()) or "none"
    )


DETECTION_CHECKS: dict[str, Callable[[Settings], Check]] = {
    "rules": check_rules,
    "thresholds": check_thresholds,
    "tables": check_tables,
    "models": check_models,
}
