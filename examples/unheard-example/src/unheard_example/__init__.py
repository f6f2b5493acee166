"""Three models for unheard, one of each kind. Importing this does nothing; each file is a model."""
