"""Every refusal of the product: one tree, each with a stable code and a line in the viewer's language."""


class DomainError(Exception):
    """Something was refused.

    `code` is stable and may be compared; `message_zh` is for viewers and editors; `str(error)` is one English line
    for operators and logs. No field ever holds a phone number.
    """

    def __init__(self, code: str, message_zh: str, detail: str = "") -> None:
        super().__init__(detail or f"{code}: {message_zh}")
        self.code = code
        self.message_zh = message_zh


class NotFound(DomainError):
    """What was asked for is not there, or not for the one who asks."""

    def __init__(self, message_zh: str = "没有找到这项内容", code: str = "not_found") -> None:
        super().__init__(code, message_zh)


class BadValue(DomainError):
    """A value typed or sent breaks a rule; `message_zh` says which."""


class BadPhone(BadValue):
    """Not a mainland mobile number; `code` tells the kind of fault, the number itself is not kept."""


class Forbidden(DomainError):
    """The one who asks may not do this."""

    def __init__(self, message_zh: str = "没有权限", code: str = "forbidden") -> None:
        super().__init__(code, message_zh)


class Fenced(DomainError):
    """Somebody else has taken over what only one may write; nothing more is written under the old number."""

    def __init__(self, detail: str) -> None:
        super().__init__("fenced", "已由另一台服务器接管", detail)


class StorageError(DomainError):
    """The store cannot do its work now; `str(error)` tells the operator what to do."""

    fixed_code = "storage"
    fixed_zh = "系统暂时不能保存，请稍后再试"

    def __init__(self, detail: str) -> None:
        super().__init__(self.fixed_code, self.fixed_zh, detail)


class Busy(StorageError):
    """The bounded queue is full, or another process holds the database; try again after a jittered pause."""

    fixed_code = "busy"
    fixed_zh = "现在人多，请稍等几秒再按一次"


class Unreachable(StorageError):
    """The database server does not answer, or refuses our name and password."""

    fixed_code = "database_unreachable"


class ReadOnly(StorageError):
    """The data folder or database may not be written."""

    fixed_code = "read_only"


class DiskFull(StorageError):
    """No space is left for the database or a backup."""

    fixed_code = "disk_full"


class Damaged(StorageError):
    """The file is not a database, or its pages are inconsistent."""

    fixed_code = "database_damaged"


class SchemaMismatch(StorageError):
    """The tables are older or newer than this program."""

    fixed_code = "schema_mismatch"


class KeyMissing(StorageError):
    """The key that the stored phone numbers are sealed with is not in the key file."""

    fixed_code = "key_missing"
