"""A protocol by which the speaker is recognised, not the emotion: from the plan to a record that holds."""

import numpy as np
import pytest
import runs
import split_files

from benchmark.records import prediction_table, record_files
from benchmark.verification import checks, submission
from benchmark.verification.submission import Known
from protocols import corpora


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One model on two random halves of the embedded SAVEE."""
    folder = tmp_path_factory.mktemp("target")
    file = split_files.random_split(folder, "whose", target="speaker")
    found = runs.planned(folder / "results", corpora=(), protocols=(str(file),))
    assert not runs.run(found)[0]
    return found


def test_the_record_is_of_the_speakers_and_holds(made):
    [job] = made.jobs
    record = record_files.read(job.record)
    savee = corpora.load("savee")
    assert record.labels == sorted(savee.speakers)
    for place, (speaker, matrix) in enumerate(sorted(record.speakers.items())):
        of_class = np.sum(matrix, axis=1)
        assert of_class[place] == of_class.sum() > 0, speaker
    table, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
    whose = {row.clip: record.labels.index(row.speaker) for row in savee.manifest}
    right = np.mean(table.probabilities.argmax(axis=1) == [whose[clip] for clip in table.clips])
    assert record.scores.accuracy == pytest.approx(right, abs=1e-6)
    known = Known(protocols={job.protocol.name: job.protocol})
    assert list(checks.problems(submission.read(job.record, known))) == []
