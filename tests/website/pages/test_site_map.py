"""What holds for every page."""

from reading import Elements


def test_every_picture_has_a_role_and_a_name(built):
    pages = [*built.glob("derived/protocol/*.html"), *built.glob("derived/model/*.html")]
    pictures = [a for path in pages for tag, a in Elements(path).tags if tag == "svg"]
    assert len(pages) == 6
    assert pictures
    assert all(a["aria-label"].strip() for a in pictures)
    groups = [a for a in pictures if a["role"] != "img"]
    assert {(a["role"], a["class"]) for a in groups} == {("group", "named")}  # of dots with their own names
