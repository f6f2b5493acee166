"""mypy finds nothing. It is a test so that it runs beside the others: it takes one core for half a minute."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_types_agree():
    command = [sys.executable, "-m", "mypy"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
