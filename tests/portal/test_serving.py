"""What signed addresses lead to: answers and headers of video.md §10, and the town's channel from its ledger."""

import re
from datetime import timedelta
from typing import Any

import attrs
import pytest
from twisted.internet.defer import fail

from middleware.domain.channels import Channel
from middleware.domain.errors import StorageError
from middleware.portal.assets import KEPT_S, _Kept
from middleware.portal.core.signing import HOUR_S, signature
from middleware.portal.ctc.records import Listed, record_a
from middleware.portal.listing import Kept, Listing
from middleware.services import assets, ledger, ledger_pool
from middleware.services.ledger_pool import Air
from tests.portal.core_town import box, core_of, done
from tests.portal.portal_town import EDITION, NOW, TV, Answer, PortalTown
from tests.vod.checking import check, check_variants
from vod import playlists
from vod.catalogue import Asset, Edition, Rendition, Track
from vod.jobs import State
from vod.linear import Draft, Film, Pool, fold, next_row

CHANNEL = "c1.nanhu.test"
EPOCH = int(NOW.timestamp())


def signed(town: PortalTown, path: str, klass: str = "pub") -> str:
    return town.portal.media.signer.address(path, klass)


def get(town: PortalTown, path: str, **headers: str) -> Answer:
    return TV(town.site).get(signed(town, path), **headers)


def film(town: PortalTown, title: str, seconds: list[int], words: tuple[Track, ...] = (), **given: Any) -> int:
    ticks = tuple(each * 90_000 for each in seconds)
    rung = Rendition(
        360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 700_000, 600_000, 0, (9,) * len(ticks), ("",) * len(ticks)
    )
    made = Asset(0, 1, State.READY, "channel", title, title, "", sum(seconds) * 1000, NOW, channel=True, **given)
    return town.write(lambda uow: uow.assets.add(made, Edition(ticks, (rung,), words))).id


@pytest.fixture
def aired(portal_town: PortalTown) -> PortalTown:
    """The first channel plays out its fillers since two minutes ago."""
    for n in (2, 3, 4, 5):
        film(portal_town, f"i{n}", [n], origin=f"demo:ident-{n}")
    film(portal_town, "slate", [6, 6], origin="demo:slate")
    words = Track("zh", "zh", "中文字幕", (540_000,) * 10, (9,) * 10, ("",) * 10)
    film(portal_town, "filler", [6] * 10, (words,), origin="demo:filler")

    def begin(uow: Any) -> None:
        ledger_pool.put_air(uow, NOW, "test", CHANNEL, Air(on=True))
        fence = uow.ledger.lock(CHANNEL, "test", EPOCH * 1000, EPOCH * 1000 + 60_000)
        ledger.publish(uow, NOW, CHANNEL, fence)

    portal_town.write(begin)
    return portal_town


# --- signatures ---


def test_a_forged_a_foreign_and_an_expired_address_do_not_open(portal_town: PortalTown) -> None:
    town, tv = portal_town, TV(portal_town.site)
    path = signed(town, f"/s/{town.ids.films[0]}-1/360/00000.ts")
    _, prefix, exp, sig, klass, rest = path.split("/", 5)
    old = EPOCH - HOUR_S
    stale = signature(town.settings.address_keys["t"], old, klass)
    asked = {
        "right": tv.get(path),
        "part": tv.get(path, Range="bytes=0-3"),
        "forged": tv.get(f"/t/{exp}/{'A' * 22}/{klass}/{rest}"),
        "class": tv.get(f"/t/{exp}/{sig}/staff/{rest}"),
        "prefix": tv.get(f"/u/{exp}/{sig}/{klass}/{rest}"),
        "expired": tv.get(f"/t/{old}/{stale}/{klass}/{rest}"),
        "missing": tv.get(path.replace("00000", "00009")),
        "up": tv.get(path.replace("360/00000.ts", "../../../nanhu.db")),
        "coded": tv.get(path.replace("360/00000.ts", "%2e%2e/%2e%2e/nanhu.db")),
        "slash": tv.get(path.replace("360/00000.ts", "..%2f..%2fnanhu.db")),
        "other": TV(town.site).get(signed(town, f"/v/{town.ids.films[0]}-1/master.m3u8", "staff")),
    }

    assert {name: answer.status for name, answer in asked.items()} == {
        "right": 200, "part": 206, "forged": 403, "class": 403, "prefix": 403, "expired": 410, "missing": 404,
        "up": 404, "coded": 404, "slash": 404, "other": 403,
    }  # fmt: skip
    assert asked["forged"].body == '{"error": "bad_signature"}'
    assert asked["expired"].body == '{"error": "expired"}'
    assert {asked[name].headers["cache-control"] for name in ("forged", "class", "expired", "missing")} == {"max-age=2"}
    assert prefix == "t"


@pytest.mark.parametrize("path", ["/v/{}/master.m3u8", "/v/{}/540.m3u8", "/s/{}/360/00000.ts", "/k/{}"])
def test_nothing_but_pictures_opens_without_a_signature(portal_town: PortalTown, path: str) -> None:
    key = f"{portal_town.ids.films[0]}-1"

    assert TV(portal_town.site).get(path.format(key)).status == 404
    assert TV(portal_town.site).get(f"/v/{key}/poster.jpg").status == 200


# --- headers ---


def test_the_headers_of_every_kind(portal_town: PortalTown) -> None:
    key = f"{portal_town.ids.films[0]}-1"
    master = get(portal_town, f"/v/{key}/master.m3u8")
    media = get(portal_town, f"/v/{key}/360.m3u8")
    segment = get(portal_town, f"/s/{key}/360/00000.ts")
    gone = get(portal_town, f"/v/{key}/720.m3u8")

    assert (master.headers["cache-control"], media.headers["cache-control"]) == ("max-age=300", "max-age=3600")
    assert {one.headers["content-type"] for one in (master, media)} == {"application/vnd.apple.mpegurl"}
    assert {one.headers["vary"] for one in (master, media)} == {"Accept-Encoding"}
    assert (segment.headers["content-type"], segment.headers["accept-ranges"]) == ("video/mp2t", "bytes")
    assert segment.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert {one.headers["access-control-allow-origin"] for one in (master, media, segment, gone)} == {"*"}
    assert (gone.status, gone.body, gone.headers["cache-control"]) == (404, '{"error": "not_found"}', "max-age=2")


@pytest.mark.parametrize("rest", ["v/{}/master.m3u8", "v/{}/360.m3u8", "s/{}/360/00000.ts"])
def test_head_equals_get_and_what_is_known_is_not_sent_again(portal_town: PortalTown, rest: str) -> None:
    tv, path = TV(portal_town.site), signed(portal_town, "/" + rest.format(f"{portal_town.ids.films[0]}-1"))
    whole, head = tv.get(path), tv.ask("HEAD", path)
    known = tv.get(path, If_None_Match=whole.headers["etag"])

    assert head is not None
    assert (head.status, head.headers, head.body) == (200, whole.headers, "")
    assert (known.status, known.body, known.headers["etag"]) == (304, "", whole.headers["etag"])


def test_a_list_is_packed_for_who_takes_it_and_each_form_has_its_tag() -> None:
    listing = Listing.of(b"#EXTM3U\n" * 40, "max-age=1", EPOCH)
    plain, packed = listing.answer({}), listing.answer({"accept-encoding": "gzip, br"})
    headers = dict(packed.headers)

    assert headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < len(plain.body)
    assert headers["ETag"] != dict(plain.headers)["ETag"]
    assert listing.answer({"if-modified-since": dict(plain.headers)["Last-Modified"]}).status == 304
    for odd in ("yesterday", "", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"):
        assert listing.answer({"if-modified-since": odd}).status == 200
    assert listing.answer({"if-none-match": '"x"', "if-modified-since": headers["Last-Modified"]}).status == 200


def test_a_key_is_never_kept_and_opens_only_in_its_class(portal_town: PortalTown) -> None:
    town = portal_town
    draft = Asset(0, 1, State.READY, "films", "锁", "锁", "", 6000, NOW)
    edition = attrs.evolve(EDITION, iv="0" * 32)
    locked = town.write(lambda uow: uow.assets.add(draft, edition, b"k" * 16)).id
    told = get(town, f"/k/{locked}-1")

    assert (told.status, told.body, told.headers["cache-control"]) == (200, "k" * 16, "no-store")
    assert told.headers["content-type"] == "application/octet-stream"
    assert TV(town.site).get(signed(town, f"/k/{locked}-1", "staff")).status == 403
    assert get(town, f"/k/{town.ids.films[0]}-1").status == 404


def test_lists_and_keys_are_read_once_and_go_on_without_a_store(
    portal_town: PortalTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, edition = portal_town, attrs.evolve(EDITION, iv="0" * 32)
    draft = Asset(0, 1, State.READY, "films", "锁", "锁", "", 6000, NOW)
    locked = town.write(lambda uow: uow.assets.add(draft, edition, b"k" * 16)).id
    paths = [signed(town, path) for path in (f"/v/{locked}-1/master.m3u8", f"/k/{locked}-1")]
    tv = TV(town.site)

    def reads(seconds: float) -> list[str]:
        town.clock.advance(seconds)
        before = len(town.transactions)
        assert [tv.get(path).status for path in paths] == [200, 200]
        return [name for name, _ in town.transactions[before:]]

    both = ["list of a film", "key of a film"]
    run = town.store.run
    assert [reads(0), reads(0), reads(KEPT_S)] == [both, [], both]
    gone = lambda fn, name="", **given: fail(StorageError("gone")) if name in both else run(fn, name, **given)  # noqa: E731
    monkeypatch.setattr(town.store, "run", gone)
    assert reads(KEPT_S) == both
    assert tv.get(signed(town, f"/k/{town.ids.films[0]}-1")).status == 503
    town.portal.media.films.stale()
    assert [tv.get(path).status for path in paths] == [503, 503], "what may have changed is not guessed"


def test_lists_in_memory_are_bounded_by_their_number_and_their_bytes() -> None:
    lists = [_Kept(Listing.of(bytes([65 + n]) * 1000, "max-age=1"), 0) for n in range(4)]
    size = lists[0].listing.size
    kept: Kept[_Kept] = Kept(3, 2 * size)
    for name, each in zip("abba", lists, strict=True):
        kept.put(name, each)

    assert (kept.get("a"), kept.get("b"), kept.bytes) == (lists[3], lists[2], 2 * size)
    kept.put("c", lists[0])
    assert (kept.get("b"), kept.get("a"), kept.bytes) == (None, lists[3], 2 * size)


def test_a_withdrawn_film_says_so(portal_town: PortalTown) -> None:
    portal_town.write(lambda uow: assets.withdraw(uow, NOW, portal_town.ids.films[0]))
    told = get(portal_town, f"/v/{portal_town.ids.films[0]}-1/master.m3u8")

    assert (told.status, told.body) == (410, '{"error": "withdrawn"}')


# --- pages ---


def test_pages_lead_to_signed_addresses_and_stay_equal_within_the_hour(portal_town: PortalTown, tv: TV) -> None:
    page = f"play-{portal_town.ids.films[0]}"
    first = tv.page(page).body
    portal_town.clock.advance(130)
    again = tv.page(page).body
    address = re.findall(r"/t/[0-9]+/[\w-]{22}/pub/v/[^\"']+m3u8", first)[0]

    assert tv.get(address).status == 200
    assert address in again


# --- the channel ---


def test_the_live_list_comes_from_memory_and_moves_with_the_clock(aired: PortalTown) -> None:
    master = get(aired, f"/ch/{CHANNEL}/master.m3u8")
    first = get(aired, f"/ch/{CHANNEL}/360.m3u8")
    aired.transactions.clear()
    made = aired.portal.media.channels.made
    same = get(aired, f"/ch/{CHANNEL}/360.m3u8")
    known = get(aired, f"/ch/{CHANNEL}/360.m3u8", If_Modified_Since=first.headers["last-modified"])
    aired.clock.advance(5)
    later = get(aired, f"/ch/{CHANNEL}/360.m3u8")

    assert "\n360.m3u8" in master.body
    assert first.headers["cache-control"] == "max-age=1"
    assert first.body.count("#EXTINF") >= 12
    assert same == first
    assert known.status == 304
    assert aired.portal.media.channels.made == made + 1
    assert number(later) == number(first) + 1
    assert get(aired, f"/ch/{CHANNEL}/720.m3u8").status == get(aired, "/ch/nowhere/360.m3u8").status == 404


def number(answer: Answer) -> int:
    found = re.search(r"MEDIA-SEQUENCE:(\d+)", answer.body)
    assert found is not None, answer
    return int(found[1])


def test_what_was_on_is_a_complete_list_from_the_segment_of_its_start(aired: PortalTown) -> None:
    start, stop = EPOCH - 60, EPOCH - 20
    told = get(aired, f"/ch/{CHANNEL}/{start}-{stop}/360.m3u8")
    growing = get(aired, f"/ch/{CHANNEL}/{start}-{EPOCH + 600}/360.m3u8")
    first = re.search(r"PROGRAM-DATE-TIME:(\S+)", told.body)

    assert (told.headers["cache-control"], growing.headers["cache-control"]) == ("max-age=3600", "max-age=1")
    assert told.body.endswith("#EXT-X-ENDLIST\n")
    assert first is not None
    assert first[1].startswith((NOW - timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M"))
    assert "../../../s/" in told.body
    assert get(aired, f"/ch/{CHANNEL}/{start}-{stop}/master.m3u8").headers["cache-control"] == "max-age=300"


def test_subtitles_of_the_channel_keep_step_for_profiles_that_want_them(aired: PortalTown) -> None:
    start, stop = EPOCH - 60, EPOCH - 20
    forms = ("", f"{start}-{stop}/", f"shift/{EPOCH - 90}-{EPOCH}/")
    masters = {each: get(aired, f"/ch/{CHANNEL}/{each}master.m3u8").body for each in ("", "subs/", "full/")}

    assert {each: 'URI="sub-zh.m3u8"' in text for each, text in masters.items()} == {
        "": False, "subs/": True, "full/": True,
    }  # fmt: skip
    for form in forms:
        words, seen = (get(aired, f"/ch/{CHANNEL}/{form}subs/{name}.m3u8") for name in ("sub-zh", "360"))
        folder = "../" * (3 + form.count("/")) + "s/"
        assert words.headers["cache-control"] == seen.headers["cache-control"]
        assert words.body.count(".vtt") == seen.body.count(".ts") > 0
        assert re.search(rf"\n{re.escape(folder)}\d+-1/sub-zh/\d{{5}}\.vtt\n", words.body)
        assert check_variants({"360": seen.body.encode(), "zh": words.body.encode()}) == []
        assert check(words.body.encode(), f"http://tv/{form}sub-zh.m3u8") == []
        assert get(aired, f"/ch/{CHANNEL}/{form}sub-zh.m3u8").status == 404


def test_a_film_without_subtitles_shares_an_empty_segment(portal_town: PortalTown) -> None:
    ticks = (540_000,) * 20
    effective = fold([], [], {(9, 1): Film(9, 1, ticks)}, {0: Pool(0, (Film(9, 1, ticks),), Film(9, 1, ticks))})
    effective = effective.grown([next_row(effective, Draft("asset", 9, 1, 0, 20, start_ms=EPOCH * 1000), 0)])
    window = effective.window(EPOCH * 1000 + 100_000)
    assert window is not None
    named = set(re.findall(r"\S+\.vtt", playlists.linear(window, None).decode()))
    answer = get(portal_town, "/s/empty.vtt")

    assert named == {"../../s/empty.vtt"}
    assert answer.body == "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
    assert (answer.headers["content-type"], answer.headers["accept-ranges"]) == ("text/vtt", "bytes")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_who_wants_fragments_gets_the_segments_of_what_has_none(aired: PortalTown) -> None:
    """A list that named what is not there would show nothing at all; relays never have fragments."""
    key = f"{aired.ids.films[0]}-1"
    for place in (f"/v/{key}/fmp4/", f"/ch/{CHANNEL}/fmp4/", f"/ch/{CHANNEL}/{EPOCH - 60}-{EPOCH - 30}/fmp4/"):
        listed = get(aired, f"{place}master.m3u8").body
        rungs = re.findall(r"^[^#\s]+m3u8$", listed, re.MULTILINE)
        answers = [get(aired, place + name) for name in rungs]

        assert {"360.m3u8"} <= set(rungs), place
        assert {(one.status, "EXT-X-MAP" in one.body, ".ts" in one.body) for one in answers} == {(200, False, True)}
        assert get(aired, f"{place}f360.m3u8").status == 404


def test_start_over_keeps_pace_and_ends_when_asked(aired: PortalTown) -> None:
    path = f"/ch/{CHANNEL}/shift/{EPOCH - 90}-{EPOCH}"
    first = get(aired, f"{path}/360.m3u8")
    ending = get(aired, f"{path}-{EPOCH - 84}/360.m3u8")
    aired.clock.advance(12)
    later = get(aired, f"{path}/360.m3u8")

    assert first.body.count("#EXTINF") == 3
    assert later.body.count("#EXTINF") == 5
    assert number(first) == number(later)
    assert "../../../../s/" in first.body
    assert "ENDLIST" not in first.body
    assert ending.body.endswith("#EXT-X-ENDLIST\n")


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        (f"{EPOCH + 60}-{EPOCH + 120}/360.m3u8", 404, "not_yet"),
        (f"{EPOCH - 8 * 86400}-{EPOCH - 8 * 86400 + 60}/360.m3u8", 404, "outside_retention"),
        (f"{EPOCH - 7 * 3600}-{EPOCH}/360.m3u8", 404, "too_long"),
        (f"{EPOCH}-{EPOCH - 10}/360.m3u8", 404, "bad_range"),
        (f"{EPOCH - 3600}-{EPOCH - 3000}/360.m3u8", 404, "nothing_on_air"),
        (f"shift/{EPOCH + 60}-{EPOCH}/360.m3u8", 404, "not_yet"),
        ("p/unknown/360.m3u8", 404, "unknown_programme"),
        ("shift/1/360.m3u8", 404, "not_found"),
        ("other/360.m3u8", 404, "not_found"),
    ],
)
def test_what_cannot_be_seen_has_a_code(aired: PortalTown, rest: str, status: int, code: str) -> None:
    told = get(aired, f"/ch/{CHANNEL}/{rest}")

    assert (told.status, told.body) == (status, f'{{"error": "{code}"}}')


def test_a_channel_that_is_not_kept_gives_no_right_to_what_was_on(aired: PortalTown) -> None:
    def forget(uow: Any) -> None:
        from middleware.domain.events import ContentChanged

        there = next(one for one in uow.guide.channels() if one.xmltv_id == CHANNEL)
        uow.guide.save_channel(attrs.evolve(there, archive_h=0))
        uow.outbox.add(ContentChanged("channel"))

    before = get(aired, f"/ch/{CHANNEL}/{EPOCH - 60}-{EPOCH - 20}/360.m3u8").status
    aired.write(forget)
    told = get(aired, f"/ch/{CHANNEL}/{EPOCH - 60}-{EPOCH - 20}/360.m3u8")

    assert (before, told.status, told.body) == (200, 403, '{"error": "no_catch_up"}')


def test_every_form_of_players_leads_to_the_same_bytes(aired: PortalTown) -> None:
    start, stop = EPOCH - 60, EPOCH - 20
    span = signed(aired, f"/ch/{CHANNEL}/{start}-{stop}/master.m3u8")
    live = signed(aired, f"/ch/{CHANNEL}/master.m3u8")
    iso = [(NOW + timedelta(seconds=each)).isoformat().replace("+00:00", "Z") for each in (-60, -20)]
    tv = TV(aired.site)
    wide = signed(aired, f"/ch/{CHANNEL}/{start - 30}-{stop}/master.m3u8")
    shifted = signed(aired, f"/ch/{CHANNEL}/shift/{start}-{EPOCH}/master.m3u8")

    assert led(tv, f"{live}?start={start}&end={stop}") == span
    assert led(tv, f"{live}?start={iso[0]}&end={iso[1]}") == span
    assert led(tv, f"{live}?utc={start}&utcend={stop}") == span
    assert led(tv, f"{live}?playseek={clock(-60)}-{clock(-20)}") == span
    assert tv.get(f"{live}?playseek=20261399000000-&start=no").body == tv.get(live).body
    assert led(tv, f"{wide}?start=30&duration={stop - start}") == span
    assert led(tv, f"{live}?utc={start}&lutc={EPOCH}") == shifted
    assert led(tv, f"{live}?start={start}") == shifted
    assert led(tv, live.replace("master.m3u8", f"timeshift_abs-{start}.m3u8")) == shifted
    assert tv.get(f"{span}?start=0&duration={stop - start}").body == tv.get(span).body


def clock(seconds: int) -> str:
    return (NOW + timedelta(hours=8, seconds=seconds)).strftime("%Y%m%d%H%M%S")


def led(tv: TV, address: str) -> str:
    """Where a redirect leads, as players resolve it."""
    from urllib.parse import urljoin

    answer = tv.get(address)
    assert answer.status == 302, answer
    return urljoin(address, answer.to)


def test_a_clock_that_goes_back_silences_this_node_only_until_it_agrees(aired: PortalTown) -> None:
    get(aired, f"/ch/{CHANNEL}/360.m3u8")
    right = aired.clock.rightNow
    aired.clock.rightNow = right - 2
    off, health = get(aired, f"/ch/{CHANNEL}/360.m3u8"), TV(aired.site).get("/healthz")
    aired.clock.rightNow = right

    assert (off.status, off.headers["retry-after"], off.body) == (503, "5", '{"error": "clock"}')
    assert (health.status, '"channels":"clock"' in health.body) == (503, True)
    assert get(aired, f"/ch/{CHANNEL}/360.m3u8").status == 200


def test_the_channel_is_in_the_line_up_with_what_was_on(aired: PortalTown) -> None:
    there = next(one for one in aired.store.run_sync(lambda uow: uow.guide.channels()) if one.xmltv_id == CHANNEL)

    assert there.url == f"/ch/{CHANNEL}/master.m3u8"
    assert (there.archive_url, there.archive_h) == (f"/ch/{CHANNEL}/{{start}}-{{stop}}/master.m3u8", 168)


# --- what other dialects are told of it ---


def test_the_archive_link_of_a_ministra_box_gives_the_bytes_of_the_slice(aired: PortalTown) -> None:
    start, stop = EPOCH - 60, EPOCH - 20
    links, channel = core_of(aired).links, aired.ids.channels[0]
    made = done(links.archive(box(aired), channel, start, stop))
    live = done(links.channel(box(aired), channel))
    tv = TV(aired.site)
    folder, beside = made.path.partition("?")[0].rpartition("/")[0], live.path.rpartition("/")[0]
    listed = tv.get(f"{folder}/360.m3u8")
    segment = re.findall(r"^\.\./\.\./\.\./(s/.*)$", listed.body, re.MULTILINE)[0]

    assert made.path.endswith(f"/{start}-{stop}/index.m3u8?start=0&duration=40")
    assert tv.get(made.path).body == get(aired, f"/ch/{CHANNEL}/{start}-{stop}/master.m3u8").body
    assert listed.body == get(aired, f"/ch/{CHANNEL}/{start}-{stop}/360.m3u8").body
    assert tv.get(f"{beside}/360.m3u8").body == get(aired, f"/ch/{CHANNEL}/360.m3u8").body
    assert tv.get(f"/l/{made.path.split('/')[2]}/{segment}").headers["content-type"] == "application/json"
    later = tv.get(made.path.replace("start=0", "start=10"))
    assert (later.status, later.to) == (302, signed(aired, f"/ch/{CHANNEL}/{start + 10}-{stop}/master.m3u8"))


@pytest.mark.parametrize("folder", ["full/", "subs/", ""])
def test_start_over_tells_what_the_box_can_use_and_grows_to_the_end_of_the_programme(
    aired: PortalTown, tv: TV, folder: str
) -> None:
    aired.clock.advance(60)
    page = tv.page(f"catchup-{aired.ids.airing}").body
    halted = tv.page(f"catchup-{aired.ids.airing}-h").body
    told = re.findall(r'url:"(/l/[^"]+)"', page)[0]
    address = told.replace("/full/index", f"/{folder}index")
    beside = address.partition("?")[0].removesuffix("index.m3u8")
    master, first = tv.get(address), tv.get(f"{beside}360.m3u8")
    words = tv.get(f"{beside}sub-zh.m3u8")
    aired.clock.advance(12)
    later = tv.get(f"{beside}360.m3u8")

    assert f"/{EPOCH - 1800}-{EPOCH + 1800}/full/index.m3u8?" in told
    assert ("whole:3600" in page, "whole:3600,halt:1" in halted, ",at:1842," in halted) == (True, True, True)
    assert master.body.count("\n360.m3u8") == 1
    assert (first.status, first.body.count("#EXTINF"), later.body.count("#EXTINF")) == (200, 29, 31)
    assert first.body.endswith("#EXT-X-ENDLIST\n")
    assert ("sub-zh" in master.body, words.status == 200) == (bool(folder), bool(folder))
    assert words.body.count("#EXTINF") == (29 if folder else 0)
    segment = re.findall(r"^((?:\.\./)+)s/.*$", first.body, re.MULTILINE)[0]
    assert beside.count("/") - segment.count("../") == 3, "segments lie right below the link"
    assert tv.get(f"{beside}../other/360.m3u8").status in {403, 404}
    assert tv.get(address.replace(f"/{folder}index", "/none/index")).status == 403


def test_a_ctc_box_is_told_where_the_channel_goes_on_behind_its_time() -> None:
    there = Channel(
        1, CHANNEL, 1, "今日南湖", f"/ch/{CHANNEL}/master.m3u8", archive_h=168, timeshift_url="rtsp://H/1.smil"
    )
    told = record_a(Listed(there, shift=f"http://tv.test:8082/t/1/x/pub/ch/{CHANNEL}/master.m3u8"))

    assert 'TimeShift="1",TimeShiftLength="604800"' in told
    assert f'TimeShiftURL="http://tv.test:8082/t/1/x/pub/ch/{CHANNEL}/master.m3u8"' in told
