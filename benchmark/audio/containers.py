"""What an audio file's own bytes say, before and beside decoding: its kind, whether it is whole, and lies.

libsndfile reads a file that stops early, or whose header contradicts itself, without a word.
"""

from __future__ import annotations

import zlib
from typing import Literal, NamedTuple

POINTER = b"version https://git-lfs.github.com/spec/v1"  # how a file begins that Git LFS has not fetched
STREAMED = 0x7FFF0000  # from here on (SoX; FFmpeg 0xFFFFFFFF) a WAV's length means: written into a pipe
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # formats of a WAV whose samples all have the same size
MOST = 1000  # chunks; an honest file has a handful
PADDING = 8  # bytes after the last chunk that nobody misses
# Where and how a file begins that is sound in a container that is not read, and how its name usually ends.
UNREAD = (
    (4, b"ftypM4A", "m4a"),
    (4, b"ftyp3g", "3gp"),
    (4, b"ftypqt", "mov"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1aE\xdf\xa3", "webm"),
    (0, b"#!AMR", "amr"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "wma"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"RF64", "rf64"),
    (0, b"RIFX", "rifx"),
    (0, b"riff", "w64"),
    (8, b"AVI ", "avi"),
    (0, b"\xf0\x7e", "sds"),  # of which libsndfile prints what is damaged on standard output
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
)
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
WEB_PAGES = (b"<!doctype html", b"<html")

SHORT = "is cut short: it ends before its header says. Get it again."

Order = Literal["little", "big"]


class Chunk(NamedTuple):
    """A piece of a WAV or AIFF file: its name, where it begins, and how long it says that it is."""

    name: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the next one begins, which is an even offset."""
        return self.start + self.length + self.length % 2


def kind_problem(data: bytes) -> str:
    """Why a file that begins so is none that is read, and what to do; "" where it may be."""
    if not data:
        return "the file is empty (zero bytes). Get it again."
    if is_pointer(data):
        return "is a Git LFS pointer, not audio. Run `git lfs pull` where it was cloned."
    if is_web_page(data):
        return "is a web page, not audio. Get it again."
    return ""


def unread(data: bytes) -> str:
    """How the name of a file that begins so usually ends, where its container is not read; else ""."""
    kinds = (suffix for start, magic, suffix in UNREAD if data[start : start + len(magic)] == magic)
    return next(kinds, "")


def is_pointer(data: bytes) -> bool:
    """Whether this is what Git LFS leaves in a file's place until it is pulled."""
    return data.startswith(POINTER)


def is_web_page(data: bytes) -> bool:
    """Whether these bytes are the beginning of a web page, such as a login or an error."""
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(WEB_PAGES)


def converted(suffix: str) -> str:
    """How a person makes a file that is read out of one that is not."""
    return f"Convert it: ffmpeg -i in.{suffix} out.wav"


def without_tag(data: bytes) -> bytes:
    """Without the ID3 tag that some programs write before a WAV or another file; an MP3 keeps its own."""
    if data[:3] != b"ID3":
        return data
    size = sum((byte & 127) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
    begins = data[10 + size : 14 + size]
    return data[10 + size :] if begins in (b"RIFF", b"FORM", b"fLaC", b"OggS") else data


def header_problem(data: bytes) -> str:
    """Why a file that libsndfile reads must not be believed, and what to do; "" where it may."""
    if data[:4] == b"OggS":
        return _ogg_problem(data)
    if data[:4] == b"RIFF":
        return _wav_problem(data, _chunks(data, "little"))
    if data[:4] == b"FORM" and data[8:11] == b"AIF":
        return _cut_short(data, _chunks(data, "big"), b"SSND")
    return ""


def _ogg_problem(data: bytes) -> str:
    """A damaged page is left out by libsndfile, which makes the clip shorter.

    That no page has the flag of the last one is no problem: recorders that are switched off leave such files.
    """
    at, numbers = 0, dict[bytes, int]()
    while at < len(data):
        lengths = data[at + 27 : at + 27 + data[at + 26]] if at + 27 <= len(data) else b""
        page = data[at : at + 27 + len(lengths) + sum(lengths)]
        if len(page) < 27 or len(lengths) < page[26] or len(page) < 27 + len(lengths) + sum(lengths):
            return SHORT
        stream, number = page[14:18], int.from_bytes(page[18:22], "little")
        if _page_checksum(page) != page[22:26] or number != numbers.get(stream, 0):
            return (
                f"is damaged: page {number} of its Ogg stream is not whole, or the one before. Get it again."
            )
        numbers[stream] = number + 1
        at += len(page)
    return ""


def _page_checksum(page: bytes) -> bytes:
    """Ogg's CRC-32 (RFC 3533) is zlib's with the bits the other way round, and without its two inversions."""
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(MIRRORED)
    checksum = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{checksum:032b}"[::-1], 2).to_bytes(4, "little")


def _wav_problem(data: bytes, chunks: list[Chunk]) -> str:
    return _cut_short(data, chunks, b"data") or _unclosed(data, chunks) or _contradiction(data, chunks)


def _cut_short(data: bytes, chunks: list[Chunk], wanted: bytes) -> str:
    sound = next((chunk for chunk in chunks if chunk.name == wanted), None)
    if sound is None:  # it never began
        return SHORT
    return SHORT if sound.length < STREAMED and sound.start + sound.length > len(data) else ""


def _unclosed(data: bytes, chunks: list[Chunk]) -> str:
    """A recorder writes the length into the header when it is stopped; one that died has not."""
    sound = next(chunk for chunk in chunks if chunk.name == b"data")
    rest = len(data) - sound.end
    if sound.length >= STREAMED or chunks[-1].end + PADDING >= len(data) >= chunks[-1].end - 1:
        return ""
    if rest <= max(sound.length, PADDING):
        return ""
    return (
        f"was not closed by its recorder: its header says {sound.length} bytes of sound, and {rest} more "
        "follow. Repair it: ffmpeg -ignore_length 1 -i in.wav out.wav"
    )


def _contradiction(data: bytes, chunks: list[Chunk]) -> str:
    """Rate, channels and size of a sample are in a WAV's header twice."""
    start = next((chunk.start for chunk in chunks if chunk.name == b"fmt "), len(data))
    kind, channels, rate, bytes_a_second, frame, bits = (
        int.from_bytes(data[start + at : start + at + size], "little")
        for at, size in ((0, 2), (2, 2), (4, 4), (8, 4), (12, 2), (14, 2))
    )
    if kind not in (PCM, FLOAT, EXTENSIBLE):
        return ""
    if frame == channels * ((bits + 7) // 8) and bytes_a_second in (0, rate * frame):
        return ""
    return (
        f"has a header that contradicts itself: {channels} channels of {bits} bits at {rate} Hz, and "
        f"{frame} bytes a frame, {bytes_a_second} a second. Get it again."
    )


def _chunks(data: bytes, order: Order) -> list[Chunk]:
    """The first MOST of them."""
    chunks: list[Chunk] = []
    at = 12  # "RIFF", size, "WAVE"; the size is not looked at, since sloppy writers get it wrong
    while at + 8 <= len(data) and len(chunks) < MOST:
        chunks.append(Chunk(data[at : at + 4], at + 8, int.from_bytes(data[at + 4 : at + 8], order)))
        at = chunks[-1].end
    return chunks
