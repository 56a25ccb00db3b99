"""The risk assessment of 45 CFR 164.402: four factors, exclusions, secured PHI, and what must be written down for each.

An impermissible use or disclosure is presumed to be a breach (164.402(2)). Whoever says otherwise has the burden of
proof (164.414(b)), so every conclusion needs its ground in words.
"""

from typing import Literal, TypeAlias, get_args

from msgspec import Struct

Rating: TypeAlias = Literal["low", "medium", "high"]

Conclusion: TypeAlias = Literal["breach", "low_probability", "exclusion", "secured", "permitted"]
"""`breach`: the presumption stands. `low_probability`: that PHI was compromised (164.402(2)). `exclusion`: one of
164.402(1). `secured`: the PHI was encrypted or destroyed as HHS guidance says, so the rule does not apply.
`permitted`: the use or disclosure was allowed after all."""

Exclusion: TypeAlias = Literal["unintentional_good_faith", "inadvertent_between_authorized", "could_not_retain"]
"""164.402(1)(i) to (iii). Snooping is never (i): it is outside the scope of authority."""

Presumption: TypeAlias = Literal["undetermined", "presumed", "breach", "not_breach"]

FACTORS = {
    "nature": "nature and extent of the PHI: types of identifiers, likelihood of re-identification (164.402(2)(i))",
    "recipient": "the unauthorized person who used the PHI or received it (164.402(2)(ii))",
    "acquired": "whether the PHI was actually acquired or viewed (164.402(2)(iii))",
    "mitigation": "the extent to which the risk has been mitigated (164.402(2)(iv))",
}
EXCLUSIONS: dict[Exclusion, str] = {
    "unintentional_good_faith": "(i) unintentional, in good faith, within the scope of authority, nothing further done",
    "inadvertent_between_authorized": "(ii) inadvertent, between people authorized at the same entity",
    "could_not_retain": "(iii) good-faith belief that the recipient could not have retained it",
}
LEAST_NARRATIVE = 20
"""Characters: enough that a reviewer can tell one ground from another; "n/a" is none."""
NEEDS_FACTORS: frozenset[Conclusion] = frozenset({"breach", "low_probability"})


class Factor(Struct, frozen=True, forbid_unknown_fields=True):
    """One factor: how grave, and why. `mitigation` is rated by the risk that is left."""

    rating: Rating | None = None
    narrative: str = ""

    def __repr__(self) -> str:
        return f"<Factor {self.rating}>"


class Assessment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wrote down about one possible breach; all texts may hold PHI.

    `impermissible` says whether the use or disclosure was one that the Privacy Rule does not permit, None while that
    is open. `ground` is why the conclusion holds, over all factors; for an exclusion, for secured PHI (which guidance,
    which encryption, where the key was) and for what was permitted, it is the whole narrative.
    """

    impermissible: bool | None = None
    nature: Factor = Factor()
    recipient: Factor = Factor()
    acquired: Factor = Factor()
    mitigation: Factor = Factor()
    conclusion: Conclusion = "breach"
    exclusion: Exclusion | None = None
    ground: str = ""

    def __repr__(self) -> str:
        return f"<Assessment {self.conclusion}>"

    @property
    def factors(self) -> dict[str, Factor]:
        """The four factors by name, in the order of the rule."""
        return {name: getattr(self, name) for name in FACTORS}


def missing(assessment: Assessment) -> list[str]:
    """Return what an assessment lacks before it can be approved, a sentence each; none quotes what was written."""
    lacks = []
    if assessment.impermissible is None:
        lacks.append("impermissible: say whether the use or disclosure was one that is not permitted")
    elif assessment.impermissible == (assessment.conclusion == "permitted"):
        lacks.append("conclusion: `permitted` is for what was not impermissible, and only for that")
    if assessment.conclusion in NEEDS_FACTORS:
        for name, factor in assessment.factors.items():
            if factor.rating is None:
                lacks.append(f"{name}: a rating is needed ({', '.join(get_args(Rating))})")
            if not _is_narrative(factor.narrative):
                lacks.append(f"{name}: a narrative of {LEAST_NARRATIVE} characters or more is needed")
    if (assessment.exclusion is not None) != (assessment.conclusion == "exclusion"):
        lacks.append("exclusion: the conclusion `exclusion` names one of them, and no other conclusion does")
    if not _is_narrative(assessment.ground):
        lacks.append(f"ground: why the conclusion holds, in {LEAST_NARRATIVE} characters or more")
    return lacks


def remarks(assessment: Assessment) -> list[str]:
    """Return what whoever approves should think about."""
    if assessment.conclusion != "low_probability":
        return []
    return [
        f"{name} is rated {factor.rating}, and yet the probability of compromise is said to be low"
        for name, factor in assessment.factors.items()
        if factor.rating in ("medium", "high")
    ]


def presumption(assessment: Assessment | None, *, is_approved: bool) -> Presumption:
    """Return what holds: an impermissible use is presumed to be a breach until another conclusion is approved."""
    if assessment is None:
        return "undetermined"
    if is_approved:
        return "breach" if assessment.conclusion == "breach" else "not_breach"
    return "presumed" if assessment.impermissible else "undetermined"


def _is_narrative(text: str) -> bool:
    return len(" ".join(text.split())) >= LEAST_NARRATIVE
