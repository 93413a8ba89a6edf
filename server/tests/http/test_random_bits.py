import os

from entity_server.http.random_bits import random_bits


def test_there_are_so_many_bits() -> None:
    drawn = [random_bits(11) for _ in range(5000)]

    assert (min(drawn) >= 0, max(drawn) < 2**11, max(drawn) >= 2**10, len(set(drawn)) > 1000) == (True,) * 4


def test_no_number_comes_again() -> None:
    assert len({random_bits(80) for _ in range(5000)}) == 5000


def test_a_process_that_was_forked_draws_others() -> None:
    random_bits(80)
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        os.write(tell, str(random_bits(80)).encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert int(os.read(told, 100)) != random_bits(80)
    os.close(told)
    os.close(tell)
