"""A film of the demonstration: its tune is music, its scenes move, and it becomes a film like any other."""

import shlex
import wave
from pathlib import Path

from middleware.demo.films import films, origins, parts
from middleware.demo.tune import RATE, SCALE, melody, mixed, pluck, write_tune
from middleware.services.assets import CHANNEL
from vod.ffmpeg_args import Scene, slideshow_args
from vod.ladder import LADDER
from vod.lengths import exact


def test_a_tune_has_the_length_asked_for_and_is_no_silence(tmp_path: Path) -> None:
    write_tune(tmp_path / "tune.wav", "bridge", 12.0)

    with wave.open(str(tmp_path / "tune.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (12 * RATE, RATE, 1)


def test_each_film_has_a_tune_of_its_own_and_always_the_same() -> None:
    assert melody("bridge", 30) == melody("bridge", 30)
    assert melody("bridge", 30) != melody("tea", 30)


def test_all_notes_lie_on_the_five_tone_scale_and_the_last_is_home() -> None:
    notes = melody("lanterns", 40)
    tonic = notes[-3].pitch

    assert {(note.pitch - tonic) % 12 for note in notes} <= set(SCALE)
    assert (notes[-2].pitch - tonic) % 12 == 0
    assert notes[-1].at < 40


def test_nothing_is_louder_than_the_samples_can_hold() -> None:
    samples = mixed(melody("lamp", 15), 15)

    assert 20_000 < max(map(abs, samples)) <= 26_000
    assert abs(samples[-1]) < 100, "it fades out"
    assert max(map(abs, pluck(12))) <= 1.0


def test_the_channel_has_idents_a_slate_and_a_filler_of_the_lengths_it_needs() -> None:
    lengths = {part.key: part.seconds for part in parts()}

    assert lengths == {"slate": 12, "ident-2": 2, "ident-3": 3, "ident-4": 4, "ident-5": 5, "filler": 60}
    assert {part.column for part in parts()} == {CHANNEL}
    assert all(exact(part.exact_s * 1000) for part in parts() if part.exact_s)
    assert all(film.seconds % 6 == 0 for film in films()), "no standing picture at the end of a film"
    assert origins() == {film.draft.origin for film in (*films(), *parts())}


def test_scenes_wander_and_fade_into_each_other() -> None:
    scenes = tuple(
        Scene(Path(f"/p/{name}.jpg"), 4, f"caption{name}.txt", move) for name, move in (("0", "right"), ("1", "up"))
    )

    words = slideshow_args(scenes, LADDER[2], "tune.wav", "film.mp4")

    graph = words[words.index("-filter_complex") + 1]
    assert graph.count("xbr=4") == 2
    assert "crop=960:540:n:148" in graph
    assert "crop=960:540:526-n:296-n/2" in graph
    assert "xfade=duration=1.5:offset=19.5:transition=fade" in graph
    assert "textfile=caption1.txt" in graph
    assert words[-1] == "file:film.mp4"
    assert "-y" in shlex.join(words).split()
