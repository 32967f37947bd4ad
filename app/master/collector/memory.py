"""Gives memory back to the kernel that the C library keeps."""

import ctypes


def give_memory_back() -> None:
    """malloc_trim(3), where the C library has it: pages that a burst of readings needed and nobody uses any more."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
