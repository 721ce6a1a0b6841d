"""The OpenAPI document that the running program serves, and every operation of it by a real HTTP client."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from middleware.portal.rest.api import RESOURCES
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract import channel_town
from tests.portal.rest_town import MAC, NEW, OTHER, settle

PROGRAM = str(Path(sys.executable).with_name("nanhu-tv"))
WALK = (
    ("createAccount", "", {"login": "u1", "account_number": "A-1", "stb_mac": MAC, "tariff_plan": "gold"}),
    ("createAccount", "", {"login": "u1"}),
    ("createAccount", "", {"full_name": "nobody"}),
    ("listAccounts", "", {}),
    ("listAccountsNamed", f"A-1,{MAC}", {}),
    ("listAccountsNamed", "B-9", {}),
    ("updateAccount", MAC, {"status": "0", "end_date": "2027-01-01", "phone": "13806336021"}),
    ("updateAccount", "A-1", {"status": "maybe"}),
    ("createBox", "", {"mac": NEW, "ls": "A-2", "end_date": "2027-01-01"}),
    ("createBox", "", {"mac": "00:1A"}),
    ("listBoxes", "", {}),
    ("listBoxesNamed", f"{MAC},A-2", {}),
    ("updateBoxes", f"{MAC},{OTHER}", {"status": "1", "additional_services_on": "0"}),
    ("updateBoxes", "B-9", {"status": "1"}),
    ("sendMessage", MAC, {"msg": "明天停水", "ttl": "600", "auto_hide_timeout": "20"}),
    ("sendMessage", MAC, {}),
    ("sendEvent", "", {"event": "send_msg", "msg": "台风来了"}),
    ("sendEventNamed", MAC, {"event": "play_channel", "channel": "1"}),
    ("sendEventNamed", MAC, {"event": "explode"}),
    ("listTariffs", "", {}),
    ("listTariffsNamed", "1", {}),
    ("listChannels", "", {}),
    ("listChannelsNamed", "99", {}),
    ("listJobs", "", {}),
    ("listJobsNamed", "1", {}),
    ("updateJobs", "1", {"priority": "9"}),
    ("updateJobs", "1", {"retry": "1"}),
    ("cancelJobs", "1", {}),
    ("cancelJobs", "1", {}),
    ("beginUpload", "", {"title": "红船", "column": "films", "size": "65537", "part_size": "65536"}),
    ("listUploads", "", {}),
    ("listUploadsNamed", "{upload}", {}),
    ("putPart", "{upload}-0", b"x" * 65536),
    ("putPart", "{upload}-1", b"y"),
    ("putPart", "{upload}-2", b"y"),
    ("putSubtitles", "{upload}-zh", "1\n00:00:01,000 --> 00:00:02,000\n南湖\n".encode()),
    ("putSubtitles", "{upload}-zh", b"nothing"),
    ("putPoster", "{upload}", b"\xff\xd8\xff\xe0"),
    ("putPoster", "{upload}", b"nothing"),
    ("finishUpload", "{upload}", {}),
    ("cancelUploads", "{upload}", {}),
    ("beginUpload", "", {"title": "红船", "column": "films", "size": "7"}),
    ("finishUpload", "{upload}", {}),
    ("cancelUploads", "{upload}", {}),
    ("beginUpload", "", {"title": "红船", "column": "nowhere", "size": "7"}),
    ("listFilms", "", {}),
    ("listFilmsNamed", "9", {}),
    ("listFilmsNamed", "999", {}),
    ("editFilms", "9", {"synopsis": "片头", "keywords": "红船 南湖", "shown_from": "2026-12-31"}),
    ("editFilms", "9", {}),
    ("removeFilms", "9", {}),
    ("editFilms", "9", {"restore": "1", "shown_from": ""}),
    ("removeFilms", "1", {}),
    ("listAir", "", {}),
    ("listAirNamed", "nanhu.town", {}),
    ("insertOnAir", "nanhu.town", {"film": "9", "reason": "停水"}),
    ("insertOnAir", "nanhu.town", {"film": "1", "reason": "停水"}),
    ("endInsert", "nanhu.town", {}),
    ("endInsert", "nanhu.town", {}),
    ("deleteBoxes", NEW, {}),
    ("deleteBoxes", NEW, {}),
    ("deleteAccount", "A-1", {}),
    ("deleteAccount", "A-1", {}),
)
"""Each operation with its ids and its fields or bytes, once as it should be and often once as it should not.

`{upload}` is the upload that was begun last.
"""


@frozen
class Billing:
    """A running program, a client that knows its secret, and the document that it served."""

    client: httpx.Client
    stranger: httpx.Client
    document: dict[str, Any]

    def operations(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """Path, verb and description by operationId."""
        return {
            found["operationId"]: (path, verb, found)
            for path, verbs in self.document["paths"].items()
            for verb, found in verbs.items()
        }

    def check(self, operation: dict[str, Any], answer: httpx.Response) -> None:
        """Fail unless the answer is one that the document describes."""
        described = operation["responses"][str(answer.status_code)]
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        schema = described["content"][answer.headers["content-type"]]["schema"]
        told = answer.json() if answer.headers["content-type"] == "application/json" else answer.text
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(told)


@pytest.fixture(scope="module")
def billing(portal_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billing]:
    data = tmp_path_factory.mktemp("billing") / "data"
    shutil.copytree(portal_data, data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    secret = store.run_sync(settle)
    channel_town.settle(store, 9)
    store.close()
    log = data / "server.log"
    with serving(data, log) as base:
        with httpx.Client(base_url=base, auth=("boss", secret)) as client, httpx.Client(base_url=base) as stranger:
            yield Billing(client, stranger, stranger.get("/api/openapi.json").json())
        told = log.read_text(encoding="utf-8")
        assert [text in told for text in (secret, "13806336021", MAC)] == [False] * 3, "a secret is in the log"


@contextmanager
def serving(data: Path, log: Path, *options: str) -> Iterator[str]:
    """The program on a data folder; its address."""
    with log.open("wb") as out:
        words = [PROGRAM, "--data", str(data), *options, "serve", "--port", str(free_port())]
        process = subprocess.Popen(words, stdout=out, stderr=out)
    try:
        yield listening(process, log)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address that the program says it listens on."""
    for _ in range(400):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))
        if found and httpx.get(found[0] + "/healthz").status_code == 200:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_the_document_is_served_to_everybody_and_valid(billing: Billing) -> None:
    again = billing.stranger.get("/stalker_portal/api/openapi.json")

    validate(billing.document)
    assert billing.document["openapi"].startswith("3.1")
    assert again.json() == billing.document


def test_the_document_has_every_operation_that_is_answered_and_no_other(billing: Billing) -> None:
    described = {(path.split("/")[1], verb.upper()) for path, verb, _ in billing.operations().values()}

    assert described == {(one.name, each.verb) for one in RESOURCES for each in one.operations}


def test_each_operation_answers_as_the_document_says(billing: Billing) -> None:
    operations = billing.operations()
    assert {name for name, _, _ in WALK} == set(operations), "every operation is walked"
    told, upload = [], ""
    for number, (name, ids, sent) in enumerate(WALK):
        path, verb, operation = operations[name]
        address = billing.document["servers"][number % 2]["url"] + path.replace("{ids}", ids)
        body: dict[str, Any] = {"content": sent} if isinstance(sent, bytes) else {"data": sent}
        answer = billing.client.request(verb.upper(), address.replace("{upload}", upload), **body)
        billing.check(operation, answer)
        told.append((name, answer.json()["status"]))
        if told[-1] == ("beginUpload", "OK"):
            upload = answer.json()["results"]["id"]

    done = {name for name, status in told if status == "OK"}
    assert done | {"listChannelsNamed"} == set(operations), "every operation was done at least once"
    assert [name for name, status in told if status == "ERROR"].count("deleteAccount") == 1


def test_what_is_too_long_is_refused_as_the_document_says(billing: Billing) -> None:
    operations = billing.operations()
    path = "/api/stb/" + ",".join([MAC] * 900)
    first, further = httpx.get(f"{billing.client.base_url}{path}"), billing.client.get(path)
    sent = billing.client.post(f"/api/stb_msg/{MAC}", data={"msg": "x" * 40_000})

    for told in (first, further):
        billing.check(operations["listBoxesNamed"][2], told)
    billing.check(operations["sendMessage"][2], sent)
    assert [one.status_code for one in (first, further, sent)] == [414, 431, 413]


def test_each_operation_refuses_a_stranger_as_the_document_says(billing: Billing) -> None:
    for path, verb, operation in billing.operations().values():
        answer = billing.stranger.request(verb.upper(), "/api" + path.replace("{ids}", "1"))
        billing.check(operation, answer)

        assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Basic ")


def test_the_checks_of_this_module_can_fail(billing: Billing) -> None:
    operation = billing.operations()["listBoxes"][2]
    wrong = httpx.Response(200, json={"status": "OK", "results": [{"mac": 7}]})

    with pytest.raises(Exception, match="is not valid under any of the given schemas"):
        billing.check(operation, wrong)


def test_an_interface_that_is_switched_off_is_not_there(portal_data: Path, tmp_path: Path) -> None:
    shutil.copytree(portal_data, tmp_path / "data")
    config = tmp_path / "off.toml"
    config.write_text("[rest]\nenabled = false\n", encoding="utf-8")

    with serving(tmp_path / "data", tmp_path / "server.log", "--config", str(config)) as base:
        answers = [
            httpx.request(verb, base + path)
            for verb, path in (("GET", "/api/stb"), ("PUT", "/stalker_portal/api/stb/1"), ("GET", "/api/openapi.json"))
        ]

    assert [one.status_code for one in answers] == [404] * 3
