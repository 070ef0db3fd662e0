"""Random bytes drawn a stock at a time."""

import os
import threading

from gateway.security.randomness import random_bytes


def test_no_byte_is_given_out_twice_however_many_stocks_are_used_up():
    taken = [random_bytes(16) for _ in range(5_000)]
    assert all(len(one) == 16 for one in taken)
    assert len(set(taken)) == len(taken)


def test_threads_draw_from_stocks_of_their_own():
    taken: list[bytes] = []

    def draw() -> None:
        taken.extend([random_bytes(16) for _ in range(500)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 2_000


def test_a_forked_child_gives_out_other_bytes_than_its_parent():
    random_bytes(1)  # so that there is a stock to inherit
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, random_bytes(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 16) != random_bytes(16)
    os.close(reading)
    os.close(writing)
