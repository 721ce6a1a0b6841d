"""The terminal box as a program: what it prints, how it ends, and many boxes at once."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tools.scripted_portal import Stalker, on_a_socket, reply
from tools.stb.cli import main
from tools.trial_town import free_port

ROOT = Path(__file__).resolve().parents[2]
Ran = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def stb(capsys: pytest.CaptureFixture[str]) -> Ran:
    """Runs the program in this process: exit code, lines, and lines of faults."""

    def run(portal: str, *words: str) -> tuple[int, list[str], list[str]]:
        # In a thread of its own: a browser of other tests may have an event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            code = thread.submit(main, ["--portal", portal, *words]).result()
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    return run


def test_a_log_in_is_told_step_by_step(stb: Ran) -> None:
    with on_a_socket(Stalker()) as base:
        code, out, err = stb(base, "login")

    assert (code, err) == (0, [])
    assert [line.split()[1] for line in out] == ["handshake", "profile", "localization"]


def test_channels_are_listed_after_the_log_in(stb: Ran) -> None:
    with on_a_socket(Stalker()) as base:
        code, out, _ = stb(base, "channels")

    assert (code, out[-1]) == (0, "   1  南湖新闻  [7]")


def test_a_refusal_is_one_line_and_exit_code_1(stb: Ran) -> None:
    with on_a_socket(Stalker(1)) as base:
        code, _, err = stb(base, "channels")

    assert (code, err) == (1, ["stb: stb/get_profile: blocked: 请致电 0633"])


def test_an_answer_of_another_shape_is_one_line(stb: Ran) -> None:
    with on_a_socket(lambda ask: reply(ask, {"token": "A", "status": "x"})) as base:
        code, _, err = stb(base, "login")

    assert (code, len(err)) == (1, 1)
    assert "no box can use" in err[0]


def test_no_answer_is_one_line_and_exit_code_3(stb: Ran) -> None:
    code, _, err = stb(f"http://127.0.0.1:{free_port()}", "login")

    assert (code, len(err)) == (3, 1)
    assert err[0].startswith("stb: no answer from http://127.0.0.1:")


def test_a_message_is_shown_and_confirmed(stb: Ran) -> None:
    portal = Stalker()

    with on_a_socket(portal) as base:
        code, out, _ = stb(base, "events")

    assert (code, out[-2:]) == (0, ["3 send_msg: 停水 通知", "3 confirmed"])
    assert portal.confirmed == ["3"]


def test_what_does_not_play_is_one_line_that_keeps_the_signature(stb: Ran) -> None:
    class Dead(Stalker):
        def answer(self, action: str, query: dict[str, str]) -> object:
            if action == "itv/create_link":
                return {"cmd": f"ffmpeg http://127.0.0.1:{free_port()}/l/signature/ch/7/index.m3u8", "error": ""}
            return super().answer(action, query)

    with on_a_socket(Dead()) as base:
        code, out, err = stb(base, "play", "1")

    assert (code, len(err)) == (1, 1)
    assert "nothing plays at" in err[0]
    assert "signature" not in "".join((*out, *err))


def test_many_boxes_boot_and_what_the_server_made_of_it_is_told(stb: Ran) -> None:
    portal = Stalker()

    with on_a_socket(portal) as base:
        code, out, err = stb(base, "load", "--boxes", "12", "--seconds", "1", "--boot-seconds", "0.5")

    assert (code, err) == (0, [])
    assert out[0].startswith("12 boxes booted, 0 polls; 312 requests in ")
    assert out[2] == "refusals: 0"
    assert portal.asked.count("itv/create_link") == 12


def test_boxes_that_are_refused_are_counted_by_the_reason(stb: Ran) -> None:
    with on_a_socket(Stalker(*[1] * 9)) as base:
        code, out, err = stb(base, "load", "--boxes", "5", "--seconds", "0.5", "--boot-seconds", "0.1")

    assert code == 1
    assert out[-1] == "  5 x stb/get_profile: blocked: 请致电 0633"
    assert len(err) == 1


def test_commands_are_read_from_standard_input_with_one_log_in_for_all() -> None:
    portal = Stalker()

    with on_a_socket(portal) as base:
        done = subprocess.run(
            [ROOT / "tools" / "stb.py", "--portal", base], input="channels\nnonsense\nchannels\nquit\nlogin\n",
            capture_output=True, text=True, timeout=30, check=False, cwd="/",
        )  # fmt: skip

    assert (done.returncode, portal.asked.count("stb/handshake")) == (2, 1)
    assert done.stdout.count("南湖新闻") == 2
    assert len(done.stderr.splitlines()) == 1


def test_it_runs_as_a_module_and_tells_what_it_can_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.stb", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert all(word in done.stdout for word in ("login", "channels", "now", "guide", "play", "keys", "events", "load"))
