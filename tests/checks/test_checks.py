"""`check` and `new-model`: plugins that each break one rule are caught by name, and honest ones pass."""

import json
import locale
import os
import random
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import checking
import numpy as np
import pytest
import runs
import torch
from broken_models import BROKEN, estimator, fit, means_of, predict, source
from runs import TOY

from benchmark.checks import shared_state, supervisor
from benchmark.checks.rules import BY_NAME, RULES
from benchmark.cost import latency
from benchmark.features import feature_store, front_ends
from benchmark.models import plugins, skeletons
from benchmark.scores import metrics
from protocols import registry

DONE, WRONG = 0, 2
# Judged for every installed model: they share one fit.
QUICK = [
    *("loads", "space", "fits", "predicts", "hidden", "shape", "probabilities", "any-length", "again"),
    *("alone", "order", "neighbours", "memory", "quiet", "files", "network", "global-state"),
    *("left-running", "clips-alone", "state"),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread(cache):  # noqa: ARG001
    """As in a worker: sums come out in one order."""
    with latency.one_thread():
        yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="module", autouse=True)
def clips_once(one_thread):  # noqa: ARG001
    """Equal front ends compute equal clips: once is enough for all plugins."""
    kept, compute = {}, feature_store.clips

    def clips(wanted, waves):
        spelt_out = [(front_ends.resolved(each), each.seconds) for each in wanted]
        key = str(spelt_out), tuple(wave.tobytes() for wave in waves)
        if key not in kept:
            kept[key] = compute(wanted, waves)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_store, "clips", clips)
        yield


@pytest.fixture(autouse=True)
def as_before(tmp_path, monkeypatch):
    """Broken plugins change what the whole process shares."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(metrics, "uar", metrics.uar)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("HOME", os.environ["HOME"])
    states = np.random.get_state(), random.getstate(), torch.get_rng_state(), torch.get_num_threads()
    place, handler, mask = locale.setlocale(locale.LC_ALL), signal.getsignal(signal.SIGTERM), os.umask(0o22)
    with warnings.catch_warnings():
        yield
    os.umask(mask)
    signal.signal(signal.SIGTERM, handler)
    locale.setlocale(locale.LC_ALL, place)
    np.random.set_state(states[0])
    random.setstate(states[1])
    torch.set_rng_state(states[2])
    torch.set_num_threads(states[3])
    torch.set_default_dtype(torch.float32)
    torch.set_flush_denormal(False)
    torch.backends.mkldnn.set_flags(True)
    checking.subject_of.cache_clear()
    plugins.load.cache_clear()


def written(tmp_path, text):
    path = tmp_path / "broken.py"
    path.write_text(text)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "came", "text"), BROKEN, ids=[f"{rule}: {came}" for rule, came, _ in BROKEN]
)
def test_a_broken_rule_is_named(tmp_path, rule, came, text):
    path = written(tmp_path, text.replace("{tmp}", str(tmp_path)))
    (tmp_path / "there").touch()
    verdict = checking.here(str(path), rule)
    came = came.replace("{tmp}", str(tmp_path))
    assert verdict.rule == rule
    assert verdict.holds == "no", verdict
    assert came in verdict.came
    assert "Traceback" not in verdict.came
    assert verdict.expected == BY_NAME[rule].expected
    assert str(path) in verdict.look
    assert "protocols/contract.py" in verdict.look or "CONTRIBUTING.md" in verdict.look


def test_every_rule_can_be_broken_and_has_a_name_of_its_own():
    assert {rule for rule, _, _ in BROKEN} == set(BY_NAME)
    assert len(BY_NAME) == len(RULES)
    assert all(rule.expected.endswith(".") for rule in RULES)


def test_where_a_rule_is_written_there_is_such_a_place():
    for rule in RULES:
        file, _, place = rule.text.partition(", ")
        text = (Path(__file__).parents[2] / file).read_text(encoding="utf-8")
        heading = place if place.startswith("class ") else "# " + place.strip('"')
        assert f"{heading}(" in text or f"{heading}:" in text or f"{heading}\n" in text, rule.text


def broken_rules(reference, names=tuple(BY_NAME)):
    """What is wrong with a plugin, by rule, judged in this process."""
    verdicts = [checking.here(reference, name) for name in names]
    return {verdict.rule: verdict.came for verdict in verdicts if verdict.broken}


@pytest.mark.slow
def test_what_the_broken_ones_are_made_of_breaks_nothing(tmp_path):
    assert broken_rules(str(written(tmp_path, source()))) == {}


@pytest.mark.slow
def test_the_toy_breaks_nothing():
    assert broken_rules(TOY) == {}
    assert "keeps no model of it" in checking.here(TOY, "state").note
    assert "Info.macs" in checking.here(TOY, "cost").note


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names("models"))
def test_every_installed_model_honours_the_contract(name):
    plugin = plugins.load(name)
    if plugin.missing:
        pytest.skip(f"{name}: {plugin.missing}")
    assert broken_rules(name, tuple(BY_NAME) if plugin.info.cheap else QUICK) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", skeletons.KINDS)
def test_a_skeleton_passes_at_once(tmp_path, kind):
    path = skeletons.write("my-model", kind=kind, folder=tmp_path)
    assert path.name == "my_model.py"
    assert broken_rules(str(path)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["alone", "order", "neighbours"])
def test_a_transductive_model_declares_itself_and_is_exempt(tmp_path, rule):
    path = written(tmp_path, source(means_of("x - x.mean(axis=0)"), info="transductive=True"))
    verdict = checking.here(str(path), rule)
    assert verdict.holds == "yes"
    assert "declares `transductive`" in verdict.note


@pytest.mark.slow
def test_a_model_with_clips_of_the_speaker_is_tried_with_them(tmp_path):
    of_speaker = "[np.concatenate(each).mean(axis=0) for each in clips.enrolment[: len(x)]]"
    path = written(tmp_path, source(means_of(f"x - np.stack({of_speaker})"), info='enrolment="own"'))
    wanted = ("fits", "alone", "neighbours", "missing-class", "silence", "state", "cost")
    assert broken_rules(f"{path}@5", wanted) == {}
    assert "NoneType" in checking.here(str(path), "fits").came


@pytest.mark.slow
def test_an_estimator_may_draw_where_chance_does_not_matter(tmp_path):
    path = written(tmp_path, source(**estimator("SVC(kernel='linear')")))
    subject = checking.subject_of(str(path))
    assert subject.effects["fit"].changed == [shared_state.DRAWN]
    assert broken_rules(str(path), ["global-state", "seed"]) == {}


@pytest.mark.slow
def test_a_failure_names_the_plugins_own_line(tmp_path):
    text = source(fit("np.linalg.inv(np.zeros((2, 2)))"))
    path = written(tmp_path, text)
    verdict = checking.here(str(path), "fits")
    line = 1 + text.split("\n").index("        np.linalg.inv(np.zeros((2, 2)))")
    assert verdict.came == (
        f"LinAlgError: Singular matrix (at {path}:{line}: np.linalg.inv(np.zeros((2, 2))))"
    )
    assert verdict.look == f"{path}:{line - 1}, Broken.fit; the rule: protocols/contract.py, class Model"
    assert verdict.basic


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "came"),
    [
        ("os._exit(7)", "its process ended by itself, with exit code 7"),
        ("os.kill(os.getpid(), 9)", "its process was killed by signal 9"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (at "),
    ],
)
def test_an_end_breaks_the_rule_that_was_judged(tmp_path, line, came):
    verdicts = list(supervisor.check(str(written(tmp_path, source(predict(line))))))
    assert [verdict.rule for verdict in verdicts] == list(BY_NAME)
    assert [verdict.holds for verdict in verdicts[:4]] == ["yes", "yes", "yes", "no"]
    assert came in verdicts[3].came
    assert {(verdict.holds, verdict.note) for verdict in verdicts[4:]} == {("not run", "predicts is broken")}


@pytest.mark.slow
def test_after_a_death_the_other_rules_are_judged_in_a_new_process(tmp_path):
    path = written(tmp_path, source(fit("if epochs is None: os._exit(0)", "print('fitting')")))
    verdicts = {verdict.rule: verdict for verdict in supervisor.check(str(path))}
    assert [name for name, verdict in verdicts.items() if verdict.holds != "yes"] == ["quiet", "in-full"]


@pytest.mark.slow
def test_what_takes_too_long_is_stopped(tmp_path):
    path = written(tmp_path, source(predict("import time; time.sleep(60)")))
    judging = supervisor.Supervisor(str(path), 120)
    try:
        assert not judging.judge(BY_NAME["fits"]).broken
        judging.limit = 1
        verdict = judging.judge(BY_NAME["predicts"])
    finally:
        judging.close()
    assert verdict.came == "no answer within 1 s: it was stopped"
    assert verdict.broken


@pytest.mark.slow
def test_the_command_line_on_an_honest_model(tmp_path, call):
    assert call("new-model", "my-model", "--kind", "plain", "--out", "models")[0] == DONE
    code, out, err = call("check", "models/my_model.py")
    assert code == DONE, out
    assert err.startswith("models/my_model.py: to check a plugin is to run its author's code")
    lines = out.splitlines()
    assert lines[0] == "holds   loads"
    assert lines[-1] == f"{len(RULES)} of {len(RULES)} rules hold"
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


@pytest.mark.slow
def test_the_command_line_on_a_broken_one(tmp_path, call):
    path = written(tmp_path, source(predict(gives="1 / 0"), top="print('hello')"))
    code, out, _ = call("check", path)
    assert code == WRONG
    assert (
        "BROKEN  predicts\n        expected: A fitted model predicts: predict_proba gives a numpy array."
        in out
    )
    assert "        came:     ZeroDivisionError" in out
    assert f"look at:  {path}:" in out
    assert "3 of 31 rules hold; broken: predicts; 27 not judged: predicts is broken" in out
    assert "not run" not in out
    code, out, _ = call("check", path, "--json")
    assert code == WRONG
    found = json.loads(out)  # what the plugin prints is not there
    assert found["holds"] is False
    assert [rule["rule"] for rule in found["rules"]] == list(BY_NAME)
    assert found["rules"][3]["came"].startswith("ZeroDivisionError: division by zero (at ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "smal-cnn"], "models: there is no 'smal-cnn'. Did you mean small-cnn"),
        (["check", "nowhere.py"], "nowhere.py: there is no such file"),
        (["new-model", "My_Model"], "'My_Model': a model's name is lower case letters"),
        (["new-model", "my-model/x"], "'my-model/x': a model's name is lower case letters"),
        (["new-model", "../up"], "'../up': a model's name is"),
        (["new-model", "2nd"], "begins with a letter"),
        (["new-model", "prior"], "prior: a model of this name is installed"),
        (["new-model", "random"], "random.py would hide the Python module random"),
        (["new-model", "numpy"], "numpy.py would hide the Python module numpy"),
        (["new-model", "there"], "there.py is there already"),
        (["new-model", "mine", "--out", "there.py"], "there.py is there already"),
        (["new-model", "mine", "--out", "/proc/none"], "/proc/none/mine.py: cannot be written"),
        (["new-model", "mine", "--kind", "jax"], "--kind"),
    ],
)
def test_a_wrong_request_is_explained_and_ends_with_2(tmp_path, call, arguments, words):
    (tmp_path / "there.py").write_text("mine")
    code, out, err = call(*arguments)
    assert code == WRONG
    assert out == ""
    assert words in err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("kind", skeletons.KINDS)
@pytest.mark.parametrize(
    ("name", "model"),
    [
        *(("my-2nd-model", "My2ndModel"), ("none", "NoneModel"), ("features", "FeaturesModel")),
        *(("network", "Network"), ("any", "AnyModel")),
    ],
)
def test_a_skeletons_class_is_named_after_it_and_hides_nothing(kind, name, model):
    source = skeletons.text(name, kind)
    compile(source, name, "exec")
    assert f"class {model}(" in source or f"class {model}Model(" in source
    assert source.count(f"class {model}(") <= 1
    assert f'name="{name}"' in source
    assert "$" not in source


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
@pytest.mark.parametrize("kind", skeletons.KINDS)
def test_skeletons_are_written_as_this_project_writes(kind, command):
    path = Path(__file__).parents[2] / "baselines" / "my_model.py"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", path, "-"],
        input=skeletons.text("my-model", kind),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_help_of_check_imports_nothing_heavy():
    script = (
        "import sys\nfrom benchmark.cli import main\n"
        "try:\n    main.main(['check', '--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "assert not {'torch', 'numpy', 'sklearn', 'optuna'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NAME|FILE.py" in done.stdout


@pytest.mark.slow
def test_as_a_command(tmp_path):
    path = written(tmp_path, source(top="sys.exit(5)"))
    done = runs.command("check", path.name, cwd=tmp_path)
    assert done.returncode == WRONG
    assert "BROKEN  loads" in done.stdout
    assert "SystemExit: 5" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
