"""The environment in which a result was made, as a record keeps it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from benchmark.compute import machine
from benchmark.execution.record_key import DECISIVE
from benchmark.records.schema import Environment
from benchmark.storage import places

LIBRARIES = (*DECISIVE, "optuna", "scipy", "soundfile", "soxr", "torchaudio", "librosa", "opensmile")


def installed(name: str) -> str:
    """The version of an installed distribution, or ""."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# Looked up once, by the process that workers are forked from.
VERSIONS = {name: found for name in LIBRARIES if (found := installed(name))}


def environment(device: str, *, commit: bool = True) -> Environment:
    """Where a result is made, here; without the commit, which takes a moment, where the caller adds it."""
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        processor=machine.processor(),
        device=machine.gpu_name(device) if device.startswith("cuda") else device,
        versions=VERSIONS,
        constraints=hashlib.sha256(places.constraints().read_bytes()).hexdigest(),
        commit=checkout_commit() if commit else "",
    )


def submitter() -> str:
    """Who runs this, in their own words, on one line: UNHEARD_SUBMITTER, else ""."""
    own = os.environ.get("UNHEARD_SUBMITTER", "")
    return " ".join("".join(c if c.isprintable() else " " for c in own).split())[:100]


@cache
def checkout_commit() -> str:
    """The checkout's commit, with "+changes" where files that git tracks have been edited."""
    if not (places.CHECKOUT / ".git").exists():
        return ""
    git = ["git", "-C", os.fspath(places.CHECKOUT)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        code = ["benchmark", "baselines", "protocols"]
        edited = subprocess.run(
            [*git, "diff", "--quiet", "HEAD", "--", *code], capture_output=True, check=False
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+changes" if edited.returncode else "")
