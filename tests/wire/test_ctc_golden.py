"""The bytes of every answer, looked at once and kept."""

import pytest

from tests.wire.ctc_golden import FOLDER, answers


@pytest.mark.parametrize("name", answers())
def test_the_answer_is_byte_by_byte_what_was_looked_at(name: str) -> None:
    assert answers()[name] == (FOLDER / name).read_bytes()


def test_no_answer_is_kept_that_is_not_made() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(answers())
