"""Models to beat, one file each. They come in by entry point, the same door as anybody's model."""
