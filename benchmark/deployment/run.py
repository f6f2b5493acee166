"""Emotions in audio files of 16 kHz, by numpy, soundfile and onnxruntime. Exits with 1 where one has none."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile

HERE = Path(__file__).resolve().parent


def read(file: str, rate: int) -> np.ndarray:
    """(samples,) float32, mono; ValueError for what no model can be asked about."""
    if not Path(file).is_file():
        raise ValueError("is not there, or is no file.")
    sound, hertz = soundfile.read(file, dtype="float32", always_2d=True)  # (samples, channels)
    if not len(sound) or not np.isfinite(sound).all():
        raise ValueError("has samples that are no numbers." if len(sound) else "has no samples.")
    if hertz != rate:
        raise ValueError(f"has {hertz} Hz. Resample it: ffmpeg -i FILE -ar {rate} NEW.wav")
    return sound.mean(axis=1)


def notes(wave: np.ndarray, about: dict[str, str]) -> str:
    """What makes an answer doubtful, in words."""
    seconds = len(wave) / int(about["sample_rate"])
    least, most, middle = (float(about.get(f"seconds_{name}", "nan")) for name in ("least", "most", "used"))
    found = {
        "silent": np.abs(wave).max() < 1e-3,  # of full scale
        f"shorter than any training clip ({least:.1f} s)": seconds < least,
        f"longer than any training clip ({most:.1f} s)": seconds > most,
        f"the middle {middle:g} s only": seconds > middle,
    }
    return "; ".join(note for note, there in found.items() if there)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="WAV, FLAC or what else soundfile reads")
    parser.add_argument("--model", default=HERE / "model.onnx", help="model.int8.onnx for the small one")
    args, code = parser.parse_args(), 0
    try:
        session = onnxruntime.InferenceSession(args.model)
        about = session.get_modelmeta().custom_metadata_map
        labels, rate, wanted = (
            json.loads(about["labels"]),
            int(about["sample_rate"]),
            session.get_inputs()[0].name,
        )
        if wanted != "wave":  # the front end is not in the file; it needs scipy too
            sys.path.insert(0, str(HERE / "front_end.zip"))
            import front_end  # type: ignore[import-not-found]
    except Exception as error:  # onnxruntime's own have no class in common
        sys.exit(f"error: {args.model}: cannot be asked: {type(error).__name__}: {error}")
    for file in args.files:
        try:
            wave = read(file, rate)
            [[row]] = session.run(None, {wanted: wave if wanted == "wave" else front_end.compute(wave)})
        except (ValueError, soundfile.LibsndfileError) as error:
            print(f"error: {file}: {error}", file=sys.stderr)
            code = 1
            continue
        ranked = sorted(zip(row.tolist(), labels, strict=True), reverse=True)
        print(file, *(f"{label} {p:.4f}" for p, label in ranked), sep="\t")
        if doubts := notes(wave, about):
            print(f"warning: {file}: {doubts}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
