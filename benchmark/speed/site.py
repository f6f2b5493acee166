"""Building the site of 500 models against that of 50: commands, seconds of the clock."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from benchmark.models.plugins import Plugin
from benchmark.records import record_files
from benchmark.speed import apart
from benchmark.speed.comparison import Comparison, Row

FEW, MANY = 50, 500  # models


def rows(given: Sequence[Plugin], device: str) -> Iterator[Row]:  # noqa: ARG001
    """One record a model: the demo's of the class prior on SAVEE, under so many names."""
    with tempfile.TemporaryDirectory(prefix="unheard-") as temporary:
        root = Path(temporary)
        made = ["-m", "benchmark", "run", "--data", "demo", "--corpus", "savee", "--model", "prior"]
        apart.python(*made, "--results", root / "one", cache=root)
        took = {}
        for models in (FEW, MANY):
            copy(root / "one", root / f"{models}", models=models)
            build = ["-m", "benchmark", "site", "--results", root / f"{models}", "--out", root / "site"]
            took[models], _ = apart.python(*build, cache=root)
    yield Row(f"{MANY} models", took[MANY], took[FEW])


COMPARISON = Comparison(
    name="site", ours=f"a site of {MANY} models", other=f"of {FEW}", rows=rows, default=False
)


def copy(source: Path, target: Path, *, models: int) -> None:
    """The one record of a folder under so many models' names."""
    [path] = record_files.find(source)
    record, predictions = record_files.read(path), record_files.predictions_place(path).read_bytes()
    for number in range(models):
        name = f"model-{number:04d}"
        own = replace(
            record,
            model=replace(record.model, name=name, title=f"Model {number}"),
            key={**record.key, "model": f"{name} {record.model.version}"},
        )
        place = record_files.place_of(target, own)
        place.parent.mkdir(parents=True)
        place.write_bytes(record_files.encode(own))
        record_files.predictions_place(place).write_bytes(predictions)
