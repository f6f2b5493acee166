import io
import os
import random
import time
import tracemalloc

import numpy as np
import pytest
import soundfile

from benchmark.audio import containers, reader
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
        (containers.POINTER + b"\noid sha256:00\nsize 72862\n", "git lfs pull"),
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


def test_what_is_no_audio_is_named_in_libsndfiles_words_alone():
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


@pytest.mark.parametrize(
    ("subtype", "container", "words"),
    [
        ("ALAW", "WAV", "A-Law in WAV (Microsoft)"),
        ("ULAW", "WAV", "U-Law in WAV (Microsoft)"),
        ("GSM610", "WAV", "GSM 6.10 in WAV (Microsoft)"),
        ("IMA_ADPCM", "WAV", "IMA ADPCM in WAV (Microsoft)"),
        ("G721_32", "WAV", "32kbs G721 ADPCM in WAV (Microsoft)"),
        ("PCM_16", "VOC", "Signed 16 bit PCM in VOC (Creative Labs)"),
    ],
)
def test_codecs_and_containers_that_no_corpus_has_are_refused_by_name(subtype, container, words):
    data = packed(tone(8000)[:, 0], 8000, container=container, subtype=subtype)
    with pytest.raises(DataError) as caught:
        reader.decode(data)
    assert str(caught.value) == f"is {words}, which is not read here. Convert it: ffmpeg -i in.wav out.wav"


def flac_that_claims(*, rate=16_000, channels=1, frames):
    data = packed(tone(), container="FLAC")
    bits = rate << 44 | (channels - 1) << 41 | 15 << 36 | frames
    return data[:18] + bits.to_bytes(8, "big") + data[26:]


def wav_that_claims(*, rate, seconds=1):
    data = packed(tone(seconds=seconds))
    return data[:24] + rate.to_bytes(4, "little") + (rate * 2 % 2**32).to_bytes(4, "little") + data[32:]


@pytest.mark.parametrize(
    ("make", "claims", "words"),
    [
        (flac_that_claims, {"channels": 8, "frames": 2**32}, "268435 s long; at most 600"),
        (flac_that_claims, {"frames": 2**31}, "134218 s long; at most 600"),
        (flac_that_claims, {"rate": 192_000, "frames": 2**25}, "175 s long; at most 150"),
        (flac_that_claims, {"channels": 8, "frames": 2**23}, "cut short|not audio"),
        (flac_that_claims, {"frames": 2**23}, "cut short"),
        (wav_that_claims, {"rate": 1}, "1 samples a second, not 4000 to 192000"),
        (wav_that_claims, {"rate": 2**31 - 1}, "samples a second, not 4000 to 192000"),
        (wav_that_claims, {"rate": 4_000, "seconds": 160}, "640 s long; at most 600"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_header_that_claims_too_much_allocates_nothing(make, claims, words):
    data = make(**claims)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=words):
            reader.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 2 * len(data) + 4_000_000
    finally:
        tracemalloc.stop()


def test_samples_that_would_become_infinite_are_refused():
    """Of the second only the square would; in the third nobody divided by full scale."""
    for loud in (np.full((800, 2), -3e38), np.full(800, 1e25), np.full(800, 32768.0)):
        with pytest.raises(
            DataError, match=r"samples of \de\+\d+, full scale is 1; mixed, such become infinite"
        ):
            reader.decode(packed(loud, subtype="FLOAT"))
    whole = reader.decode(packed(np.full(800, 1.5), subtype="FLOAT"))  # as a mix that was not limited
    assert whole.max() == 1.5


def test_blocks_are_one_sound(monkeypatch):
    """A codec that keeps a state gives the same, however few samples are read at a time."""
    for container, channels in (("WAV", 2), ("FLAC", 1), ("OGG", 2), ("MP3", 1)):
        data = packed(tone(seconds=1, channels=channels), container=container)
        whole = reader.decode(data)
        with monkeypatch.context() as patch:
            patch.setattr(reader, "BLOCK", 1000)
            np.testing.assert_array_equal(reader.decode(data), whole)


def ogg_without_end(data):
    """Without the flag of the last page: a recorder that was switched off."""
    at = data.rfind(b"OggS")
    page = bytearray(data[at:])
    page[5] &= ~4
    page[22:26] = bytes(4)
    checksum = 0
    for byte in page:  # as RFC 3533 has it
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    page[22:26] = checksum.to_bytes(4, "little")
    return data[:at] + bytes(page)


def test_an_ogg_with_a_damaged_or_missing_page_is_refused():
    """libsndfile would leave the page out, and the clip would be shorter."""
    data = packed(np.random.default_rng(0).uniform(-0.5, 0.5, 64_000), container="OGG")
    pages = [b"OggS" + page for page in data.split(b"OggS")[1:]]
    assert len(pages) > 6
    for middle in (pages[5][:-9] + bytes([pages[5][-9] ^ 1]) + pages[5][-8:], b""):
        with pytest.raises(DataError, match="is damaged: page"):
            reader.decode(b"".join([*pages[:5], middle, *pages[6:]]))


def test_an_ogg_without_an_end_is_read_as_far_as_its_last_page():
    data = packed(np.random.default_rng(0).uniform(-0.5, 0.5, 32_000), container="OGG")
    np.testing.assert_array_equal(reader.decode(ogg_without_end(data)), reader.decode(data))
    page_less = data[: data.rfind(b"OggS")]
    assert 8_000 < len(reader.decode(page_less)) < 32_000
    with pytest.raises(DataError, match="cut short"):
        reader.decode(page_less[:-1])


@pytest.mark.parametrize("kind", ["device", "link to a device", "pipe", "folder", "nowhere", "too large"])
def test_what_is_no_plain_file_is_refused_by_name_and_not_opened(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST", 2**20)
    path = tmp_path / "03a01Fa.wav"
    words = "is a device or a pipe"
    if kind == "device":
        path = reader.Path("/dev/zero")
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)  # nobody writes: to open it would wait for ever
    elif kind == "folder":
        path.mkdir()
        words = "is a folder. Name the audio files in it"
    elif kind == "nowhere":
        path.symlink_to(tmp_path / "none")
        words = "cannot be read: No such file"
    else:
        with path.open("wb") as file:
            file.truncate(2**40)
        words = "is larger than 1 MiB"
    with pytest.raises(DataError, match=words) as caught:
        reader.read(path)
    assert str(caught.value).startswith(f"{path}: ")


def damaged(data, rng):
    """A file with wrong bytes, too few or too many."""
    data, at = bytearray(data), rng.randrange(len(data))
    how = rng.randrange(4)
    if how == 0:
        del data[at : at + rng.choice([1, 40, len(data)])]
    elif how == 1:
        data[at:at] = rng.randbytes(rng.choice([1, 4, 100]))
    elif how == 2:
        for _ in range(rng.choice([1, 4, 64])):
            data[rng.randrange(len(data))] = rng.randrange(256)
    else:
        at = rng.randrange(min(len(data) - 4, 80))
        data[at : at + 4] = rng.choice([bytes(4), b"\xff" * 4, b"\xff\xff\xff\x7f", rng.randbytes(4)])
    return bytes(data)


@pytest.mark.parametrize("container", ["WAV", "AIFF", "FLAC", "OGG"])
def test_damaged_files_are_read_or_refused(container, capfd):
    """In bounded time and memory, whatever the damage, and without a traceback of libsndfile's callbacks."""
    rng, sound = random.Random(container), np.hstack([tone(8_000), tone(8_000)[::-1]])
    codecs = {
        "WAV": ["PCM_16", "FLOAT", "GSM610", "ALAW"],
        "AIFF": ["PCM_16"],
        "FLAC": ["PCM_16"],
        "OGG": ["VORBIS", "OPUS"],
    }
    whole = [
        packed(sound[:, : 1 if codec == "GSM610" else 2], 8_000, container=container, subtype=codec)
        for codec in codecs[container]
    ]
    answers, started = [], time.process_time()
    tracemalloc.start()
    try:
        for _ in range(200):
            data = damaged(rng.choice(whole), rng)
            try:
                sound = reader.decode(data)
                assert np.isfinite(sound).all()
                answers.append("read")
            except DataError as error:
                answers.append(str(error))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 20
    assert len(set(answers)) > 3
    assert capfd.readouterr().err == ""


def test_a_seek_before_the_beginning_is_no_traceback(capfd):
    """As libsndfile does where a chunk of an AIFF has no name."""
    with pytest.raises(DataError, match="not audio"):
        reader.decode(packed(tone(), container="AIFF").replace(b"SSND", b"\x80SND"))
    assert capfd.readouterr().err == ""


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
