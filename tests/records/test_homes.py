"""Several results folders as one."""

import made_up
import pairs

from benchmark.records import folder, homes


def test_a_record_in_two_folders_counts_once_and_evidence_is_looked_for_where_it_lies(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    both, small = made_up.record("savee-loso", "a"), made_up.record("savee-loso", "a", trials=5)
    pairs.write(one, both, 1)
    pairs.write(two, both, 1)
    pairs.write(two, small, 2)
    found = homes.read([one, two, one])
    assert [(found.home[id(r)], r.budget.trials) for r in found.records] == [(one, 20), (two, 5)]
    predictions = [found.ask(folder.predictions)(record) for record in found.records]
    assert [len(each.clips) for each in predictions] == [480, 480]
    assert (two / "derived-small/savee-loso/a/seed-0.json").is_file()
