"""What can go wrong with a film: stable codes for operators and logs, one Chinese sentence each for editors."""

from typing import Final

REFUSALS: Final = {
    "not_media": "这不是视频文件，请选择 MP4、MKV、TS、AVI 等格式的视频。",
    "no_video": "文件里没有画面，请选择带画面的视频。",
    "too_long": "视频太长，请剪短后再添加。",
    "too_large": "视频文件或画面尺寸太大，请压缩后再添加。",
    "too_many_streams": "文件里的音视频轨道太多，请只保留一条画面和一条声音。",
    "unsupported_codec": "视频的编码格式不支持，请转成 H.264 后再添加。",
    "encrypted": "视频有加密保护，不能添加。",
    "truncated": "视频文件不完整或已损坏，请重新拷贝或重新导出。",
    "bad_subtitles": "字幕文件读不出来，请选择 SRT、VTT 或 ASS 格式、不超过 2 MB 的字幕。",
}
FAILURES: Final = {
    "disk_full": "磁盘空间不足，视频没有添加，请清理磁盘后重试。",
    "stalled": "视频处理停住了，已经中止，请重试。",
    "time_limit": "视频处理超过了时限，已经中止。",
    "tool_missing": "服务器没有安装 ffmpeg，请联系管理员。",
    "encode_failed": "视频转码失败，请换一个文件或联系管理员。",
    "verify_failed": "转码后的视频没有通过检查，没有添加。",
}


class VodError(Exception):
    """A film could not be used. `code` is stable, `message_zh` is for the editor, `detail` for the log."""

    def __init__(self, code: str, message_zh: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail or message_zh}")
        self.code = code
        self.message_zh = message_zh
        self.detail = detail


class Refused(VodError):
    """The file is at fault: trying again with the same file cannot help. `code` is a key of REFUSALS."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, REFUSALS[code], detail)


class PackagingFailed(VodError):
    """The server is at fault. `code` is a key of FAILURES."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, FAILURES[code], detail)
