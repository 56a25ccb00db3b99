"""The page of the simulated hospital, made from what its injections and decoys say of themselves."""

import inspect

from streams.simulator.decoys import descriptions
from streams.simulator.injections import INJECTIONS
from streams.simulator.parameters import DRIFT_DAY, DUPLICATE_SHARE, LATE_SHARE, ROLES, UNEXPLAINED, VERY_LATE_SHARE

_SMALL = 0.01


def hospital_document() -> str:
    """Return the text of `docs/hospital.md`."""
    staff = ", ".join(f"{role.n} {role.name}" for role in ROLES)
    rows_of_injections = "\n".join(
        f"| {name} | {_says(injection.inject)} | {injection.incidents(1.0, 30)} | {injection.incidents(_SMALL, 30)} |"
        for name, injection in INJECTIONS.items()
    )
    rows_of_decoys = "\n".join(f"| `{name}` | {says} |" for name, says in descriptions().items())
    return f"""# What is in the simulated hospital

Made by `make golden`; do not edit. Sizes are those of `--scale 1`, a hospital of 400 beds; all but a few least numbers
follow the scale. The same seed gives the same hospital, event by event.

- **Staff**: {staff}, who work in shifts, log in on machines of their department, a few from home.
- **Patients**: 120,000 who come to clinics, to the emergency department and to wards, or do not come in these weeks.
- **Context**: staff records, rosters, appointments, encounters with their reasons, orders, care teams and work queues,
  each known when the hospital's other systems would know it, from six weeks before the start on.
- **Accesses**: {100 * (1 - UNEXPLAINED):g} of 100 accesses of people have a reason that context tells; the rest is the
  habit of few. Emergency overrides, exports, reports and changes of rights by identity management are there, too.
- **Claims**: levels of visits by specialty, referrals to laboratories, imaging and therapy, payments, denials,
  replacements, voids; patients' payments, refunds, write-offs, changes of payees' accounts.
- **Drift**: from day {DRIFT_DAY + 1} on a new module makes nurses, registrars and laboratories open more charts.
- **Arrival**: {100 * LATE_SHARE:g} of 100 records come late (median 20 s), {100 * VERY_LATE_SHARE:g} of 100 one to
  three days late, {1000 * DUPLICATE_SHARE:g} of 1,000 twice. Incidents and decoys come on time.

`wardwatch simulate` writes, beside events and context, `labels.csv` (`event_id,scenario,incident,completes`),
`decoys.csv` (`event_id,decoy`) and the reference tables that `WARDWATCH_TABLES_DIR` names; `exclusions.csv` is a list
of exclusions (LEIE) for `wardwatch ingest`. `completes` is `yes` where what came before is by definition no case yet:
a payee's account has to be changed before money can be diverted (B28).

## Incidents

An incident is one actor's story. The numbers are for 30 days, at scale 1 and at {_SMALL}.

| scenario | what happens | scale 1 | scale {_SMALL} |
|---|---|---:|---:|
{rows_of_injections}

## Decoys

Ordinary work that looks suspicious. None may alert above severity medium.

| decoy | what happens |
|---|---|
{rows_of_decoys}
"""


def _says(inject: object) -> str:
    """Return what a module says of its scenario, without the id before it."""
    module = inspect.getmodule(inject)
    said = inspect.getdoc(module) or ""
    return said.partition(": ")[2]
