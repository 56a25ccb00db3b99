"""B28: a payee's account is changed by e-mail, unverified, by a clerk whose password was just reset."""

from collections.abc import Iterator

from detectors.events import BillingTransaction
from detectors.events.access import Resource, Source
from detectors.events.billing import Amounts, BankChange, Payment
from streams.simulator.injections.scene import Scene
from streams.simulator.record import BILLING_SOURCE, Simulated
from streams.simulator.sessions import REMOTE_CLASS
from streams.simulator.timing import instant

DAYS = 3
"""The first payment follows within days, where ten are the window (domain.md B28)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the reset, a login from outside, the change, and the first payment to the new account.

    Before the change it is no B28: a password that is reset is the help desk's daily work.
    """
    hospital, rng = scene.hospital, scene.rng
    clerk = scene.staff("billing_coding", "accounts")
    at = scene.at(rng.uniform(18.0, 19.0))
    password = Resource(type="Practitioner", id=hospital.actors[clerk].id, category="password")
    yield scene.deed(clerk, "user_attribute_change", at, resource=password, kind=REMOTE_CLASS)
    at = round(at + rng.uniform(120, 600), 3)
    yield scene.session(clerk, at, "login", kind=REMOTE_CLASS, labelled=True)
    at = round(at + rng.uniform(300, 1800), 3)
    payee, new = f"PAYEE-{scene.ordinal + 1:03d}", f"bank-x{scene.ordinal:05d}"
    change = BillingTransaction(
        kind="bank_account_change",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        user=hospital.clerk(clerk),
        bank_change=BankChange(payee_ref=payee, old_fp=f"bank-{payee}", new_fp=new, channel="email"),
    )
    yield scene.record(BILLING_SOURCE, at, change, labelled=True, completes=True)
    at = scene.at(20.5, min(DAYS, scene.days_left) - 1)
    payment = Payment(method="ach", direction="C", trace=f"EFT-{scene.name}-{scene.ordinal}", bank_fp=new)
    credited = BillingTransaction(
        kind="credit",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        amounts=Amounts(paid=int(rng.integers(2_000_000, 9_000_000))),
        payment=payment,
        user=hospital.clerk(clerk),
    )
    yield scene.record(BILLING_SOURCE, at, credited, labelled=True)
