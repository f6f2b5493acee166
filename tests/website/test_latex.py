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
        r"\textbackslash{}input\{x\} 50 \% \$1 \#2 \textasciitilde{}\textasciicircum{}\&\_"
    )
