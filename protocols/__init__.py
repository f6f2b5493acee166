"""What is measured: corpora, their fixed folds, and the contract between the engine and a model."""
