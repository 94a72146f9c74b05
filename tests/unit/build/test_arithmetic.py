"""No product of matrices wakes other cores, which would spin beside the calls."""
import subprocess
import sys

MULTIPLY = """
import os
import switch.cli
import numpy as np
np.ones((600, 600), np.float32) @ np.ones((600, 600), np.float32)
print(len(os.listdir("/proc/self/task")))
"""


def test_the_command_works_with_one_thread() -> None:
    env = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", MULTIPLY], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "1"
