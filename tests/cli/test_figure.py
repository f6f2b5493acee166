"""The verb `figure`."""

from benchmark.cli import figure
from benchmark.website.plots import plots


def test_every_figure_has_words():
    assert figure.FIGURES.keys() == plots.PLOTS.keys()


def test_it_writes_a_file_and_refuses_other_endings(call, results, tmp_path):
    out = tmp_path / "a.svg"
    code, _, err = call("figure", "corpus", "--out", out, "--results", results, "--protocol", "savee-loso")
    assert (code, out.read_bytes()[:5]) == (0, b"<?xml"), err
    code, _, err = call("figure", "corpus", "--out", tmp_path / "a.gif", "--results", results)
    assert code == 2
    assert "a.gif: name a file that ends in .pdf, .svg, .png." in err
