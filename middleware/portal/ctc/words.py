"""What viewers read on the pages of the dialects."""

from typing import Final

GOING_ON: Final = "正在登录，请稍候"
NO_BOX: Final = "这个页面要在机顶盒上打开"
RETRY: Final = "按 OK 再试一次"
CALL: Final = "服务电话："
CODE: Final = "代码 "
ALL_CHANNELS: Final = "全部"
TITLE: Final = "登录没有成功"
