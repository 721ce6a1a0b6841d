"""The columns of a roster of households and members, and a roster as its editor wrote it."""

from collections.abc import Mapping

from middleware.services.sheet_lines import Columns, Sheet, read_sheet

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "village": ("村", "村名", "村庄", "所在村", "行政村", "社区", "村社区", "所属村"),
    "branch": ("支部", "党支部", "所在支部", "所在党支部", "所属党支部", "支部名称", "党支部名称", "党组织"),
    "household": ("户号", "家庭编号", "户编号", "用户号", "住户编号"),
    "address": ("住址", "地址", "家庭住址", "住所", "门牌号"),
    "code": ("编号", "党员编号", "党员号", "人员编号"),
    "name": ("姓名", "党员姓名", "名字"),
    "group": ("党小组", "小组", "组别", "所在党小组", "所属党小组"),
    "role": ("职务", "党内职务", "担任职务"),
    "phone": ("手机号", "手机", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "移动电话"),
    "active": ("在册", "是否在册", "党员状态", "状态"),
}
"""Every column with the names it goes by, the usual one first."""

HEAD = tuple(names[0] for field, names in COLUMNS.items() if field != "active")
"""The columns of an export, which holds only those who are there."""

_ROSTER = Columns(COLUMNS, frozenset({"code", "household"}), HEAD)


def read_roster(data: bytes, filename: str) -> Sheet:
    """Read a roster of members and households from XLSX or CSV. Raises BadValue(file_…) for the file as a whole."""
    return read_sheet(data, filename, _ROSTER)


def field_of(word: str) -> str | None:
    """Return which column a head means: blanks, stars and what stands in brackets do not count."""
    return _ROSTER.field_of(word)
