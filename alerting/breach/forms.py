"""The forms that officers fill in, as YAML with an explanation of each field."""

from alerting.breach.assessment import EXCLUSIONS, FACTORS, LEAST_NARRATIVE

_FACTOR = """\
# {about}
{name}:
  rating:          # low, medium or high
  narrative: >-
    {blank}
"""

_HEAD = """\
# Risk assessment of 45 CFR 164.402. Fill in, then: wardwatch breach assess INCIDENT --from THIS-FILE
# Narratives have {least} characters or more. Keep this file as you keep the case: it may hold PHI.

# Was the use or disclosure one that the Privacy Rule does not permit? true or false.
impermissible:

"""

_TAIL = """\
# breach            the presumption stands
# low_probability   that the PHI was compromised; needs all four factors
# exclusion         of 164.402(1); name it below
# secured           the PHI was encrypted or destroyed as HHS guidance says; say how, and where the key was
# permitted         the use or disclosure was allowed after all
conclusion: breach

# Only with the conclusion `exclusion`. Snooping is never the first: it is outside the scope of authority.
{exclusions}
exclusion:

# Why the conclusion holds, over all factors.
ground: >-
  {blank}
"""

STORY_FORM = """\
# What the notices of one breach tell (45 CFR 164.404(c)(1)). Plain words, no names, no numbers of people.
# It goes to everybody affected and, where there are many, to the media: write "patients' records", not "your record".

# (A) What happened, briefly, and the days of it. Leave the days empty where they are not known.
happened: >-
  ...
first_day:         # 2026-01-05
last_day:          # 2026-02-20

# (B) Which types of information: name, address, date_of_birth, ssn, drivers_license, other_identifier, diagnosis,
# lab_results, medications, treatment, claims, card_or_account, financial, other (then say what in information_more).
information: [name, date_of_birth]
information_more: ""

# (C) What people can do to protect themselves.
steps:
  - Read the statements of your health plan. Call the plan if you see a visit that you did not make.

# (D) What you do to look into it, to limit the harm, and to keep it from happening again.
actions: >-
  ...

# Only for the sheet for HHS.
hhs:
  types: [unauthorized]       # hacking, improper_disposal, loss, theft, unauthorized
  places: [emr]               # desktop, emr, email, laptop, server, portable, paper, other
  safeguards: [privacy]       # none, privacy, administrative, physical, technical
  description: ""
  actions: ""
  business_associate: ""
  tracking_number: ""
"""


def assessment_form() -> str:
    """Return the form of an assessment."""
    factors = "\n".join(_FACTOR.format(name=name, about=about, blank="...") for name, about in FACTORS.items())
    width = max(map(len, EXCLUSIONS)) + 3
    exclusions = "\n".join(f"# {name:{width}}{about}" for name, about in EXCLUSIONS.items())
    return _HEAD.format(least=LEAST_NARRATIVE) + factors + "\n" + _TAIL.format(exclusions=exclusions, blank="...")
