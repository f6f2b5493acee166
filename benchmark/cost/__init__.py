"""What a model costs, measured by the engine in the same way for all."""
