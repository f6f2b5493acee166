"""Tables in LaTeX."""

from benchmark.website import latex


def test_a_table_has_a_header_lines_and_a_caption():
    text = latex.table([["Model", "UAR"], ["a_b", "63.1"], ["c", "–"]], "UAR in %").decode()
    assert text.splitlines() == [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "\\caption{UAR in \\%}",
        "\\begin{tabular}{lr}",
        "\\toprule",
        "Model & UAR \\\\",
        "\\midrule",
        "a\\_b & 63.1 \\\\",
        "c & -- \\\\",
        "\\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]


def test_nothing_that_tex_takes_as_a_command_is_left():
    assert latex.escaped("\\input{x} 50 % $1 #2 ~^&_") == (
        r"\textbackslash{}input\textbraceleft{}x\textbraceright{} 50 \% \$1 \#2 "
        r"\textasciitilde{}\textasciicircum{}\&\_"
    )


def test_a_title_of_odd_signs_stays_on_its_line():
    assert latex.escaped("a\nb\x00\u202ec\t<d>|") == r"a bc \textless{}d\textgreater{}\textbar{}"


def test_a_row_that_begins_like_an_option_of_the_line_before_is_none():
    """After a double backslash LaTeX looks for a star and a length in brackets, over the end of a line."""
    lines = latex.table([["[x]", "UAR"], ["*", "1"], ["[2em]", "[1, 2]"]], "UAR").decode().splitlines()
    assert [line for line in lines if line.endswith("\\\\")] == [
        "{}[x] & UAR \\\\",
        "{}* & 1 \\\\",
        "{}[2em] & [1, 2] \\\\",
    ]


def test_a_line_of_one_cell_is_a_heading_across_the_table():
    lines = latex.table([["Model", "UAR"], ["From scratch"], ["a", "−1"]], "UAR").decode().splitlines()
    assert "\\multicolumn{2}{l}{\\emph{From scratch}} \\\\" in lines
    assert "a & $-$1 \\\\" in lines
