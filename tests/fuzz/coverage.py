"""One target under Atheris, which follows the branches that an input takes: `python -m tests.fuzz.coverage TARGET …`.

Runs in the environment that `make fuzz` makes, which alone has Atheris; what follows the target's name are libFuzzer's
options and corpus folders.
"""

import sys
from random import Random

import atheris  # type: ignore[import-untyped]  # only in the environment of its own

with atheris.instrument_imports(include=["streams", "detectors"]):
    from tests.fuzz.properties import check
    from tests.fuzz.targets import TARGETS

from tests.fuzz.mutations import mutated

_OF_ATHERIS = 0.5
"""Share of mutations that libFuzzer makes itself; the others know how the formats are written."""


def main(name: str, options: list[str]) -> None:
    """Fuzz until the options say stop; an input that breaks a property ends the process and is kept as a file."""
    target = TARGETS[name]

    def one(content: bytes) -> None:
        check(name, content, [1 + len(content) // 3])

    def mutate(content: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < _OF_ATHERIS:
            return bytes(atheris.Mutate(content, longest))
        return mutated(content, random, target.syntax)[:longest]

    atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
