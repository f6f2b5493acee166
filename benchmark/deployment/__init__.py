"""A fitted model as files for a device: ONNX from the wave to calibrated probabilities, and a script."""
