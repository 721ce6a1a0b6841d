"""Long files are read from who is logged in only: strangers could fill the memory with them."""

from tests.admin.conftest import Town

LONG = b"x" * 200_000


def test_a_roster_of_many_lines_is_read_for_an_office(town: Town) -> None:
    assert town.browser("office").upload("/admin/roster", "roster.csv", LONG).status == 422


def test_a_stranger_and_a_forged_session_are_refused_before_the_file_is_read(town: Town) -> None:
    stranger, forger = town.browser(), town.browser()
    forger.jar["staff"] = "1.1764000000.0123456789abcdef." + "0" * 64
    refused = [one.upload("/admin/roster", "roster.csv", LONG) for one in (stranger, forger)]

    assert [one.status for one in refused] == [403, 403]
    assert "重新登录" in refused[0].body


def test_a_session_that_was_ended_uploads_nothing_more(town: Town) -> None:
    browser, copy = town.browser("office"), town.browser()
    copy.jar.update(browser.jar)
    browser.post("/admin/logout")

    assert copy.upload("/admin/roster", "roster.csv", LONG).status == 403
