import io

import numpy as np
import pytest
import soundfile

from benchmark.audio import reader
from protocols.errors import DataError


def tone(rate=16_000, seconds=0.5, channels=1):
    t = np.arange(int(rate * seconds)) / rate
    return np.tile(0.5 * np.sin(2 * np.pi * 440 * t)[:, None], channels).astype(np.float32)


def packed(sound, rate=16_000, *, container="WAV", subtype=None):
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format=container, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG", "AIFF", "MP3"])
def test_container_is_recognised_by_content_not_by_name(tmp_path, container):
    path = tmp_path / "clip.wav"
    path.write_bytes(packed(tone(seconds=1), container=container))
    sound = reader.read(path)
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    assert len(sound) == pytest.approx(16_000, abs=2400)  # MP3 pads
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([np.full(800, 0.5), np.full(800, -0.25)], axis=1)
    path = tmp_path / "clip.wav"
    path.write_bytes(packed(stereo, subtype="FLOAT"))
    np.testing.assert_allclose(reader.read(path), 0.125)


@pytest.mark.parametrize("rate", [8_000, 24_414, 44_100, 48_000, 96_000])
def test_any_rate_becomes_16_khz_and_keeps_the_pitch(rate):
    sound = reader.decode(packed(tone(rate, seconds=1, channels=2), rate))
    assert len(sound) == pytest.approx(16_000, abs=1)
    assert np.abs(np.fft.rfft(sound)).argmax() == pytest.approx(440, abs=1)


def test_silence_and_a_clip_of_50_ms_are_read():
    assert not reader.decode(packed(np.zeros(1600))).any()
    assert len(reader.decode(packed(tone(48_000, seconds=0.05), 48_000))) == 800


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"Dear diary, this is a text.\n" * 20, "not audio"),
        (reader.POINTER + b"\noid sha256:00\nsize 72862\n", "git lfs pull"),
        (packed(np.zeros((0, 1))), "no samples"),
        (packed(np.array([0.1, np.nan]), subtype="FLOAT"), "NaN or infinite"),
        (packed(np.array([0.1, np.inf]), subtype="FLOAT"), "NaN or infinite"),
    ],
    ids=["no bytes", "text", "Git LFS pointer", "no samples", "NaN", "infinite"],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path, data, why):
    path = tmp_path / "03a01Fa.wav"
    path.write_bytes(data)
    with pytest.raises(DataError, match=why) as caught:
        reader.read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG", "AIFF"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
def test_a_file_that_stops_early_is_refused(container, kept):
    whole = packed(tone(seconds=2), container=container)
    assert len(reader.decode(whole)) == 32_000
    with pytest.raises(DataError, match=r"cut short|not audio"):
        reader.decode(whole[: int(len(whole) * kept)])


def test_what_is_no_audio_is_told_in_libsndfiles_words_alone():
    with pytest.raises(DataError, match=r"not audio that can be read \(Format not recognised\)\. Get"):
        reader.decode(b"no audio at all")


def test_a_wav_without_its_last_sample_is_cut_short():
    with pytest.raises(DataError, match="cut short"):
        reader.decode(packed(tone())[:-2])


def test_sloppy_headers_are_forgiven():
    whole = packed(tone())
    wrong_riff_size = whole[:4] + b"\xff\xff\xff\x7f" + whole[8:]
    assert len(reader.decode(wrong_riff_size)) == 8000
    at = whole.index(b"data") + 4
    for length in (b"\xff\xff\xff\xff", b"\x00\xf0\xff\x7f", b"\xff\xef\xff\x7f"):  # FFmpeg's, SoX's two
        streamed = whole[:at] + length + whole[at + 4 :]
        assert len(reader.decode(streamed)) == 8000


@pytest.mark.parametrize("total", [0, 0xF_0000_1F40], ids=["written into a pipe", "damaged"])
def test_a_flac_that_does_not_say_how_long_it_is(total):
    whole = packed(tone(), container="FLAC")
    at = 21  # the last 36 bits of 40 are the number of frames
    high = bytes([whole[at] & 0xF0 | total >> 32])
    with pytest.raises(DataError, match="does not say how long"):
        reader.decode(whole[:at] + high + (total % 2**32).to_bytes(4, "big") + whole[at + 5 :])


def test_a_file_that_is_not_there_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        reader.read(tmp_path / "none.wav")


def test_awkward_official_files_are_read(real_data):
    paths = sorted((real_data / "hard-cases").rglob("*.wav"))
    assert paths
    for path in paths:
        sound = reader.read(path)
        assert np.isfinite(sound).all()
        assert 0.5 < len(sound) / reader.RATE < 10
