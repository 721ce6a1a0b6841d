"""Settings are read whole or refused whole, with every fault named."""

from pathlib import Path

import pytest

from middleware.config import BadConfig, load, parse, settings

DATA = Path("/srv/nanhu")


def test_no_file_means_defaults_that_work() -> None:
    config = load(None, DATA)

    assert config.server.port == 8080
    assert config.database_url == "sqlite:////srv/nanhu/nanhu.db"


def test_lists_are_read_and_their_defaults_are_shown_as_they_would_be_written() -> None:
    shown = {path: default for path, default, _ in settings()}

    config = parse("[server]\nports = [8082, 33200]", DATA)

    assert config.server.ports == [8082, 33200]
    assert config.devices.mac_prefixes == ["00:1A:79"]
    assert shown["server.ports"] == "[]"
    assert shown["devices.mac_prefixes"] == '["00:1A:79"]'


def test_every_fault_is_listed_with_its_path() -> None:
    text = """
    [server]
    port = 99999
    hots = "0.0.0.0"
    [database]
    url = "mysql://x"
    threads = "many"
    [potral]
    """

    with pytest.raises(BadConfig) as refused:
        parse(text, DATA)

    assert [str(fault) for fault in refused.value.faults] == [
        "potral: unknown section",
        "server.hots: unknown setting",
        "server.port: must be between 1 and 65535, is 99999",
        "database.url: must start with sqlite:/// or postgresql+psycopg://, or be empty for SQLite in the data folder",
        "database.threads: must be a whole number, is 'many'",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[server", "file: is not TOML"),
        ("server = 3", "server: must be a section"),
        ("[server]\nport = true", "server.port: must be a whole number, is True"),
        ("[portal.overrides]\nx = 3", "portal.overrides: must hold text values only"),
        ("[portal.keys]\ndvn = 3", "portal.keys: must hold tables of text values only"),
        ("[portal.keys.dvn]\n640 = 3", "portal.keys: must hold tables of text values only"),
        ("[server]\nports = [8082, true]", "server.ports: must hold whole numbers only"),
        ("[server]\nports = [8082, 70000]", "server.ports: must hold ports between 1 and 65535, 70000 is none"),
        ("[devices]\nmac_prefixes = ['zz']", "devices.mac_prefixes: must hold beginnings of a MAC such as 00:1A:79"),
        ("[ctc]\nskins = ['gold']", "ctc.skins: must hold names out of liveplay_30.*, 'gold' is none"),
        ("[ctc]\nepg_host = 'a b'", "ctc.epg_host: must be a host or host:port"),
        ("[ministra]\nzone = 'Asia/Nanhu'", "ministra.zone: there is no time zone"),
        ("[rest]\nenabled = 1", "rest.enabled: must be true or false"),
        ("[streams]\nopen_s = 5", "streams.open_s: must be between 30 and 600"),
        ("[[guide.outputs]]\nname='a'\nfolder='/a'\n" * 2, "guide.outputs: two are called a"),
        ("[guide.outputs]\npassword = 'hush'", "guide.outputs: must be a list$"),
        ("[guide]\noutputs = [3]", r"guide.outputs\[1\]: must be a section"),
        ('[portal]\nhome = "tv"', "portal.home: must be one of live, boards, is 'tv'"),
    ],
)
def test_a_fault_is_said_plainly(text: str, fault: str) -> None:
    with pytest.raises(BadConfig, match=fault):
        parse(text, DATA)


def test_outputs_of_the_guide_are_read_and_each_fault_has_its_place() -> None:
    sound = parse("[[guide.outputs]]\nname = 'town'\naddress = 'https://epg.example/put?key=s'", DATA).guide.outputs[0]
    text = """
    [[guide.outputs]]
    name = "town"
    folder = "drop"
    [[guide.outputs]]
    name = "town"
    kind = "ts"
    address = "http://user:hush@epg.example/"
    [[guide.outputs]]
    kind = "bin"
    address = "http://epg.example/"
    password = "hush"
    days = 0
    [[guide.outputs]]
    kind = "bin"
    address = "http://epg.example/"
    password = "hush"
    [[guide.outputs]]
    name = "a"
    folder = "/srv"
    password = 5
    """

    with pytest.raises(BadConfig) as refused:
        parse(text, DATA)

    assert [str(fault) for fault in refused.value.faults] == [
        "guide.outputs[1].folder: must begin with /, is 'drop'",
        "guide.outputs[2].address: must not hold user and password, which have settings of their own",
        "guide.outputs[3].days: must be between 1 and 31, is 0",
        "guide.outputs[4].name: is missing",
        "guide.outputs[4].network: is missing",
        "guide.outputs[4].address: takes XMLTV only",
        "guide.outputs[4].password: is there without a user",
        "guide.outputs[5].password: must be text",
    ]
    assert (sound.file, sound.place) == ("town.xml.gz", "https://epg.example/put?***")


def test_a_missing_file_and_foreign_bytes_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="No such file"):
        load(tmp_path / "none.toml", DATA)
    (tmp_path / "gbk.toml").write_bytes("[portal]\ntown='南湖'".encode("gbk"))
    with pytest.raises(BadConfig, match="not UTF-8"):
        load(tmp_path / "gbk.toml", DATA)


def test_every_setting_says_what_it_means() -> None:
    assert all(about for _, _, about in settings())
