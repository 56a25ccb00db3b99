"""A17: a password is guessed: many failed logins, then one that succeeds."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import REMOTE_CLASS

FAILURES = 14
"""At least ten failures and a success within ten minutes (domain.md A17)."""
_SECONDS = 420.0


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the failures over seven minutes and, half a minute later, the success."""
    user = scene.staff("ma_registrar", "clinic")
    begin = scene.at(scene.rng.uniform(20.0, 22.0))
    for moment in sorted(scene.rng.uniform(0, _SECONDS, FAILURES).tolist()):
        yield scene.session(user, round(begin + moment, 3), "login_failed", kind=REMOTE_CLASS, labelled=True)
    yield scene.session(user, begin + _SECONDS + 30, "login", kind=REMOTE_CLASS, labelled=True)
