"""`vod check`: every rule of video.md §12 in one table, applied to what was fetched of a film or channel.

A finding names the rule's number there. Nothing here fetches: `Evidence` is filled by the command, or by a test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from attrs import evolve, field, frozen

from vod import check_bytes as media
from vod import check_http as http
from vod import check_lists as text
from vod import check_masters as masters
from vod import check_reels as reels
from vod import check_sounds as sounds
from vod import check_time as time
from vod import check_variants as variants
from vod.check_footage import Shot, footage
from vod.check_http import Answer, Pair, Probe
from vod.check_read import Fault, Finding, Playlist, Severity
from vod.check_reels import Reels
from vod.check_subtitles import subtitles
from vod.check_time import History
from vod.check_variants import Variants

Subject = Literal[
    "list", "media", "master", "variants", "history", "footage", "sounds", "texts", "reels", "answer", "probe", "pair"
]
Here = Callable[[Playlist], Iterator[tuple[int, str, str]]]


@frozen
class Rule:
    """A row of the table: `find` gives the faults of one subject."""

    number: int
    severity: Severity
    subject: Subject
    find: Callable[[Any], Iterator[Fault]]

    @property
    def about(self) -> str:
        """What the rule says, in a line."""
        return (self.find.__doc__ or "").partition("\n")[0]


@frozen
class Evidence:
    """What was fetched. `rounds` are media lists fetched together, each round a poll; shots go by list address.

    `sizes` are bytes of segments by address. `ahead_s` is what the channel shows before the wall clock.
    """

    master: Playlist | None = None
    rounds: tuple[tuple[Playlist, ...], ...] = ()
    shots: Mapping[str, tuple[Shot, ...]] = field(factory=dict)
    sizes: Mapping[str, int] = field(factory=dict)
    answers: tuple[Answer, ...] = ()
    probes: tuple[Probe, ...] = ()
    pairs: tuple[Pair, ...] = ()
    ahead_s: float = 0.0

    def subjects(self) -> Iterator[tuple[Subject, Any]]:
        """All that rules can be applied to."""
        for each in self._lists():
            yield "list", each
            yield ("master" if each.is_master else "media"), each
        for lists in self.rounds or ((),):
            yield "variants", Variants(self.master, lists)
        histories = self._histories()
        for history in histories:
            yield "history", history
        yield from self._footage([history.polls[-1] for history in histories])
        for kind, found in (("answer", self.answers), ("probe", self.probes), ("pair", self.pairs)):
            for one in found:
                yield kind, one  # type: ignore[misc]  # a literal beside its tuple

    def _lists(self) -> list[Playlist]:
        """Each text once."""
        seen = {(each.uri, each.data): each for lists in reversed(self.rounds) for each in reversed(lists)}
        return [*([self.master] if self.master else []), *reversed(seen.values())]

    def _histories(self) -> list[History]:
        found: dict[str, list[Playlist]] = {}
        for lists in self.rounds:
            for each in lists:
                found.setdefault(each.uri, []).append(each)
        return [History(uri, tuple(polls), self.ahead_s) for uri, polls in found.items()]

    def _footage(self, lists: Sequence[Playlist]) -> Iterator[tuple[Subject, Any]]:
        seen = [footage(each, self.shots.get(each.uri, ()), master=self.master, sizes=self.sizes) for each in lists]
        pictures = [each for each in seen if each.playlist.kind == "media"]
        yield from (("footage", each) for each in seen if each.playlist.kind in {"media", "iframes"})
        first = pictures[0] if pictures else None
        for each in seen:
            if each.playlist.kind in {"subtitles", "sound"}:
                yield ("texts" if each.playlist.kind == "subtitles" else "sounds"), evolve(each, pictures=first)
        yield "reels", Reels(tuple(pictures))


def examine(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong, in the order of the rules; what repeats from poll to poll is said once."""
    found = dict.fromkeys(
        Finding(rule.number, rule.severity, *fault)
        for subject, value in _named(evidence).subjects()
        for rule in RULES
        if rule.subject == subject
        for fault in rule.find(value)
    )
    once = {(each.rule, each.severity, each.uri, each.expected, each.found): each for each in reversed(found)}
    return sorted(once.values(), key=lambda each: (each.rule, each.severity, each.uri, each.line))


def _named(evidence: Evidence) -> Evidence:
    """The lists of sound known as such, which only their master tells."""
    alone = masters.sound_lists(evidence.master) if evidence.master else ()
    told = (tuple(evolve(each, of_sound=each.uri in alone) for each in lists) for lists in evidence.rounds)
    return evolve(evidence, rounds=tuple(told)) if alone else evidence


def _here(number: int, severity: Severity, subject: Subject, find: Here) -> Rule:
    """A rule of one list, whose faults lack its address."""

    def found(playlist: Playlist) -> Iterator[Fault]:
        return ((playlist.uri, *fault) for fault in find(playlist))

    found.__doc__ = find.__doc__
    return Rule(number, severity, subject, found)


RULES: Final[tuple[Rule, ...]] = (
    _here(1, "E", "list", text.text_form),
    _here(2, "E", "list", text.one_kind),
    _here(3, "E", "media", text.one_target),
    _here(4, "E", "media", text.within_target),
    _here(5, "W", "media", text.usual_target),
    _here(6, "E", "media", text.exact_lengths),
    _here(7, "E", "list", text.version_enough),
    _here(7, "W", "list", text.version_low),
    _here(8, "E", "list", text.said_once),
    _here(8, "W", "list", text.known_tags),
    _here(9, "E", "media", text.type_and_end),
    Rule(9, "E", "history", time.events_keep_all),
    _here(10, "E", "media", text.live_numbers_breaks),
    _here(11, "W", "media", text.no_break_on_top),
    _here(12, "E", "media", text.window_size),
    _here(13, "E", "media", text.live_dates),
    _here(14, "E", "media", text.dates_go_on),
    _here(15, "E", "media", text.date_ranges),
    Rule(15, "E", "variants", variants.same_ranges),
    Rule(15, "E", "history", time.ranges_stay),
    _here(16, "E", "media", text.keys),
    _here(17, "E", "media", text.maps),
    _here(18, "E", "media", text.byte_ranges),
    Rule(18, "E", "footage", media.ranges_inside),
    _here(19, "E", "master", masters.complete_variants),
    Rule(20, "E", "variants", variants.independent),
    _here(21, "W", "master", masters.profile_order),
    _here(22, "W", "master", masters.pictures),
    _here(23, "E", "master", masters.groups),
    _here(24, "E", "master", masters.key_frames),
    Rule(24, "E", "variants", variants.key_frames_only),
    Rule(25, "E", "variants", variants.same_target),
    Rule(26, "E", "variants", variants.same_cuts),
    Rule(27, "E", "variants", variants.same_length),
    Rule(27, "E", "reels", reels.same_start),
    Rule(27, "E", "sounds", sounds.as_long),
    Rule(28, "E", "variants", variants.same_content),
    Rule(28, "E", "reels", reels.same_time),
    Rule(29, "E", "footage", media.peak_rate),
    Rule(30, "E", "footage", media.average_rate),
    Rule(30, "W", "footage", media.peak_to_average),
    Rule(31, "E", "footage", media.begins_whole),
    Rule(31, "E", "sounds", sounds.begins_whole),
    Rule(32, "W", "footage", media.key_distance),
    Rule(32, "E", "reels", reels.same_keys),
    Rule(33, "E", "footage", media.real_length),
    Rule(33, "E", "sounds", sounds.real_length),
    Rule(34, "E", "footage", media.times_run_on),
    Rule(34, "E", "sounds", sounds.times_run_on),
    Rule(35, "E", "footage", media.sound_throughout),
    Rule(36, "E", "footage", media.codecs_as_told),
    Rule(37, "W", "footage", media.modest_pictures),
    Rule(38, "E", "footage", media.sound_form),
    Rule(38, "E", "sounds", media.sound_form),
    Rule(39, "E", "footage", media.decrypts),
    Rule(39, "E", "sounds", media.decrypts),
    Rule(40, "E", "history", time.numbers_stay),
    Rule(41, "E", "history", time.never_back),
    Rule(41, "W", "history", time.breaks_one_by_one),
    Rule(42, "E", "history", time.keeps_coming),
    Rule(43, "E", "probe", http.still_there),
    Rule(44, "W", "history", time.on_the_clock),
    Rule(45, "E", "answer", http.headers),
    Rule(46, "E", "pair", http.nodes_agree),
    Rule(47, "E", "texts", subtitles),
)
