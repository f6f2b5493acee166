"""What `--help` shows, at once, without what is heavy."""

import re
import subprocess
import sys

import pytest

from benchmark.cli import run
from benchmark.execution import suites

DONE, FAILED, WRONG = 0, 1, 2


pytestmark = pytest.mark.usefixtures("here")


def test_help_does_not_import_what_is_heavy():
    script = (
        "import sys\n"
        "from benchmark.cli.main import main\n"
        "try:\n    main(['run', '--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'optuna', 'scipy', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--allow-missing" in ended.stdout


VERBS = (
    "run",
    "list",
    "corpora",
    "audit",
    "check",
    "new-model",
    "cost",
    "verify",
    "compare",
    "site",
    "predict",
)


@pytest.mark.parametrize("words", ["", *VERBS, "corpora check", "corpora fetch"])
def test_help_answers_at_once_and_loads_nothing_heavy(words):
    """In processor time, so that what else the machine does is not its fault."""
    script = (
        "import sys, time\n"
        "from benchmark.cli.main import main\n"
        f"try:\n    main({words.split()!r} + ['--help'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'optuna', 'scipy', 'soundfile', 'rich', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert time.process_time() < 0.5, time.process_time()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--help" in ended.stdout


def test_help_names_the_verbs_and_they_all_have_help(call):
    code, out, _ = call("--help")
    assert code == DONE
    for verb in VERBS:
        assert verb in out
        assert call(verb, "--help")[0] == DONE


def test_help_has_each_verb_once_and_on_one_line_below_who_needs_it(call):
    lines = call("--help")[1].splitlines()
    verbs = [line.split()[0] for line in lines if line.startswith("  ")]
    for verb in VERBS:
        assert verbs.count(verb) == 1, verb
    assert max(map(len, lines)) <= 80
    place = {words: number for number, line in enumerate(lines) for words in line.split()[:1]}
    heading = next(number for number, line in enumerate(lines) if "(engineers)" in line)
    assert place["site"] < heading < place["predict"]


def test_help_names_every_suite():
    named = set(re.findall(r"[a-z-]+", run.SUITES)) - {"default", "or"}
    assert named == set(suites.SUITES)
