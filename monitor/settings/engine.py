"""How a worker runs, and what it detects with."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.kafka_security import KafkaSecuritySettings


class EngineSettings(KafkaSecuritySettings, frozen=True, kw_only=True):
    """How a worker runs, and what it detects with."""

    intake_batch: Annotated[
        int, Meta(ge=1, le=20_000, description="Most records that intake takes at once.", examples=["1000"])
    ] = 500
    fast_drain: Annotated[
        bool,
        Meta(
            description="Hand fetched records to the agents in sets instead of one by one: about twice as fast. "
            "Turn off to rule it out as a cause.",
            examples=["false"],
        ),
    ] = True
    table_store: Annotated[
        Literal["memory", "rocksdb"],
        Meta(description="Where a worker keeps its profiles: in memory, or on disk.", examples=["rocksdb"]),
    ] = "memory"
    recovery_check: Annotated[
        bool,
        Meta(
            description="Refuse to start where profiles on disk are ahead of Kafka's copy. Turn off for the embedded "
            "broker of the demo only.",
            examples=["false"],
        ),
    ] = True
    data_dir: Annotated[
        Path,
        Meta(description="Folder of the local database, profiles on disk and models.", examples=["/var/lib/wardwatch"]),
    ] = Path("wardwatch-data")
    database_url: Annotated[
        Secret | None,
        Meta(
            description="SQLAlchemy address of the incident store (SQLite or PostgreSQL); without it "
            "`wardwatch.sqlite` in `data_dir`.",
            examples=["postgresql+psycopg://wardwatch:…@db/wardwatch"],
        ),
    ] = None
    model_dir: Annotated[
        Path | None,
        Meta(
            description="Folder of the model store; without it `models` in `data_dir`.",
            examples=["/var/lib/wardwatch/models"],
        ),
    ] = None
    model_public_key: Annotated[
        Path | None,
        Meta(
            description="File with the public key (PEM, Ed25519) that signatures of models must match; without it no "
            "trained model is loaded.",
            examples=["/etc/wardwatch/models.pub"],
        ),
    ] = None
    rules_dir: Annotated[
        Path | None,
        Meta(
            description="Folder of the site's own rules in Sigma syntax, beside those that come with Wardwatch; "
            "lists that they name are in its folder `lists`.",
            examples=["/etc/wardwatch/rules"],
        ),
    ] = None
    thresholds: Annotated[
        Path | None,
        Meta(
            description="YAML file of the thresholds and lists of detectors that differ here from their defaults "
            "(docs/thresholds.md).",
            examples=["/etc/wardwatch/thresholds.yml"],
        ),
    ] = None
    tables_dir: Annotated[
        Path | None,
        Meta(
            description="Folder of reference tables. A table that no setting below names is taken from the file of its "
            "usual name there, if there is one: `service_minutes.csv`, `diagnosis_departments.csv`, "
            "`procedure_pairs.csv`, `unit_limits` (a folder), `code_attributes.csv`, `global_days.csv`, "
            "`drg_weights.csv`, `providers.csv`, `zip_places.csv`.",
            examples=["/etc/wardwatch/tables"],
        ),
    ] = None
    service_minutes: Annotated[
        Path | None,
        Meta(
            description="CSV file `code,minutes,each,share` with the fewest minutes of each procedure code, for the "
            "rule of impossible days (B05), which is silent without it.",
            examples=["/etc/wardwatch/minutes.csv"],
        ),
    ] = None
    diagnosis_departments: Annotated[
        Path | None,
        Meta(
            description="CSV file `department,diagnosis` that says which department answers for which diagnoses "
            "(`Cardiology,I2`: all ICD-10-CM codes that begin so); without it no access is explained by template T5.",
            examples=["/etc/wardwatch/diagnosis-departments.csv"],
        ),
    ] = None
    procedure_pairs: Annotated[
        Path | None,
        Meta(
            description="CSV or tab-separated file of code pairs that may not be billed together, as CMS publishes the "
            "practitioner edits (NCCI PTP), for the rules of unbundling and modifier 59 (B02, B18), silent without it.",
            examples=["/etc/wardwatch/procedure-pairs.csv"],
        ),
    ] = None
    unit_limits: Annotated[
        Path | None,
        Meta(
            description="Folder of the medically unlikely units as CMS publishes them (NCCI MUE), a file for each "
            "quarter, named by its first day (`2026-01-01.csv`), for the rule of units (B03), silent without it.",
            examples=["/etc/wardwatch/unit-limits"],
        ),
    ] = None
    code_attributes: Annotated[
        Path | None,
        Meta(
            description="CSV file `code,sex,min_age,max_age,from,to` of codes that are for one sex or for some ages, "
            "for the rule of billing quality B16, which without it hears only of denials.",
            examples=["/etc/wardwatch/code-attributes.csv"],
        ),
    ] = None
    global_days: Annotated[
        Path | None,
        Meta(
            description="CSV file with the days of follow-up that the price of a procedure includes (`HCPCS,GLOB "
            "DAYS`, as in the Medicare fee schedule), for the rule of global periods (B36), silent without it.",
            examples=["/etc/wardwatch/global-days.csv"],
        ),
    ] = None
    drg_weights: Annotated[
        Path | None,
        Meta(
            description="CSV file with weights and mean lengths of stay of diagnosis-related groups (`MS-DRG, MS-DRG "
            "Title, Weights, Geometric mean LOS, Arithmetic mean LOS`, as in Table 5 of Medicare's inpatient rule), "
            "for the rule of upcoded stays (B35), silent without it.",
            examples=["/etc/wardwatch/drg-weights.csv"],
        ),
    ] = None
    provider_registry: Annotated[
        Path | None,
        Meta(
            description="Extract of the national provider registry (NPPES, CSV), for numbers that were deactivated "
            "(B15).",
            examples=["/etc/wardwatch/providers.csv"],
        ),
    ] = None
    zip_places: Annotated[
        Path | None,
        Meta(
            description="CSV file `zip,lat,lon` that says where ZIP codes lie (three digits stand for all that begin "
            "so), for the rule of places too far apart (B13), silent without it.",
            examples=["/etc/wardwatch/zip-places.csv"],
        ),
    ] = None
    alerts_per_day: Annotated[
        float,
        Meta(
            gt=0,
            le=100_000,
            description="Alerts a day that people can look at; the threshold follows. Rules that are high or critical "
            "always alert.",
            examples=["40"],
        ),
    ] = 25.0

    @property
    def database(self) -> str:
        """The address of the incident store."""
        return self.database_url.reveal() if self.database_url else f"sqlite:///{self.data_dir / 'wardwatch.sqlite'}"

    @property
    def models(self) -> Path:
        """The folder of the model store."""
        return self.model_dir or self.data_dir / "models"
