"""How the process takes memory from the system."""

import ctypes

_M_ARENA_MAX = -8  # malloc.h


def share_one_heap() -> None:
    """Makes all threads of the process share one heap of glibc's malloc.

    By itself glibc gives each thread a heap of its own (mallopt(3), M_ARENA_MAX), and what a reading of ten thousand
    rows leaves free in one is of no use to the next thread. Does nothing on systems without mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
