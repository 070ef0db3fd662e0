"""The events that every contender is given."""

import json
from collections import defaultdict

from ops.bench.backlog import EVENTS_PER_WORKER, made


def test_every_event_is_as_long_as_asked_for_and_json_with_its_own_id():
    events = made(5, 40, 1_024)
    assert {len(event.body) for event in events} == {1_024}
    assert [json.loads(event.body)["id"] for event in events] == [event.event_id for event in events]
    assert len({event.event_id for event in events}) == 40


def test_a_workers_versions_follow_each_other_and_every_run_makes_the_same():
    versions = defaultdict(list)
    for event in made(0, 8 * EVENTS_PER_WORKER, 200):
        versions[event.worker_id].append(event.version)
    assert list(versions.values()) == [list(range(1, EVENTS_PER_WORKER + 1))] * 8
    assert made(3, 10, 200) == made(3, 10, 200)
