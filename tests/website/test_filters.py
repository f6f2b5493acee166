"""Words on pages."""

import math

import pytest

from benchmark.website import filters


def test_numbers():
    assert [filters.percent(x) for x in (0.6314, 1.0, None, math.nan)] == ["63.1", "100.0", "–", "–"]
    assert [filters.amount(x) for x in (None, 0, 12, 1234, 3.16e8)] == ["–", "0", "12", "1.23 k", "316 M"]
    assert [filters.p_value(x) for x in (None, 0.0004, 0.25)] == ["–", "< 0.001", "0.250"]
    assert [filters.points(x) for x in (None, 0.0345, -0.0123, 0.0)] == ["–", "+3.5", "−1.2", "+0.0"]
    assert [filters.span(x) for x in (None, (2, 2), (1, 3))] == ["–", "2", "1–3"]


def test_lists_are_cut_with_their_length():
    assert filters.names(["a", "b"]) == "a, b"
    assert filters.names(["a", "b", "c"], 2) == "a, b, … (3 in all)"


def test_settings_and_choices():
    assert filters.settings({"c": 0.123456, "a": "rbf"}) == "a = rbf, c = 0.1235"
    assert filters.settings({}) == "–"
    real = {"name": "FloatDistribution", "attributes": {"low": 0.001, "high": 10.0, "log": True}}
    assert filters.choices(real) == "0.001 to 10, log scale"
    assert filters.choices({"attributes": {"choices": ["rbf", "linear"]}}) == "rbf or linear"
    assert filters.choices("[" * 100_000) == "[" * 200  # which nobody parses
    assert filters.choices({"attributes": {"low": "a"}}) == "{'attributes': {'low': 'a'}}"
    assert filters.choices(7) == "7"


@pytest.mark.parametrize("name", ["small-cnn", "v1.2"])
def test_safe_names_are_their_own_file_names(name):
    assert filters.slug(name) == name


def test_slugs_are_safe_and_tell_names_apart():
    names = ["..", "../../etc", "A", "a/b", "a b", "", "<script>", "é", "x" * 300, "\ud800"]
    slugs = [filters.slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert all(s and len(s) < 80 and set(s) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for s in slugs)
    assert not [s for s in slugs if s.startswith(".")]


def test_links_are_http_or_doi_and_nothing_else():
    link = '<a href="{0}" rel="nofollow noopener noreferrer">{1}</a>'
    linked = filters.linked("See https://a.org/x?y=1&z=2, or doi:10.1/ab no; doi:10.1234/ab.c.")
    first = link.format("https://a.org/x?y=1&amp;z=2", "https://a.org/x?y=1&amp;z=2")
    second = link.format("https://doi.org/10.1234/ab.c", "doi:10.1234/ab.c")
    assert linked == f"See {first}, or doi:10.1/ab no; {second}."
    for bad in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.org"):
        assert filters.linked(bad) == bad
    assert filters.linked("<b>") == "&lt;b&gt;"
