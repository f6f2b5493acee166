"""Four models for unheard, of all three kinds. Importing this does nothing; each file is a model."""
