"""What the docs say is what the program does: commands, settings, links."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from keymap.families import shipped
from middleware.app import key_changes
from middleware.cli import main
from middleware.config import parse
from tools.docs import commands, filled

ROOT = Path(__file__).resolve().parents[2]
EVERY = dict(commands())


def test_readme_lists_commands_and_settings_as_they_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert filled(text) == text, "type: .venv/bin/python -m tools.docs"


def test_settings_shown_as_examples_are_sound() -> None:
    examples = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    found = [parse(example, ROOT) for example in examples]

    assert True in [key_changes(config, shipped()).entries != () for config in found]


@pytest.mark.parametrize("path", EVERY)
def test_help_of_each_command_says_what_it_does_and_names_every_option(path: str) -> None:
    result = CliRunner().invoke(main, [*path.split()[1:], "--help"])

    assert result.exit_code == 0
    assert (EVERY[path].help or "").split("\n")[0].strip() in " ".join(result.output.split())
    options = [one for one in EVERY[path].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == [], "an option without a word of help"


def test_the_commands_of_the_product_are_all_there() -> None:
    expected = {
        *(
            "serve",
            "seed-demo",
            "check-config",
            "db upgrade",
            "db backup",
            "db status",
            "roster import",
            "roster export",
        ),
        *("rollcall open", "rollcall show", "rollcall extend", "rollcall close", "rollcall export"),
        *("asset add", "asset list", "asset remove", "epg import", "epg export"),
    }

    assert expected <= {path.removeprefix("nanhu-tv ") for path in EVERY}


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_files_named_in_the_docs_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:middleware|epg|vod|keymap|portal_pages|tests|tools)/[\w/.]+)`", text)

    assert [path for path in named if not (ROOT / path).exists()] == []
