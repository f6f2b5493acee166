"""Audio files in, 16 kHz mono out; augmentation of waves; synthetic speech."""
