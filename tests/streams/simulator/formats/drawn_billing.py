"""Claims, remittances and payments as hypothesis draws them."""

import datetime

from hypothesis import strategies as st

from detectors.events import (
    BillingTransaction,
    Event,
)
from detectors.events.billing import (
    Adjustment,
    AdjustmentReason,
    Amounts,
    Approval,
    BilledPatient,
    Card,
    Claim,
    Clerk,
    Diagnosis,
    Kind,
    Line,
    Link,
    Member,
    Party,
    Payment,
    PaymentClient,
)
from tests.streams.simulator.formats.values import cents, dates, event, maybe, moments, npis, plain, words


def parties(kinds: str = "12", *, taxonomy: bool = True) -> st.SearchStrategy[Party]:
    return st.builds(
        Party,
        npi=npis,
        taxonomy=maybe(plain) if taxonomy else st.just(""),
        entity=st.sampled_from(kinds),
        zip=maybe(st.from_regex(r"[0-9]{5}([0-9]{4})?", fullmatch=True)),
    )


billings = parties().map(
    lambda party: Party(npi=party.npi, taxonomy=party.taxonomy, tin_ref="T", entity="2", zip=party.zip)
)
referrers = st.builds(Party, npi=npis, entity=st.just("1"))
patients = st.builds(
    BilledPatient,
    ref=plain,
    birth_date=maybe(dates, None),
    sex=st.sampled_from(["F", "M", "U"]),
    death_date=maybe(dates, None),
    zip3=maybe(st.from_regex("[0-9]{3}", fullmatch=True)),
    state=maybe(st.sampled_from(["MA", "NH"])),
).map(lambda patient: patient if patient.birth_date else _without_sex(patient))


def _without_sex(patient: BilledPatient) -> BilledPatient:
    """DMG, which holds the sex, is there with a birth date only."""
    patient.sex = ""
    return patient


members = st.builds(Member, ref=plain, payer_id=plain, relationship=st.just("18"))
codes = st.from_regex("[0-9]{5}", fullmatch=True)
modifiers = st.lists(st.from_regex("[0-9A-Z]{2}", fullmatch=True), max_size=4)
adjustments = st.builds(
    Adjustment,
    group=st.sampled_from(["CO", "OA", "PI", "PR"]),
    carc=st.from_regex("[0-9]{1,3}", fullmatch=True),
    amount=cents,
)


@st.composite
def lines(draw: st.DrawFn, *, professional: bool, renderer: str, remit: bool) -> list[Line]:
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        first = draw(dates)
        by_code = professional or draw(st.booleans())
        line = Line(
            n=number,
            code=draw(codes) if by_code else "",
            code_system="HC" if by_code else "",
            modifiers=draw(modifiers) if by_code else [],
            revenue="" if professional else draw(st.from_regex("0[0-9]{3}", fullmatch=True)),
            units=draw(st.integers(0, 999)) / 4,
            unit_basis="UN",
            charge=draw(cents),
            dos_from=first,
            dos_to=draw(st.just(first) | st.just(first + datetime.timedelta(days=2))),
            rendering_npi=renderer if professional else "",
        )
        if remit:
            line.paid, line.allowed = draw(cents), draw(cents)
            line.adjustments = draw(st.lists(adjustments, max_size=8))
            line.adjustments.sort(key=lambda adjustment: adjustment.group)
            line.patient_resp = sum(part.amount for part in line.adjustments if part.group == "PR")
            line.charge = line.paid + sum(part.amount for part in line.adjustments)
        found.append(line)
    return found


def diagnoses(*, professional: bool) -> st.SearchStrategy[list[Diagnosis]]:
    def listed(found: list[str]) -> list[Diagnosis]:
        return [
            Diagnosis(code=code, system="icd10cm", role="other" if place else "principal", seq=place + 1)
            for place, code in enumerate(found)
        ]

    return st.lists(st.from_regex("[A-Z][0-9]{2,6}", fullmatch=True), min_size=1, max_size=10).map(listed)


@st.composite
def claims(draw: st.DrawFn, *, professional: bool) -> Event:
    """A claim whose dates, where it is professional, are those of its lines, as X12 has it."""
    kinds: list[Kind] = ["claim_submitted", "claim_replaced", "claim_voided"]
    kind = draw(st.sampled_from(kinds))
    person = draw(parties("1"))
    own = draw(lines(professional=professional, renderer=person.npi, remit=False))
    days = [day for line in own for day in (line.dos_from, line.dos_to) if day]
    admitted = draw(maybe(moments(), None))
    through = max(days)
    number = draw(plain) if kind != "claim_submitted" else ""
    about = Claim(
        pcn=draw(plain),
        payer_ccn=number,
        original_ref=number,
        frequency={"claim_replaced": "7", "claim_voided": "8"}.get(kind, "1"),
        type="professional" if professional else "institutional",
        pos=draw(st.sampled_from(["11", "21", "23"])) if professional else "",
        facility_code="" if professional else draw(st.sampled_from(["11", "13"])),
        from_=min(days),
        through=through,
        admit_at=admitted,
        discharge_at=_on(through, draw(moments())) if admitted else None,
        admission_type="" if professional else draw(st.sampled_from("123")),
        discharge_status="" if professional else draw(st.sampled_from(["01", "20"])),
        filing_indicator="MB",
        auth=draw(maybe(plain)),
        dx=draw(diagnoses(professional=professional)),
    )
    transaction = BillingTransaction(
        kind=kind,
        occurred_at=draw(moments(10_000)),
        recorded_at=draw(maybe(moments(), None)),
        claim=about,
        patient=draw(patients),
        member=draw(members),
        billing=draw(billings),
        lines=own,
        amounts=Amounts(charge=sum(line.charge for line in own)),
        links=draw(st.lists(st.builds(Link, rel=st.just("replaces"), id=plain), max_size=1)),
    )
    if professional:
        transaction.rendering, transaction.referring = person, draw(maybe(referrers, None))
    else:
        transaction.attending = person
    return event(transaction)


def _on(day: datetime.date, moment: datetime.datetime) -> datetime.datetime:
    return datetime.datetime.combine(day, moment.timetz())


@st.composite
def remits(draw: st.DrawFn) -> Event:
    """A remittance that balances: charge less adjustments is what is paid, line by line."""
    status = draw(st.sampled_from(["1", "4", "22"]))
    professional = draw(st.booleans())
    person = draw(parties("1"))
    own = draw(lines(professional=professional, renderer=person.npi, remit=True))
    if status == "4":
        for line in own:
            line.charge, line.paid, line.allowed, line.patient_resp = line.charge - line.paid, 0, 0, 0
            line.adjustments = [part for part in line.adjustments if part.group != "PR"]
            line.charge = sum(part.amount for part in line.adjustments)
    else:
        own[0].allowed = own[0].allowed or 1
    days = [day for line in own for day in (line.dos_from, line.dos_to) if day]
    moment = draw(moments())
    return event(
        BillingTransaction(
            kind={"1": "remit_paid", "4": "remit_denied", "22": "remit_reversed"}[status],  # type: ignore[arg-type]
            occurred_at=moment,
            recorded_at=draw(maybe(moments(), None)),
            claim=Claim(
                pcn=draw(plain),
                payer_ccn=draw(plain),
                frequency="1",
                status=status,
                type="professional" if professional else "institutional",
                pos="11" if professional else "",
                facility_code="" if professional else "13",
                from_=min(days),
                through=max(days),
                admit_at=draw(maybe(moments(), None)),
                discharge_at=draw(maybe(moments(), None)),
                admission_type="" if professional else "3",
                discharge_status="" if professional else "01",
                filing_indicator="MB",
                dx=draw(diagnoses(professional=professional)),
            ),
            patient=draw(patients),
            member=draw(members),
            billing=draw(billings),
            rendering=person if professional else None,
            referring=draw(maybe(referrers, None)),
            attending=None if professional else person,
            lines=own,
            amounts=Amounts(
                charge=sum(line.charge for line in own),
                allowed=sum(line.allowed for line in own),
                paid=sum(line.paid for line in own),
                patient_resp=sum(line.patient_resp for line in own),
                adjustment=sum(part.amount for line in own for part in line.adjustments),
            ),
            payment=Payment(
                method="ACH",
                direction="C",
                trace=draw(plain),
                effective=moment.date(),
                payer_id=draw(plain),
                payee_npi=draw(maybe(plain)),
                bank_fp=draw(maybe(st.sampled_from(["026009593|9900017", "token"]))),
            ),
            links=draw(st.lists(st.builds(Link, rel=st.just("pays"), id=plain), max_size=1)),
        )
    )


@st.composite
def payments(
    draw: st.DrawFn, kinds: tuple[Kind, ...] = ("patient_payment", "refund", "credit", "write_off", "adjustment")
) -> Event:
    kind = draw(st.sampled_from(kinds))
    is_payment = kind in ("patient_payment", "refund", "credit")
    card = st.builds(
        Card,
        token=words,
        bin=st.just("400012"),
        last4=st.from_regex("[0-9]{4}", fullmatch=True),
        brand=words,
        entry=words,
        avs=maybe(st.sampled_from(["N", "Y"])),
        cvv_result=maybe(st.sampled_from(["M", "N"])),
        response=st.sampled_from(["00", "05"]),
        country=st.just("US"),
    )
    client = st.builds(
        PaymentClient,
        ip=maybe(st.ip_addresses().map(str)),
        device_id=maybe(words),
        channel=st.sampled_from(["portal", "pos"]),
        terminal=maybe(words),
    )
    amount = abs(draw(cents.filter(bool)))
    return event(
        BillingTransaction(
            kind=kind,
            occurred_at=draw(moments()),
            recorded_at=draw(maybe(moments(), None)),
            patient=draw(patients),
            amounts=Amounts(paid=amount) if is_payment else Amounts(adjustment=amount),
            payment=Payment(
                method="card",
                direction="D",
                bank_fp=draw(maybe(words)),
                card=draw(maybe(card, None)),
                client=draw(maybe(client, None)),
            )
            if is_payment
            else None,
            adjustment=None if is_payment else AdjustmentReason(reason=draw(words)),
            user=draw(maybe(st.builds(Clerk, ref=words, role=maybe(words), dept=maybe(words)), None)),
            approval=draw(maybe(st.builds(Approval, user_ref=words, at=moments(), limit=st.integers(0, 10**9)), None)),
            links=[Link(rel="refunds", id=draw(plain))] if kind == "refund" else [],
        )
    )


@st.composite
def provider_adjustments(draw: st.DrawFn) -> Event:
    about = draw(parties("2", taxonomy=False))
    code = draw(st.sampled_from(["WO", "FB", "72"]))
    moment = draw(moments())
    return event(
        BillingTransaction(
            kind="provider_adjustment",
            occurred_at=moment,
            claim=Claim(payer_ccn=draw(plain)),
            billing=Party(npi=about.npi, tin_ref="T", entity="2"),
            amounts=Amounts(adjustment=draw(cents)),
            payment=Payment(
                method="ACH", direction="C", trace=draw(plain), effective=moment.date(), payer_id=draw(plain)
            ),
            adjustment=AdjustmentReason(reason=code, plb_code=code, fiscal_period=f"{draw(dates)}"),
        )
    )
