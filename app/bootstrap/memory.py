"""What a long-running process does with memory that it no longer needs."""

import ctypes

_M_MMAP_THRESHOLD = -3  # malloc.h
_THRESHOLD_BYTES = 128 * 1024


def give_back_large_blocks() -> None:
    """Makes glibc give each block above 128 KiB back to the system as soon as it is freed.

    By itself glibc raises that threshold to the size of whatever was freed (mallopt(3), M_MMAP_THRESHOLD): after the
    first answer of 5 MB, a slave would keep 30 MB more for good. Does nothing on systems without mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)
