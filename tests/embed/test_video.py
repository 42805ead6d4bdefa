import numpy as np
import pytest

from graphsocial.embed import embed_posts, video_frames
from graphsocial.errors import DataIntegrityError, SchemaError
from tests.embed.worlds import build, write_clip


@pytest.mark.parametrize(("suffix", "seconds"), [(".mp4", 2), (".mp4", 30), (".gif", 2)])
def test_frames_and_times(tmp_path, suffix, seconds):
    write_clip(tmp_path / f"clip{suffix}", seconds=seconds)
    frames = video_frames(tmp_path / f"clip{suffix}", frames=4)
    expected = (np.arange(4) + 0.5) / 4 * seconds
    assert np.allclose([frame.time for frame in frames], expected, atol=0.15)
    brightness = [np.asarray(frame.image).mean() for frame in frames]
    assert np.allclose(brightness, 10 + 200 * expected / seconds, atol=25)


def test_short_clip_gives_what_it_has(tmp_path):
    write_clip(tmp_path / "short.mp4", seconds=1, rate=2)
    assert len(video_frames(tmp_path / "short.mp4", frames=8)) == 2


def test_broken_clips_say_why(tmp_path, media_root):
    (tmp_path / "cut.mp4").write_bytes((media_root / "clip.mp4").read_bytes()[:600])
    (tmp_path / "words.mp4").write_text("no clip")
    for path, reason in (
        (tmp_path / "cut.mp4", "damaged"),
        (tmp_path / "words.mp4", "damaged"),
        (tmp_path / "x.mp4", "no such"),
    ):
        with pytest.raises(DataIntegrityError, match=reason):
            video_frames(path)
    with pytest.raises(DataIntegrityError, match="megapixels"):
        video_frames(media_root / "clip.mp4", max_pixels=100)
    with pytest.raises(SchemaError, match="frames=0"):
        video_frames(media_root / "clip.mp4", frames=0)


def test_clip_becomes_tokens_with_time(tmp_path, media_root, hashed, colour):
    write_clip(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").write_text("no clip")
    graph = build({"p1": "x", "p2": "y"}, {"m1": "a.mp4", "m2": "b.mp4"}, [("p1", "m1"), ("p2", "m2")], str(tmp_path))
    table = embed_posts(graph, hashed, colour, cache=tmp_path / "cache")
    video = table.tokens["video"]
    assert video.tokens.shape == (1, 8, 3) and video.mask.all()
    assert video.time is not None and np.allclose(video.time[0], np.repeat([0.2, 0.7, 1.2, 1.7], 2), atol=0.15)
    assert (np.diff(video.tokens[0, ::2, 0].astype(float)) > 20).all()
    assert table.rows("post", "video", ["p1", "p2"]).tolist() == [[0], [-1]]
    assert [(problem.id, problem.path) for problem in table.problems] == [("m2", "b.mp4")]
    seen = colour.seen
    again = embed_posts(graph, hashed, colour, cache=tmp_path / "cache")
    assert colour.seen == seen
    assert np.array_equal(again.tokens["video"].time, video.time)
