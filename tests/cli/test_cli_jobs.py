"""`nanhu-tv asset enqueue | jobs | cancel | retry`, as an operator types them; the server works them off."""

from pathlib import Path

from middleware.services import jobs as use
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.cli.conftest import Nanhu


def lay(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).write_bytes(b"film")
    return [str(folder / name) for name in names]


def test_films_wait_are_listed_cancelled_and_tried_again(nanhu: Nanhu, tmp_path: Path) -> None:
    one, two = lay(tmp_path, "红船.mp4", "南湖.mkv")
    told = nanhu.well("asset", "enqueue", one, two, "--column", "films", "--priority", "7")
    assert told == "Job 1: 红船 (films) waits\nJob 2: 南湖 (films) waits\n"
    nanhu.well("asset", "cancel", "1")
    assert nanhu.well("asset", "jobs") == (
        "    2  南湖 (films), queued\n    1  红船 (films), failed, cancelled: 已经取消，没有添加。\n"
    )
    nanhu.well("asset", "retry", "1")
    assert nanhu.well("asset", "priority", "1", "9") == "Job 1: 红船 has priority 9\n"

    assert nanhu.well("asset", "jobs", "--limit", "1") == "    2  南湖 (films), queued\n"
    assert nanhu.fault("asset", "cancel", "9") == "there is no such job; `nanhu-tv asset jobs` lists them"
    assert nanhu.fault("asset", "retry", "2") == "only a job that failed, was refused or cancelled can be tried again"
    assert nanhu.fault("asset", "enqueue", one, "--column", "films") == "this file waits or is worked on already"


def test_what_is_of_one_film_is_not_given_to_two(nanhu: Nanhu, tmp_path: Path) -> None:
    one, two = lay(tmp_path, "a.mp4", "b.mp4")

    assert "give one FILE" in nanhu.fault("asset", "enqueue", one, two, "--column", "films", "--title", "红船")
    assert nanhu.fault("asset", "enqueue", f"{one}x", "--column", "films") == f"there is no file {one}x"


def test_a_running_job_shows_how_far_it_is(nanhu: Nanhu, tmp_path: Path) -> None:
    (one,) = lay(tmp_path, "a.mp4")
    nanhu.well("asset", "enqueue", one, "--column", "films", "--title", "红船")
    (nanhu.data / "work").mkdir(exist_ok=True)
    (nanhu.data / "work" / "progress.json").write_text('{"1": {"state": "encoding", "fraction": 0.4}}')
    assert nanhu.well("asset", "jobs") == "    1  红船 (films), queued\n"
    store = Store.open(f"sqlite:///{nanhu.data}/nanhu.db", vault=Vault.load(nanhu.data))
    store.run_sync(lambda uow: use.claim(uow, uow.jobs.newest(1)[0].created_at, uow.jobs.newest(1)[0].node, 1))
    store.close()

    assert nanhu.well("asset", "jobs") == "    1  红船 (films), encoding  40%\n"
