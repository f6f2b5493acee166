"""Emotions in audio files of 16 kHz, by numpy, soundfile and onnxruntime."""

import argparse
import json
import sys
from pathlib import Path

import onnxruntime
import soundfile

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="WAV, FLAC or what else soundfile reads")
    parser.add_argument("--model", default=HERE / "model.onnx", help="model.int8.onnx for the small one")
    args = parser.parse_args()
    session = onnxruntime.InferenceSession(args.model)
    about = session.get_modelmeta().custom_metadata_map
    wanted = session.get_inputs()[0].name
    if wanted != "wave":  # the front end is not in the file; it needs scipy too
        sys.path.insert(0, str(HERE / "front_end.zip"))
        import front_end  # type: ignore[import-not-found]
    for file in args.files:
        try:
            sound, rate = soundfile.read(file, dtype="float32", always_2d=True)  # (samples, channels)
        except soundfile.LibsndfileError as error:
            sys.exit(f"{file}: {error}")
        if rate != int(about["sample_rate"]) or not len(sound):
            sys.exit(f"{file}: {len(sound)} samples at {rate} Hz. Resample it to {about['sample_rate']} Hz.")
        wave = sound.mean(axis=1)
        [[row]] = session.run(None, {wanted: wave if wanted == "wave" else front_end.compute(wave)})
        ranked = sorted(zip(row.tolist(), json.loads(about["labels"]), strict=True), reverse=True)
        print(file, *(f"{label} {p:.4f}" for p, label in ranked), sep="\t")


if __name__ == "__main__":
    main()
