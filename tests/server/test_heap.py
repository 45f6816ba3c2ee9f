import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import sys
from resource import RUSAGE_SELF, getrusage
from server.heap import keep_heap
if sys.argv[1] == "kept":
    keep_heap()
before = getrusage(RUSAGE_SELF).ru_minflt
for _ in range(50):
    answers = [bytes(20_000) for _ in range(100)]
    del answers
print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(heap: str) -> int:
    """How often a process asks the kernel for memory that takes and gives back two megabytes fifty times."""
    ran = subprocess.run([sys.executable, "-c", FAULTS, heap], capture_output=True, text=True, check=True)
    return int(ran.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="a setting of glibc's")
def test_what_is_given_back_is_there_for_the_next_one() -> None:
    assert page_faults("kept") < 2_000 < 10_000 < page_faults("as it comes")
