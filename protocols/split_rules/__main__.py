"""`python -m protocols.split_rules`: makes the split files again, and says which are new or another.

A published split file never changes. Where this says that one did, put it back: the rule has changed, or a
library by which it draws.
"""

from __future__ import annotations

from protocols import splits
from protocols.split_rules import documents, split_file


def main() -> None:
    """Write every file whose text is not there yet."""
    for document in documents():
        path, text = splits.HERE / f"{document['name']}.toml", split_file.text(document)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before != text:
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: {'CHANGED' if before else 'new'}")


if __name__ == "__main__":
    main()
