"""The fixed splits. A protocol is the path of its file; `protocols.folds.load` reads it."""

from pathlib import Path

HERE = Path(__file__).parent

# What ranks.
SAVEE_LOSO = HERE / "savee-loso.toml"
RAVDESS_6FOLD = HERE / "ravdess-6fold.toml"
CREMAD_5FOLD = HERE / "cremad-5fold.toml"
TESS_2FOLD = HERE / "tess-2fold.toml"
EMODB_LOSO = HERE / "emodb-loso.toml"
EMOVO_LOSO = HERE / "emovo-loso.toml"

# The ladder.
SAVEE_AS_PUBLISHED = HERE / "savee-as-published.toml"
SAVEE_RANDOM_CLIPS = HERE / "savee-random-clips.toml"
SAVEE_UNSEEN_TEXTS = HERE / "savee-unseen-texts.toml"
SAVEE_UNSEEN_BOTH = HERE / "savee-unseen-both.toml"
SAVEE_FEWER_CLIPS = HERE / "savee-fewer-clips.toml"
RAVDESS_AS_PUBLISHED = HERE / "ravdess-as-published.toml"
RAVDESS_RANDOM_CLIPS = HERE / "ravdess-random-clips.toml"
RAVDESS_UNSEEN_TEXTS = HERE / "ravdess-unseen-texts.toml"
RAVDESS_UNSEEN_BOTH = HERE / "ravdess-unseen-both.toml"
CREMAD_AS_PUBLISHED = HERE / "cremad-as-published.toml"
CREMAD_RANDOM_CLIPS = HERE / "cremad-random-clips.toml"
CREMAD_UNSEEN_TEXTS = HERE / "cremad-unseen-texts.toml"
CREMAD_UNSEEN_BOTH = HERE / "cremad-unseen-both.toml"
TESS_AS_PUBLISHED = HERE / "tess-as-published.toml"
TESS_RANDOM_CLIPS = HERE / "tess-random-clips.toml"
TESS_UNSEEN_TEXTS = HERE / "tess-unseen-texts.toml"
TESS_UNSEEN_BOTH = HERE / "tess-unseen-both.toml"
EMODB_AS_PUBLISHED = HERE / "emodb-as-published.toml"
EMODB_RANDOM_CLIPS = HERE / "emodb-random-clips.toml"
EMODB_UNSEEN_TEXTS = HERE / "emodb-unseen-texts.toml"
EMODB_UNSEEN_BOTH = HERE / "emodb-unseen-both.toml"
EMOVO_AS_PUBLISHED = HERE / "emovo-as-published.toml"
EMOVO_RANDOM_CLIPS = HERE / "emovo-random-clips.toml"
EMOVO_UNSEEN_TEXTS = HERE / "emovo-unseen-texts.toml"
EMOVO_UNSEEN_BOTH = HERE / "emovo-unseen-both.toml"

# Across corpora.
CROSS_CORPUS_5 = HERE / "cross-corpus-5.toml"
CROSS_CORPUS_6 = HERE / "cross-corpus-6.toml"
CROSS_CORPUS_ENGLISH_3 = HERE / "cross-corpus-english-3.toml"
CROSS_CORPUS_ENGLISH_4 = HERE / "cross-corpus-english-4.toml"

# As other benchmarks have them.
EMODB_EMOBOX = HERE / "emodb-emobox.toml"
CREMAD_EMOBOX = HERE / "cremad-emobox.toml"
TESS_EMOBOX = HERE / "tess-emobox.toml"
SAVEE_SERAB = HERE / "savee-serab.toml"
RAVDESS_SERAB = HERE / "ravdess-serab.toml"
CREMAD_SERAB = HERE / "cremad-serab.toml"
EMODB_SERAB = HERE / "emodb-serab.toml"
EMOVO_SERAB = HERE / "emovo-serab.toml"
EMODB_AUDB = HERE / "emodb-audb.toml"
RAVDESS_AUDB = HERE / "ravdess-audb.toml"
SAVEE_MTEB = HERE / "savee-mteb.toml"
RAVDESS_MTEB = HERE / "ravdess-mteb.toml"
CREMAD_MTEB = HERE / "cremad-mteb.toml"
TESS_MTEB = HERE / "tess-mteb.toml"
EMODB_MTEB = HERE / "emodb-mteb.toml"
EMOVO_MTEB = HERE / "emovo-mteb.toml"
