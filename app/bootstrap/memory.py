"""How the process takes memory from the system, and how often it looks through it for garbage."""

import ctypes
import gc

_M_ARENA_MAX = -8  # malloc.h
YOUNG_OBJECTS = 20_000
"""So many more than before, and the youngest are looked through; Python's own figure is 700."""


def share_one_heap() -> None:
    """Makes all threads of the process share one heap of glibc's malloc.

    By itself glibc gives each thread a heap of its own (mallopt(3), M_ARENA_MAX), and what a reading of ten thousand
    rows, or a page of the database, leaves free in one is of no use to the next thread. Call it before threads are
    started. Does nothing on systems without mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def settle() -> None:
    """Call it once everything is imported and built: what is there now stays, and is not looked through for garbage.

    A full look through what a master has imported stops all its threads; a busy machine took 116 ms for one. The
    youngest objects are looked through less often too: a reading makes thousands that are freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
