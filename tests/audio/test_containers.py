import struct
import tracemalloc

import numpy as np
import pytest

from benchmark.audio import containers, reader
from protocols.errors import DataError

SOUND = np.arange(400, dtype="<i2").tobytes()


def chunk(name, data, *, length=None):
    return name + struct.pack("<I", len(data) if length is None else length) + data + b"\0" * (len(data) % 2)


def wav(*chunks, kind=1, channels=1, rate=16_000, per_second=32_000, frame=2, bits=16):
    header = chunk(b"fmt ", struct.pack("<HHIIHH", kind, channels, rate, per_second, frame, bits))
    body = b"WAVE" + header + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refused(data):
    with pytest.raises(DataError) as caught:
        reader.decode(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("begins", "suffix"),
    [
        (b"\0\0\0\x1cftypM4A \0\0\2\0", "m4a"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "mp4"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\0", "3gp"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "mov"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81", "webm"),
        (b"#!AMR-WB\n", "amr"),
        (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9", "wma"),
        (b"\xff\xf1P\x80", "aac"),
        (b"caff\0\1\0\0", "caf"),
        (b"\xf0\x7e\0\1\0\0", "sds"),
        (b"RF64\xff\xff\xff\xffWAVE", "rf64"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_phones_and_browsers_record_is_named_with_the_way_to_convert_it(begins, suffix):
    message = refused(begins + bytes(500))
    assert message == f"is {suffix}, which is not read here. Convert it: ffmpeg -i in.{suffix} out.wav"


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\n <html lang=en>", b"\xef\xbb\xbf<HTML>"])
def test_a_web_page_is_named(page):
    assert refused(page) == "is a web page, not audio. Get it again."


def test_a_tag_before_a_wav_is_left_out_to_the_byte():
    """libsndfile takes ten bytes of the tag, or of the sound, for the other."""
    whole = wav(chunk(b"data", SOUND))
    tag = b"ID3\3\0\0" + bytes([0, 0, 1, 2]) + bytes(130)
    assert containers.without_tag(tag + whole) == whole
    np.testing.assert_array_equal(reader.decode(tag + whole), reader.decode(whole))
    assert "cut short" in refused((tag + whole)[:-2])
    mp3 = tag + b"\xff\xfb\x90\x00"
    assert containers.without_tag(mp3) == mp3


def test_a_recorder_that_died_is_named_with_the_cure():
    data = wav(chunk(b"data", SOUND, length=0))
    words = r"its header says 0 bytes of sound, and 800 more follow. Repair it: ffmpeg -ignore_length 1 -i in"
    assert words in refused(data)
    assert "was not closed" in refused(wav(chunk(b"data", SOUND, length=300)))  # written while it ran
    assert refused(wav(chunk(b"data", b""))) == "has no samples. Get it again."
    assert refused(wav(chunk(b"data", b""), chunk(b"LIST", bytes(900)))) == "has no samples. Get it again."


def test_other_chunks_and_a_little_litter_after_the_sound_are_forgiven():
    for more in (chunk(b"LIST", bytes(901)), b"\0\0\0", b"\x11" * 300):
        assert len(reader.decode(wav(chunk(b"data", SOUND), more))) == 400


def test_a_million_empty_chunks_are_not_counted():
    data = wav(chunk(b"data", SOUND), bytes(8_000_000))
    tracemalloc.start()
    try:
        assert "was not closed by its recorder" in refused(data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "lie",
    [
        {"channels": 2},
        {"rate": 48_000},
        {"rate": 16_001},
        {"bits": 24},
        {"frame": 4},
        {"per_second": 64_000},
        {"kind": 3, "bits": 32},
    ],
    ids=str,
)
def test_a_header_that_contradicts_itself_is_refused(lie):
    assert "contradicts itself" in refused(wav(chunk(b"data", SOUND), **lie))


def test_a_header_without_bytes_a_second_is_forgiven():
    assert len(reader.decode(wav(chunk(b"data", SOUND), per_second=0))) == 400


def test_24_bits_in_32_are_refused_since_libsndfile_takes_them_for_24():
    assert "contradicts" in refused(wav(chunk(b"data", SOUND), frame=4, per_second=64_000, bits=24))
