"""The small budget after a larger one: its trials are there, so that a fold takes one more fit."""

import pytest
import runs

from benchmark.records import record_files


@pytest.mark.slow
def test_five_trials_of_a_search_that_is_there_are_not_done_again(tmp_path):
    [job] = runs.planned(tmp_path, trials=6).jobs
    assert runs.run(runs.planned(tmp_path, trials=6))[0] == []
    rounds = {path: path.stat().st_mtime_ns for path in job.fits.glob("*.round")}
    [small] = runs.planned(tmp_path, trials=5).jobs
    assert small.record == tmp_path / "synthetic-small" / job.record.relative_to(tmp_path / "synthetic")
    assert runs.run(runs.planned(tmp_path, trials=5))[0] == []
    assert {path: path.stat().st_mtime_ns for path in job.fits.glob("*.round")} == rounds
    full, few = record_files.read(job.record), record_files.read(small.record)
    assert [fold.trials for fold in few.folds] == [fold.trials[:5] for fold in full.folds]
    assert full.budget.trials == 6
