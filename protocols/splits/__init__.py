"""The fixed splits. A protocol is the path of its file; `protocols.folds.load` reads it."""

from pathlib import Path

HERE = Path(__file__).parent

SAVEE_LOSO = HERE / "savee-loso.toml"
RAVDESS_6FOLD = HERE / "ravdess-6fold.toml"
CREMAD_5FOLD = HERE / "cremad-5fold.toml"
TESS_2FOLD = HERE / "tess-2fold.toml"
EMODB_LOSO = HERE / "emodb-loso.toml"
EMOVO_LOSO = HERE / "emovo-loso.toml"
