"""Several statements in one round trip: what is sent together is answered in order, and fails together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from gateway.store import pg_trip
from gateway.store.pg_arrays import pg_array
from gateway.store.pg_trip import ask, statement, truth, whole
from tests.intake_world import World, submission, world

INSERT = statement("INSERT INTO capture_cursors SELECT s, '', '' FROM unnest(CAST(:sources AS VARCHAR[])) AS given(s)")
COUNT = statement("SELECT count(*) FROM capture_cursors", whole)
ECHO = statement(
    """
    SELECT t, n, b, v
    FROM unnest(CAST(:t AS TEXT[]), CAST(:n AS BIGINT[]), CAST(:b AS BYTEA[]), CAST(:v AS BOOLEAN[]))
        AS given(t, n, b, v)
    """,
    *(bytes.decode, whole, bytes, truth),
)


@pytest.fixture
def house(postgres_url: str) -> Iterator[World]:
    with world(postgres_url) as built:
        yield built


def inserting(*sources: str) -> pg_trip.Question:
    return INSERT, {"sources": pg_array("VARCHAR", sources)}


def stored(house: World) -> int:
    with house.database.read() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM capture_cursors")).scalar_one()
        return count


def test_every_answer_is_its_own_questions_and_sees_the_ones_before(house: World) -> None:
    with house.database.write() as connection:
        answers = ask(connection, [(COUNT, {}), inserting("a", "b"), (COUNT, {}), inserting("c"), (COUNT, {})])
    assert answers == [[(0,)], [], [(2,)], [], [(3,)]]
    assert stored(house) == 3


def test_values_come_back_as_they_went_nulls_and_negatives_included(house: World) -> None:
    rows = [("Lò Thị Mai", -(2**62), b"\x00\xff", True), (None, None, None, None), ("", 0, b"", False)]
    columns = zip(("t", "n", "b", "v"), ("TEXT", "BIGINT", "BYTEA", "BOOLEAN"), zip(*rows, strict=True), strict=True)
    with house.database.write() as connection:
        assert ask(connection, [(ECHO, {name: pg_array(kind, values) for name, kind, values in columns})]) == [rows]


def test_more_than_any_buffer_holds_is_sent_and_answered(house: World) -> None:
    large = [bytes(200_000)] * 40
    empty = {"t": pg_array("TEXT", []), "n": pg_array("BIGINT", []), "v": pg_array("BOOLEAN", [])}
    with house.database.write() as connection:
        question: pg_trip.Question = (ECHO, {**empty, "b": pg_array("BYTEA", large)})
        first, second = ask(connection, [question, question])
    assert [row[2] for row in first] == [row[2] for row in second] == large


def test_when_one_fails_nothing_after_it_is_done_the_commit_neither(house: World) -> None:
    with pytest.raises(IntegrityError), house.database.write() as connection:
        ask(connection, [inserting("a"), inserting("a"), inserting("b")], commit=True)
    assert stored(house) == 0
    with house.database.write() as connection:
        ask(connection, [inserting("a")], commit=True)
    assert stored(house) == 1


def test_a_commit_in_the_trip_ends_the_transaction(house: World) -> None:
    def commit_and_fail() -> None:
        with house.database.write() as connection:
            ask(connection, [inserting("a")], commit=True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit_and_fail()
    assert stored(house) == 1


def test_statements_that_the_driver_dropped_are_prepared_anew(house: World) -> None:
    assert house.one(submission(1)).state == "accepted"
    with house.database.read() as connection:
        connection.exec_driver_sql("DEALLOCATE ALL")
    assert house.one(submission(2)).state == "accepted"


def test_a_connection_that_ended_fails_once_and_is_replaced(house: World) -> None:
    def ask_after_its_end() -> None:
        with house.database.write() as connection:
            ask(connection, [inserting("a")])
            with house.database.read() as other:
                ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                other.exec_driver_sql(f"{ending} AND datname = current_database()")
            ask(connection, [(COUNT, {})])

    with pytest.raises(OperationalError):
        ask_after_its_end()
    assert house.one(submission(1)).state == "accepted"


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_trip, "ANSWER_WITHIN_S", 0.2)
    with pytest.raises(DBAPIError, match="does not answer"), house.database.write() as connection:
        ask(connection, [(statement("SELECT pg_sleep(5)", bytes), {})])
    assert house.one(submission(1)).state == "accepted"
