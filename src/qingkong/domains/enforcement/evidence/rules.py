"""What a file is, judged by its content and not by its name; what may be shown of it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qingkong.kernel.text import Labelled, Sentence, local, zh

FOR_EVER = date(9999, 12, 31)
AHEAD = timedelta(minutes=10)  # how far a device's clock may run ahead before the page says so


class Kind(Labelled):
    PHOTO = "photo", zh("照片")
    VIDEO = "video", zh("视频")
    AUDIO = "audio", zh("录音")
    DOCUMENT = "document", zh("文档")
    OTHER = "other", zh("其他")


class State(Labelled):
    KEPT = "kept", zh("在库")
    QUARANTINED = "quarantined", zh("隔离")


class Source(Labelled):
    BODY_CAMERA = "body_camera", zh("执法记录仪")
    CAMERA = "camera", zh("相机")
    PHONE = "phone", zh("手机")
    CCTV = "cctv", zh("监控录像")
    GIVEN = "given", zh("当事人提供")
    EXTRACTED = "extracted", zh("设备提取")


class DerivativeKind(Labelled):
    THUMBNAIL = "thumbnail", zh("缩略图")
    VIEW = "view", zh("查看图")
    POSTER = "poster", zh("封面")
    PREVIEW = "preview", zh("预览")


class WhyNot(Labelled):
    """Why there is no derivative; the original isn't touched by it."""

    NO_TOOL = "no_tool", zh("本机没有 ffmpeg，不能制作预览。原件不受影响，可以下载。管理人员运行：apt install ffmpeg。")
    UNREADABLE = "unreadable", zh("解不出画面或声音，没有预览。原件不受影响，可以下载。")
    TOO_HEAVY = "too_heavy", zh("制作预览超过了时间或内存限制。原件不受影响，可以下载。")


class Family(Labelled):
    """What content is, as far as safety is concerned."""

    PHOTO = "photo", zh("照片")
    VIDEO = "video", zh("视频")
    AUDIO = "audio", zh("录音")
    DOCUMENT = "document", zh("文档")
    ARCHIVE = "archive", zh("压缩包")
    PROGRAM = "program", zh("程序")
    ACTIVE = "active", zh("网页或脚本")
    UNKNOWN = "unknown", zh("认不出")


MEDIA = frozenset({Family.PHOTO, Family.VIDEO, Family.AUDIO})
EXTENSIONS: dict[Family, str] = {
    Family.PHOTO: "jpg jpeg jfif png gif webp bmp tif tiff heic heif avif jp2 dng cr2 nef",
    Family.VIDEO: "mp4 m4v mov avi mkv webm mts m2ts ts mpg mpeg 3gp wmv flv dav",
    Family.AUDIO: "mp3 wav m4a aac amr ogg opus flac wma aif aiff",
    Family.DOCUMENT: "pdf doc docx xls xlsx ppt pptx rtf ofd wps et dps txt csv",
    Family.ARCHIVE: "zip rar 7z tar gz bz2 xz",
    Family.PROGRAM: "exe dll com scr msi bat cmd ps1 vbs jar apk so elf",
    Family.ACTIVE: "html htm svg xml xhtml js mjs sh py php",
}
_FAMILY_OF = {extension: family for family, names in EXTENSIONS.items() for extension in names.split()}

PROGRAM_IN_DISGUISE = zh("文件名像{named}，内容却是{found}。已收存并隔离，不能查看。")
A_PROGRAM = zh("内容是程序。已收存并隔离，不能查看；需要检验的，在隔离的设备上进行。")
NOT_WHAT_IT_SAYS = zh("文件名像{named}，内容却是{found}。已收存并隔离，请核对来源。")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a file is kept: its kind, its state, and the reason where it is quarantined."""

    kind: Kind
    state: State
    reason: Sentence | None = None


def named_family(name: str) -> Family:
    """What a file's name claims it to be."""
    return _FAMILY_OF.get(name.rpartition(".")[2].lower(), Family.UNKNOWN) if "." in name else Family.UNKNOWN


def family_of(content_type: str) -> Family:
    """What a content type, found by looking at the bytes, stands for."""
    main, _, sub = content_type.partition("/")
    if content_type in PROGRAMS:
        return Family.PROGRAM
    if content_type in ACTIVE:
        return Family.ACTIVE
    if main in ("image", "video", "audio"):
        return {"image": Family.PHOTO, "video": Family.VIDEO, "audio": Family.AUDIO}[main]
    if sub in DOCUMENTS or main == "text":
        return Family.DOCUMENT
    return Family.ARCHIVE if sub in ARCHIVES else Family.UNKNOWN


PROGRAMS = frozenset(
    {
        "application/x-msdownload", "application/x-executable", "application/x-mach-binary", "application/java-vm",
        "application/vnd.android.dex", "application/x-ms-shortcut", "application/x-shellscript",
        "application/wasm", "application/x-shockwave-flash", "application/vnd.microsoft.portable-executable",
    }
)  # fmt: skip
ACTIVE = frozenset({"text/html", "image/svg+xml", "text/xml"})
DOCUMENTS = frozenset(
    {
        "pdf", "rtf", "msword", "vnd.ms-excel", "vnd.ms-powerpoint",
        "vnd.openxmlformats-officedocument.wordprocessingml.document",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)  # fmt: skip
ARCHIVES = frozenset({"zip", "x-tar", "gzip", "x-bzip2", "x-rar-compressed", "x-7z-compressed", "x-xz", "zstd"})


def judge(name: str, content_type: str) -> Verdict:
    """How to keep a file of this name with this content. A picture that is a program is kept, and shown to nobody."""
    found, named = family_of(content_type), named_family(name)
    kind = Kind(found.value) if found.value in set(Kind) else Kind.OTHER
    if found is Family.PROGRAM:
        disguised = named not in (Family.PROGRAM, Family.ACTIVE, Family.UNKNOWN)
        reason = PROGRAM_IN_DISGUISE.fill(named=named.label, found=found.label) if disguised else A_PROGRAM
        return Verdict(Kind.OTHER, State.QUARANTINED, reason)
    if named in MEDIA and found is not Family.UNKNOWN and found not in MEDIA:
        return Verdict(Kind.OTHER, State.QUARANTINED, NOT_WHAT_IT_SAYS.fill(named=named.label, found=found.label))
    return Verdict(Kind.OTHER if found is Family.ACTIVE else kind, State.KEPT)


WANTED: dict[Kind, tuple[DerivativeKind, ...]] = {
    Kind.PHOTO: (DerivativeKind.THUMBNAIL, DerivativeKind.VIEW),
    Kind.VIDEO: (DerivativeKind.POSTER, DerivativeKind.PREVIEW),
    Kind.AUDIO: (DerivativeKind.PREVIEW,),
}
INLINE = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/wav",
        "audio/mp4",
    }
)
"""What a browser may be given to show. Everything else is only ever downloaded."""


def wanted(kind: Kind, state: State) -> tuple[DerivativeKind, ...]:
    """The derivatives to make; none of what is quarantined."""
    return WANTED.get(kind, ()) if state is State.KEPT else ()


def plays_in_browser(content_type: str, codecs: frozenset[str]) -> bool:
    """Whether browsers play the original as it is, so that no preview need be made."""
    if content_type == "video/mp4":
        return "h264" in codecs and codecs <= {"h264", "aac", "mp3"}
    if content_type == "video/webm":
        return codecs <= {"vp8", "vp9", "av1", "opus", "vorbis"}
    return content_type in ("audio/mpeg", "audio/wav") and codecs <= {"mp3", "pcm_s16le", "pcm_u8"}


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """How long what hangs on a call or a case is kept; `months` None is for ever."""

    article: str
    purpose: str
    months: int | None


def kept_until(rule: KeepingRule, received_at: datetime) -> date:
    """The day a file may go: so many months after it came, counted on the county's calendar; or never."""
    if rule.months is None:
        return FOR_EVER
    day = local(received_at).date()
    year, month = divmod(day.month - 1 + rule.months, 12)
    last = (date(day.year + year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(day.year + year, month + 1, min(day.day, last))


CLOCK_AHEAD = zh("文件写的拍摄时间晚于收到时间，设备的时钟不准；以收到时间为准。")


def doubt_about_time(claimed_at: datetime | None, received_at: datetime) -> Sentence | None:
    """What to say where a file claims to be newer than its arrival."""
    return CLOCK_AHEAD if claimed_at and claimed_at - received_at > AHEAD else None
