"""What a catalogue id is called where several rules have it: none of them may lend its words to the others.

A notice names rules by their id, and "first access to a protected part" says much more than "access without a known
reason". These titles leave the house, so they are neutral (domain.md §4.6).
"""

FAMILY_TITLES: dict[str, str] = {
    "A01": "Access without a known reason",
    "A02": "Chart of a colleague without a known reason",
    "A05": "Own record opened or changed",
    "A06": "Record of public interest without a known reason",
    "A07": "Emergency access to review",
    "A09": "More different charts than usual",
    "A11": "Access at an unusual time",
    "A15": "One account in use at two places",
    "A17": "Failed logins",
    "A17b": "Login or reset of an account to review",
    "A18": "Right granted or used in an unusual way",
    "A19": "Records opened as a machine would",
    "A19b": "Unusual searches for patients",
    "A21": "Protected records without a known reason",
    "A22": "Clinical notes read by a clerk without a task",
    "A26": "Unusual use of portal accounts",
    "A27": "Audit log or its recording to review",
    "A30": "Access of a vendor to review",
    "B22": "Refund to review",
    "B23": "Adjustment to review",
    "B27": "Payments on one account to review",
}
