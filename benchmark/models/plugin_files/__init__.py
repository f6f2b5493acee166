"""Plugins that are files: each is a module below this package, and so are the modules beside it.

A file's module is named after its path, with "." and "%" escaped, as in
`benchmark.models.plugin_files./home/me/mine%2Epy`. So it can be imported by its name in any process that has
this project, a plugin's own child processes included, however they are started: importing a module first
imports its package, and this one brings the finder that reads the path off the name.

A plugin imports modules that lie beside it as a script does: `import helper` finds helper.py there before
anything installed. The module is named below the plugin's, `[...]/mine%2Epy.helper`, and is the plugin's own:
another plugin's helper of that name is another module. Names of the standard library and of this project stay
what they are. Dynamic imports go by the package: `importlib.import_module(".helper", __package__)`.
"""

from __future__ import annotations

import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

from benchmark.audio import torchaudio_stub
from benchmark.models.plugin_files import finder

torchaudio_stub.install()  # a plugin's child process begins here too
finder.install(__name__)


def load(path: Path) -> ModuleType:
    """Import the file anew, with the modules beside it; raises whatever its code raises."""
    name = finder.module_name(__name__, path)
    for known in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[known]  # the file may have changed since
    invalidate_caches()
    return import_module(name)
