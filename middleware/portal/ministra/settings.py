"""What the operator decides about this API."""

from attrs import frozen


@frozen
class Settings:
    """`zone` is that of boxes that tell none; `unknown` is what becomes of boxes that nobody has entered.

    `prefixes` are beginnings of MACs that may register themselves, none = any. `public` is host and port that boxes
    are sent to, empty = those they asked. `without_profile` admits clients that never ask for a profile. With
    `maintenance` all boxes wait.
    """

    watchdog_s: int = 120
    zone: str = "Asia/Shanghai"
    unknown: str = "pending"
    prefixes: tuple[str, ...] = ("00:1A:79",)
    hotline: str = ""
    public: str = ""
    without_profile: bool = False
    maintenance: bool = False

    def admits(self, mac: str) -> bool:
        """Whether a box with this MAC may register itself."""
        return not self.prefixes or mac.startswith(tuple(one.upper() for one in self.prefixes))
