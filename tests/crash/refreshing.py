"""A refresh of a source as processes that end at any point: `python -m tests.crash.refreshing DATA`.

For each number N on stdin a process is forked that fetches the source and is killed by SIGKILL just before its Nth
step; 0 lets it go to its end. A step is a part of the download, the reading of the feed, a statement, a commit, or the
end. Answers with the number of the signal that ended it, and with the steps that a whole refresh takes.
"""

import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from middleware.headend import fetching
from middleware.headend.fetching import Fetcher
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.middleware.test_playout import Direct


class Steps:
    """Counts what happens, and ends the process before the last step."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._numbers = count(1)
        self.seen = 0

    def step(self, *_about: object, **_more: object) -> None:
        self.seen = next(self._numbers)
        if self.seen == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, function: Any) -> Any:
        def stepped(*arguments: Any) -> Any:
            self.step()
            return function(*arguments)

        return stepped


def refresh(data: Path, now: datetime, last: int) -> int:
    """Fetch the source; the steps that it took."""
    steps = Steps(last)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    source = store.run_sync(lambda uow: uow.sources.by_name("p"))
    fetcher = Fetcher(Direct(store), lambda: now, Clock(), lambda work: succeed(work()), data)
    for name in ("asked", "_body", "_copy", "_read"):
        setattr(fetching, name, steps.before(getattr(fetching, name)))
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, steps.step)
    out: list[Any] = []
    Deferred.fromCoroutine(fetcher.fetch(source)).addBoth(out.append)
    steps.step()
    store.close()
    if hasattr(out[0], "value"):
        raise out[0].value
    return steps.seen


def main(data: Path, now: datetime) -> None:
    """Serve until stdin ends."""
    print("ready", flush=True)
    for line in sys.stdin:
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(tell, str(refresh(data, now, int(line))).encode())
            os._exit(0)
        os.close(tell)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status), os.read(told, 20).decode() or 0, os.WEXITSTATUS(status), flush=True)
        os.close(told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
