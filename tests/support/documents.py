"""Documents that are tried: their code blocks, one after another, in a folder of the page's own.

    ```python                       runs; the blocks of a page share their names
    ```sh                           runs line by line; `# exits with 2` says so where it is not 0
    ```python title="my_model.py"   is that file; so in any language
    ```text                         what the block before it prints; `...` stands for anything

Other blocks are for reading. On the line above, `<!-- not run: REASON -->` leaves a block out, and
`<!-- needs: PACKAGE -->` does where that is not installed.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BLOCK = re.compile(
    r"^(?:<!-- (?:not run: (?P<reason>[^\n]+)|needs: (?P<needs>\w+)) -->\n)?"
    r'```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
COMMAND = re.compile(r"^ *(?:[^`|]*&& )?python -m benchmark (.*)")
EXITS = re.compile(r"# exits with (\d)")
SAME = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

Call = Callable[..., tuple[int, str, str]]


@dataclass(frozen=True)
class Block:
    """A block of code."""

    language: str
    title: str
    text: str
    line: int  # of its first line of code
    reason: str = ""  # why it does not run; "" where it does
    needs: str = ""  # a package without which it does not run


def blocks(text: str) -> list[Block]:
    """The blocks of a document, in order."""
    found = []
    for each in BLOCK.finditer(text):
        line = text.count("\n", 0, each.start("text")) + 1
        facts = {key: each[key] or "" for key in ("language", "title", "text", "reason", "needs")}
        found.append(Block(line=line, **facts))
    return found


def cells(text: str) -> list[str]:
    """The code of a notebook's cells, which keep no outputs."""
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    return ["".join(cell["source"]) for cell in code]


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each call of the command line, less `[what may follow]` and a shell's words."""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if found := COMMAND.match(line):
            yield shlex.split(re.split(r" [\[|>&]", found[1])[0], comments=True)


@dataclass
class Session:
    """What has been done on a page so far. `call` runs a command line; `install` a folder's package."""

    page: Path
    call: Call
    install: Callable[[str], None]
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__page__"})
    printed: str = ""

    def do(self, block: Block) -> None:
        """Run a block, write it or compare it; AssertionError where it is not as the page says."""
        if block.reason or (block.needs and not importlib.util.find_spec(block.needs)):
            return
        if block.title:
            Path(block.title).parent.mkdir(parents=True, exist_ok=True)
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._python(block)
        elif block.language == "sh":
            self.printed = "".join(map(self._line, re.sub(r"\\\n\s*", "", block.text).splitlines()))
        elif block.language == "text":
            same = doctest.OutputChecker().check_output(block.text, self.printed, SAME)
            assert same, f"{self.page.name}:{block.line}: printed was\n{self.printed}"

    def _python(self, block: Block) -> None:
        code = compile("\n" * (block.line - 1) + block.text, str(self.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, self.names)
        self.printed = out.getvalue()

    def _line(self, line: str) -> str:
        """Run a line of a shell block: a call of the command line, or of pip for a folder."""
        if line.startswith("pip install -e "):
            self.install(shlex.split(line)[-1])
            return ""
        [arguments] = commands(line)
        wanted = int(found[1]) if (found := EXITS.search(line)) else 0
        code, out, err = self.call(*arguments)
        assert code == wanted, f"{line}: exited with {code}\n{out}{err}"
        return out + err
