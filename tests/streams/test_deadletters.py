"""Dead letters on a real broker: listed, sent again once, and counted."""

import pytest

from streams.deadletters import DeadLettersError, ReplayReport, read_letters, replay_letters
from streams.embedded import LOOPBACK, free_port
from streams.intake import Intake
from streams.records import CUT_HEADER, PAN_HEADER, REFUSED_HEADER, DeadLetter, SourceRecord
from streams.topics import DEADLETTERS, TopicPlan
from tests.conftest import Broker
from tests.streams.kafka_records import everything, send, topics
from tests.streams.samples import access, line, tokeniser


def letters_of(plan: TopicPlan) -> list[DeadLetter]:
    """Three refused records of one source topic, a detector's failure, and a letter that was cut."""
    topic = plan.name("access.events")
    headers = {"content-type": b"application/cloudevents+json", PAN_HEADER: b"yes", CUT_HEADER: b"no number"}
    values = [b"junk", line(access(actor={}), id="e2"), b"more junk"]
    records = [SourceRecord(topic, 1, n, 100.0 + n, value) for n, value in enumerate(values)]
    refused = Intake(tokeniser()).admit(records).dead_letters
    masked = DeadLetter(f"{topic}:0:9", "pan_found", "data", topic, 0, 9, 200.0, line(access()), headers)
    failed = DeadLetter("e1:A09", "detector_failed", "KeyError", plan.stage("user"), 0, 3, 300.0, b"\x90")
    cut = DeadLetter(f"{topic}:0:8", "too_large", "", topic, 0, 8, 400.0, b"beginning", cut_from=9_000_000)
    return [*refused, masked, failed, cut]


async def stored(broker: Broker, prefix: str) -> tuple[TopicPlan, list[DeadLetter]]:
    plan = topics(broker.bootstrap, prefix, [DEADLETTERS, "access.events"])
    letters = letters_of(plan)
    for letter in letters:
        await send(broker.bootstrap, plan.name(DEADLETTERS), letter.key, letter.encode())
    return plan, letters


async def test_letters_are_listed_oldest_first(broker: Broker, topics_prefix: str) -> None:
    plan, letters = await stored(broker, topics_prefix)
    await send(broker.bootstrap, plan.name(DEADLETTERS), letters[0].key, letters[0].encode())  # a redelivery
    await send(broker.bootstrap, plan.name(DEADLETTERS), b"x", b"\x93no letter")
    await send(broker.bootstrap, plan.name(DEADLETTERS), b"y", None)
    everyone = await read_letters(broker.bootstrap, plan)
    assert [item.letter for item in everyone.letters] == letters
    assert all(item.replayed == 0 for item in everyone.letters)
    assert everyone.by_reason == {
        "detector_failed": 1, "missing_field": 1, "not_json": 2, "pan_found": 1, "too_large": 1,
    }  # fmt: skip
    assert everyone.unreadable == 2

    junk = await read_letters(broker.bootstrap, plan, reasons=["not_json"])
    assert [item.letter.offset for item in junk.letters] == [0, 2]
    assert junk.by_reason == everyone.by_reason
    newest = await read_letters(broker.bootstrap, plan, limit=2)
    assert [item.letter.reason for item in newest.letters] == ["detector_failed", "too_large"]
    one = await read_letters(broker.bootstrap, plan, ids=[letters[1].id])
    assert [item.letter for item in one.letters] == [letters[1]]
    assert not (await read_letters(broker.bootstrap, plan, ids=["unheard of"])).letters
    assert not (await read_letters(broker.bootstrap, plan, limit=0)).letters


async def test_what_an_adapter_refused_is_mended_in_its_file(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, [DEADLETTERS, "access.events"])
    headers = {REFUSED_HEADER: b"missing_id", "ce_source": b"urn:example:ehr"}
    letter = DeadLetter("x:0:1", "missing_id", "line 2", plan.name("access.events"), 0, 1, 1.0, b"a,b", headers)
    await send(broker.bootstrap, plan.name(DEADLETTERS), letter.key, letter.encode())
    assert await replay_letters(broker.bootstrap, plan) == ReplayReport(not_replayable=1)


async def test_letters_are_sent_again_once(broker: Broker, topics_prefix: str) -> None:
    plan, letters = await stored(broker, topics_prefix)
    topic = plan.name("access.events")
    assert await replay_letters(broker.bootstrap, plan, reasons=["not_json", "detector_failed"]) == ReplayReport(
        replayed=2, not_replayable=1
    )
    assert await replay_letters(broker.bootstrap, plan) == ReplayReport(replayed=2, already=2, not_replayable=2)
    assert await replay_letters(broker.bootstrap, plan) == ReplayReport(already=4, not_replayable=2)
    assert await replay_letters(broker.bootstrap, plan, ids=[letters[2].id], force=True) == ReplayReport(replayed=1)

    sent = [record for _, record in await everything(broker.bootstrap, topic)]
    assert [(record.partition, record.value) for record in sent] == [
        (0, letters[3].payload),
        (1, b"junk"),
        (1, b"more junk"),
        (1, letters[1].payload),
        (1, b"more junk"),
    ]
    assert sent[0].headers == {"content-type": b"application/cloudevents+json"}
    counts = {item.letter.id: item.replayed for item in (await read_letters(broker.bootstrap, plan)).letters}
    assert [counts[letter.id] for letter in letters] == [1, 1, 2, 1, 0, 0]


async def test_an_empty_topic_holds_nothing(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, [DEADLETTERS])
    found = await read_letters(broker.bootstrap, plan)
    assert (found.letters, found.by_reason, found.unreadable) == ([], {}, 0)
    assert await replay_letters(broker.bootstrap, plan) == ReplayReport()


async def test_a_missing_topic_and_a_missing_broker_are_told(broker: Broker, topics_prefix: str) -> None:
    plan = TopicPlan(prefix=topics_prefix)
    with pytest.raises(DeadLettersError, match=f"there is no topic {topics_prefix}deadletters; create it with"):
        await read_letters(broker.bootstrap, plan)
    with pytest.raises(DeadLettersError, match="KafkaConnectionError while"):
        await read_letters(f"{LOOPBACK}:{free_port()}", plan)


async def test_a_letter_that_no_topic_takes_is_told_with_the_count(kafka_broker: Broker, topics_prefix: str) -> None:
    plan = topics(kafka_broker.bootstrap, topics_prefix, [DEADLETTERS, "access.events"])
    first, second, *_ = letters_of(plan)
    for letter in (first, second):
        await send(kafka_broker.bootstrap, plan.name(DEADLETTERS), letter.key, letter.encode())
    small = TopicPlan(prefix=topics_prefix, maximum_bytes=len(first.payload) + 200)
    with pytest.raises(DeadLettersError, match="MessageSizeTooLargeError after 1 letters were sent"):
        await replay_letters(kafka_broker.bootstrap, small)
    again = await replay_letters(kafka_broker.bootstrap, plan)
    assert again == ReplayReport(replayed=1, already=1)
