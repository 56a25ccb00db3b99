from collections.abc import Callable

import pytest

from detectors.sigma.condition import Condition, ConditionError, Name, Not, parse_condition


def holds(condition: Condition, truths: dict[str, bool]) -> bool:
    if isinstance(condition, Name):
        return truths[condition.name]
    if isinstance(condition, Not):
        return not holds(condition.item, truths)
    answers = [holds(item, truths) for item in condition.items]
    return all(answers) if type(condition).__name__ == "And" else any(answers)


# Each table lists the answers for (a, b, c) counted in binary from 000 to 111, worked out by hand.
TABLES = {
    "a": "00001111",
    "not a": "11110000",
    "not not a": "00001111",
    "a and b": "00000011",
    "a or b": "00111111",
    "a or b and c": "00011111",
    "a and b or c": "01010111",
    "(a or b) and c": "00010101",
    "not a and b": "00110000",
    "not (a and b)": "11111100",
    "not a or b": "11110011",
    "a and not b or not c": "10101110",
    "not a and not b and not c": "10000000",
    "a and (b or (not c))": "00001011",
    "((a))": "00001111",
}


@pytest.mark.parametrize(("text", "table"), TABLES.items())
def test_precedence_gives_the_truth_table(text: str, table: str) -> None:
    condition = parse_condition(text, ["a", "b", "c"])
    for row, answer in enumerate(table):
        truths = {"a": bool(row & 4), "b": bool(row & 2), "c": bool(row & 1)}
        assert holds(condition, truths) is (answer == "1"), truths


SELECTIONS = ["sel_a", "sel_b", "filter_x", "_hidden"]
QUANTITIES: dict[str, Callable[[dict[str, bool]], bool]] = {
    "1 of sel*": lambda t: t["sel_a"] or t["sel_b"],
    "1 of sel_*": lambda t: t["sel_a"] or t["sel_b"],
    "1 of *_x": lambda t: t["filter_x"],
    "all of sel*": lambda t: t["sel_a"] and t["sel_b"],
    "1 of them": lambda t: t["sel_a"] or t["sel_b"] or t["filter_x"],
    "all of them": lambda t: t["sel_a"] and t["sel_b"] and t["filter_x"],
    "1 of *": lambda t: t["sel_a"] or t["sel_b"] or t["filter_x"],
    "1 of _*": lambda t: t["_hidden"],
    "all of sel* and not 1 of filter*": lambda t: t["sel_a"] and t["sel_b"] and not t["filter_x"],
    "not 1 of sel*": lambda t: not (t["sel_a"] or t["sel_b"]),
    "not all of sel* or _hidden": lambda t: not (t["sel_a"] and t["sel_b"]) or t["_hidden"],
}


@pytest.mark.parametrize("text", QUANTITIES)
def test_quantities_bind_tightest(text: str) -> None:
    condition = parse_condition(text, SELECTIONS)
    for row in range(16):
        truths = {name: bool(row >> place & 1) for place, name in enumerate(SELECTIONS)}
        assert holds(condition, truths) is QUANTITIES[text](truths), truths


REFUSED = {
    "": "ends where a selection was expected",
    "a and": "ends where a selection was expected",
    "a b": "expected and, or or the end, not 'b'",
    "(a": "a bracket is not closed",
    "a)": "expected and, or or the end, not ')'",
    "d": "there is no selection 'd'; there are a, b, c",
    "a AND b": "write and in lower case",
    "a | count() > 5": "write a correlation rule",
    "2 of them": "write 1 of or all of",
    "1 of x*": "no selection fits 'x*'",
    "1 of": "after of comes",
    "a & b": "'&' has no meaning",
    "not": "ends where a selection was expected",
    "(" * 60 + "a" + ")" * 60: "nests deeper than 50",
    "not " * 5000 + "a": "nests deeper than 50",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_nonsense_is_refused_with_advice(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(text, ["a", "b", "c"])
    assert message in str(refused.value)
