"""ffmpeg and ffprobe: what a recording says about itself, its poster, and a preview that browsers play."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qingkong.domains.enforcement.evidence.media import process

LONGEST_PREVIEW = 600  # seconds; a longer recording is previewed by its first ten minutes
SCALE = (
    "yadif=deint=interlaced,"
    "scale=w='trunc(min(1280,iw*if(sar,sar,1))/2)*2':h='trunc(ih*min(1,1280/(iw*if(sar,sar,1)))/2)*2',setsar=1"
)
LOCAL = ("-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file")


@dataclass(frozen=True, slots=True)
class Probe:
    """A recording in its own words. `claimed` is ISO 8601 or empty; times in milliseconds."""

    width: int | None
    height: int | None
    duration_ms: int | None
    codecs: tuple[str, ...]
    claimed: str

    @property
    def has_picture(self) -> bool:
        return self.width is not None


def tool(name: str) -> str | None:
    """Where ffmpeg or ffprobe is; None where the machine has none."""
    return shutil.which(name)


def version(ffmpeg: str, *, folder: Path) -> str:
    """As `ffmpeg 5.1.9`."""
    words = process.run([ffmpeg, "-version"], folder=folder).split(maxsplit=3)
    return f"ffmpeg {words[2].decode(errors='replace')}"[:60]


def probe(file: Path, *, ffprobe: str, folder: Path) -> Probe:
    """What the recording says about itself. Raises process.Failed where nothing in it can be read."""
    command = [ffprobe, *LOCAL, "-show_format", "-show_streams", "-of", "json", f"file:{file}"]
    answer = json.loads(process.run(command, folder=folder))
    streams = [s for s in answer.get("streams", []) if s.get("codec_type") in ("video", "audio")]
    if not streams:
        raise process.Failed("no stream")
    video: dict[str, Any] = next((s for s in streams if s["codec_type"] == "video" and s.get("width")), {})
    tags = {**answer.get("format", {}).get("tags", {})}
    seconds = answer.get("format", {}).get("duration")
    return Probe(
        video.get("width"),
        video.get("height"),
        round(float(seconds) * 1000) if seconds else None,
        tuple(sorted({str(s.get("codec_name", "?")) for s in streams})),
        str(tags.get("creation_time", "")),
    )


def make_poster(file: Path, target: Path, *, parent: str, ffmpeg: str, folder: Path) -> None:
    """One picture from near the beginning, as JPEG."""
    command = [ffmpeg, *LOCAL, "-i", f"file:{file}", "-map", "0:v:0", "-vf", f"thumbnail=24,{SCALE}", "-frames:v", "1"]
    process.run([*command, *_plain(parent), "-q:v", "4", "-y", f"file:{target}"], folder=folder)


def make_preview(file: Path, target: Path, *, picture: bool, parent: str, ffmpeg: str, folder: Path) -> None:
    """H.264 and AAC in MP4, at most 1280 wide and ten minutes long; sound alone as AAC."""
    shape = [
        "-map",
        "0:v:0",
        "-vf",
        SCALE,
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "26",
        "-pix_fmt",
        "yuv420p",
    ]
    command = [ffmpeg, *LOCAL, "-i", f"file:{file}", "-t", str(LONGEST_PREVIEW), *(shape if picture else ["-vn"])]
    sound = ["-map", "0:a:0?", "-c:a", "aac", "-b:a", "96k", "-ac", "2"]
    process.run([*command, *sound, *_plain(parent), "-movflags", "+faststart", "-y", f"file:{target}"], folder=folder)


def _plain(parent: str) -> list[str]:
    """None of the original's metadata, and the parent's name."""
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-metadata", f"comment=derivative of sha256:{parent}"]
