"""Images of a user's own: what is read of which file, how they are split, and what is refused."""

import os
import shutil
import threading
from pathlib import Path

import made_pictures
import numpy as np
import pytest
import torch
from PIL import Image

from ablate.data import decode, scan
from ablate.data.folder import Folder
from ablate.data.stream import Streamed

KNOBS = {"val": 0.2, "test": 0.2, "size": None, "fit": "crop", "broken": "refuse", "memory": 4.0, "workers": 2}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ABLATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def made(place, **knobs):
    return Folder(root=str(place), **(KNOBS | knobs))


def sorted_pairs(part):
    return sorted(
        (int(y), x.numpy().tobytes()) for x, y in zip(torch.cat([*part.x.split(7)]), part.y, strict=True)
    )


def test_one_folder_is_split_by_a_fixed_rule_with_each_class_in_each_part(tmp_path):
    choice = made(made_pictures.folder(tmp_path / "a"))
    assert (choice.image, choice.classes, choice.names) == ((1, 8, 8), 3, ("ant", "bee", "cat"))
    data = choice.load()
    assert [len(part) for part in (data.train, data.val, data.test)] == [38, 10, 12]
    for part in (data.train, data.val, data.test):
        counts = part.y.bincount(minlength=3)
        assert counts.max() - counts.min() <= 1
    every = sorted_pairs(data.train) + sorted_pairs(data.val) + sorted_pairs(data.test)
    written = [(c, made_pictures.picture(c, i).tobytes()) for c in range(3) for i in range(20)]
    assert sorted(every) == sorted(written), "each image once, with its pixels and its label"


def test_given_parts_are_kept_apart(tmp_path):
    data = made(made_pictures.parts(tmp_path / "a")).load()
    for part, n, start in ((data.train, 20, 0), (data.val, 5, 1000), (data.test, 6, 2000)):
        written = [(c, made_pictures.picture(c, start + i).tobytes()) for c in range(3) for i in range(n)]
        assert sorted_pairs(part) == sorted(written)


def test_train_and_val_alone_are_training_and_test(tmp_path):
    place = made_pictures.parts(tmp_path / "a")
    shutil.rmtree(place / "test")
    data = made(place, val=6).load()
    assert [len(part) for part in (data.train, data.val, data.test)] == [54, 6, 15]


def test_neither_places_nor_names_matter(tmp_path):
    """The same images elsewhere, under other names, written in another order: the same data to the bit."""
    first = made_pictures.folder(tmp_path / "a")
    for file in sorted(first.rglob("*.png"), reverse=True):
        there = tmp_path / "b" / "deep" / file.parent.name / f"x{hash(file.name) % 1000}-{file.name}"
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, there)
    one, two = made(first), made(tmp_path / "b" / "deep")
    assert one.content == two.content
    for a, b in zip((one.load().train, one.load().test), (two.load().train, two.load().test), strict=True):
        assert a.x.equal(b.x)
        assert a.y.equal(b.y)


@pytest.mark.parametrize("change", ["pixels", "label", "part", "name of a class"])
def test_other_images_are_other_content(tmp_path, change):
    place = made_pictures.parts(tmp_path / "a")
    before = made(place).content
    one = place / "train" / "ant" / "000.png"
    if change == "pixels":
        Image.fromarray(made_pictures.picture(0, 777)).save(one)
    elif change == "label":
        one.rename(place / "train" / "bee" / "999.png")
    elif change == "part":
        one.rename(place / "test" / "ant" / "999.png")
    else:
        for part in ("train", "val", "test"):
            (place / part / "ant").rename(place / part / "ape")
    assert made(place).content != before


def test_mean_and_spread_are_those_of_the_training_part(tmp_path):
    for channels in (1, 3):
        choice = made(made_pictures.folder(tmp_path / str(channels), channels=channels))
        x = choice.load().train.x.double() / 255
        std, mean = torch.std_mean(x, (0, 2, 3), correction=0)
        assert np.ravel(choice.mean).tolist() == pytest.approx(mean.tolist())
        assert np.ravel(choice.std).tolist() == pytest.approx(std.tolist())
        gray = x if channels == 1 else (x * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1)
        assert choice.gray == pytest.approx((gray.mean().item(), gray.std(correction=0).item()))


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path, monkeypatch):
    place = made_pictures.folder(tmp_path / "a")
    for file in place.rglob("*.png"):
        os.utime(file, (1e9, 1e9))
    read = []
    real = scan.examined
    monkeypatch.setattr(scan, "examined", lambda content: read.append(1) or real(content))
    first = made(place).content
    assert len(read) == 60
    assert made(place).content == first
    assert len(read) == 60
    Image.fromarray(made_pictures.picture(0, 777)).save(place / "ant" / "000.png")
    assert made(place).content != first
    assert len(read) == 61


def test_pixels_are_decoded_once_wherever_the_images_lie(tmp_path, capsys):
    first = made_pictures.folder(tmp_path / "a")
    made(first).load()
    assert "60 images decoded in " in capsys.readouterr().err
    shutil.copytree(first, tmp_path / "b")
    made(tmp_path / "b").load()
    made(first, val=0.1).load()
    assert capsys.readouterr().err == "", "another place or split decodes nothing"
    assert made(first, size=4).load().train.x.shape[2:] == (4, 4)
    assert "60 images decoded in " in capsys.readouterr().err


X = made_pictures.picture(1, 5)
RGB = made_pictures.picture(1, 5, channels=3)


def saved(tmp_path, image, name, **how):
    image.save(tmp_path / name, **how)
    return (tmp_path / name).read_bytes()


def test_each_kind_of_gray_image_is_gray(tmp_path):
    gray = Image.fromarray(X)
    palette = gray.convert("P")
    deep = Image.fromarray(X.astype(np.uint16) * 257)
    for name, image in {"l.png": gray, "p.png": palette, "16.png": deep, "l.bmp": gray}.items():
        content = saved(tmp_path, image, name)
        assert decode.head(content) == (True, 8, 8), name
        assert np.array_equal(decode.pixels(content, 1, None, "crop"), X[None]), name
    assert decode.head(saved(tmp_path, Image.fromarray(X > 100), "1.png")).gray
    alike = decode.pixels(saved(tmp_path, gray, "l.jpg", quality=95), 1, None, "crop")
    assert np.abs(alike[0].astype(int) - X).mean() < 5


def test_each_kind_of_colour_image_is_rgb(tmp_path):
    image = Image.fromarray(RGB)
    for name, how in {"c.png": {}, "c.webp": {"lossless": True}, "c.tiff": {}}.items():
        content = saved(tmp_path, image, name, **how)
        assert decode.head(content) == (False, 8, 8), name
        assert np.array_equal(decode.pixels(content, 3, None, "crop"), RGB.transpose(2, 0, 1)), name
    flags = image.quantize(16)
    assert not decode.head(saved(tmp_path, flags, "p.png")).gray
    expected = np.asarray(flags.convert("RGB")).transpose(2, 0, 1)
    assert np.array_equal(decode.pixels(saved(tmp_path, flags, "p.png"), 3, None, "crop"), expected)
    assert decode.pixels(saved(tmp_path, image.convert("CMYK"), "k.jpg"), 3, None, "crop").shape == (3, 8, 8)


def test_what_is_transparent_is_white(tmp_path):
    clear = np.dstack([RGB, np.full((8, 8), 255, np.uint8)])
    clear[:4, :, 3] = 0
    found = decode.pixels(saved(tmp_path, Image.fromarray(clear), "a.png"), 3, None, "crop")
    assert (found[:, :4] == 255).all()
    assert np.array_equal(found[:, 4:], RGB[4:].transpose(2, 0, 1))
    palette = Image.fromarray(RGB).quantize(4)
    content = saved(tmp_path, palette, "p.png", transparency=int(np.asarray(palette)[0, 0]))
    assert (decode.pixels(content, 3, None, "crop")[:, 0, 0] == 255).all()
    shaded = np.dstack([X, np.zeros((8, 8), np.uint8)])
    assert (decode.pixels(saved(tmp_path, Image.fromarray(shaded), "la.png"), 1, None, "crop") == 255).all()


def test_an_image_is_upright_as_the_camera_was_held(tmp_path):
    wide = np.zeros((4, 8), np.uint8)
    wide[:, :4] = 255  # left half white
    exif = Image.Exif()
    exif[decode.ORIENTATION] = 6  # to be turned a quarter to the right: the left becomes the top
    content = saved(tmp_path, Image.fromarray(wide), "e.png", exif=exif)
    assert decode.head(content) == (True, 8, 4)
    found = decode.pixels(content, 1, None, "crop")
    assert found.shape == (1, 8, 4)
    assert (found[0, :4] == 255).all()
    assert (found[0, 4:] == 0).all()


def test_crop_keeps_the_middle_and_stretch_keeps_all(tmp_path):
    wide = np.zeros((8, 24), np.uint8)
    wide[:, :8], wide[:, 16:] = 255, 255  # a black middle between white sides
    content = saved(tmp_path, Image.fromarray(wide), "w.png")
    assert (decode.pixels(content, 1, 8, "crop") == 0).all()
    stretched = decode.pixels(content, 1, 8, "stretch")
    assert stretched.shape == (1, 8, 8)
    assert stretched.max() == 255
    assert stretched.min() == 0


def test_one_colour_image_makes_the_data_set_rgb(tmp_path):
    place = made_pictures.folder(tmp_path / "a")
    Image.fromarray(RGB).save(place / "ant" / "000.png")
    choice = made(place)
    assert choice.image == (3, 8, 8)
    assert len(choice.mean) == 3
    assert choice.load().train.x.shape[1:] == (3, 8, 8)


def test_a_damaged_image_is_named_and_counted_and_never_trained_on(tmp_path, capsys):
    place = made_pictures.folder(tmp_path / "a")
    whole = (place / "ant" / "003.png").read_bytes()
    (place / "ant" / "003.png").write_bytes(whole[: len(whole) - 30])  # the head is sound
    (place / "bee" / "notes.txt").write_text("not an image")
    (place / "cat" / "007.png").write_bytes(b"")
    (place / "cat" / ".DS_Store").write_bytes(b"litter")
    (place / "cat" / "Thumbs.db").write_bytes(b"litter")
    with pytest.raises(ValueError, match=r"^data\.root=\S+: 3 of 61 files are no images: ") as error:
        made(place).mean  # noqa: B018
    for name in ("ant/003.png", "bee/notes.txt", "cat/007.png"):
        assert name in str(error.value)
    assert str(error.value).endswith("remove what is no image, or leave it out with data.broken=skip")
    data = made(place, broken="skip").load()
    assert "3 of 61 files are no images" in capsys.readouterr().err
    assert sum(len(part) for part in (data.train, data.val, data.test)) == 58
    assert all(part.x.flatten(1).any(1).all() for part in (data.train, data.val, data.test)), "no blank image"


def test_a_file_that_is_no_image_ends_the_command_before_anything_trains(tmp_path, train):
    place = made_pictures.folder(tmp_path / "mine")
    (place / "bee" / "notes.txt").write_text("not an image")
    said = train("data=folder", f"data.root={place}", "patch=4")
    assert said.code == 2
    assert said.err.splitlines()[-1] == (
        f"ablate: data.root={place}: 1 of 61 files is no image: bee/notes.txt; "
        "remove what is no image, or leave it out with data.broken=skip"
    )
    assert not list(Path("runs").glob("*/*/record.json"))


def one_class(place):
    shutil.rmtree(place / "bee")
    shutil.rmtree(place / "cat")


def no_classes(place):
    shutil.rmtree(place)
    place.mkdir()
    Image.fromarray(X).save(place / "loose.png")


def no_images(place):
    for file in place.rglob("*.png"):
        file.unlink()


def an_empty_class(place):
    (place / "dog").mkdir()


def one_image_of_a_class(place):
    (place / "dog").mkdir()
    Image.fromarray(X).save(place / "dog" / "0.png")


def two_sizes(place):
    Image.fromarray(made_pictures.picture(0, 0, size=12)).save(place / "ant" / "000.png")


def only_val_and_test(place):
    for name in ("val", "test"):
        shutil.copytree(place / "ant", place / name / "ant")


def only_train(place):
    (place / "train").mkdir()


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (one_class, "data.root={} has one class, ant; two or more folders of images are needed"),
        (no_classes, f"data.root={{}} has no folders of classes; {scan.LAYOUT}"),
        (no_images, f"data.root={{}} holds no images in its 3 folders; {scan.LAYOUT}"),
        (an_empty_class, "data.root={}: there is no image of class dog; every class needs one in each part"),
        (
            one_image_of_a_class,
            "data.root={}: class dog has 1 image and none left for ",
        ),
        (two_sizes, "data.root={} has images of 2 sizes, from 8x8 to 12x12; data.size=64 makes all 64x64"),
        (only_val_and_test, f"data.root={{}} has val/ and test/ and no train/; {scan.LAYOUT}"),
        (only_train, f"data.root={{}} has train/ and no test/; {scan.LAYOUT}"),
        (shutil.rmtree, f"data.root={{}} is no folder; {scan.LAYOUT}"),
    ],
)
def test_what_is_no_data_set_is_one_line_and_exit_2(tmp_path, train, spoil, line):
    place = made_pictures.folder(tmp_path / "mine")
    spoil(place)
    said = train("data=folder", f"data.root={place}", "patch=4")
    assert said.code == 2, said.out
    assert said.err.startswith(f"ablate: {line.format(place)}")
    assert said.err.count("\n") == 1
    assert not list(Path("runs").glob("*/*/record.json"))


@pytest.mark.parametrize("part", ["train", "test", "val"])
def test_a_class_that_is_missing_in_a_part_is_named(tmp_path, train, part):
    place = made_pictures.parts(tmp_path / "mine")
    shutil.rmtree(place / part / "bee")
    said = train("data=folder", f"data.root={place}", "patch=4")
    line = f"data.root={place}: {part}/ has no image of class bee; every class needs one in each part"
    assert (said.code, said.err.strip()) == (2, f"ablate: {line}")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("data.root=null", f"data.root=null: data=folder needs data.root=PATH; {scan.LAYOUT}"),
        ("data.val=60", "data.val=60 does not split "),
        ("data.size=0", "data.size=0: too small; 1 or more works"),
        ("data.memory=-1", "data.memory=-1: too small; 0 or more works"),
        ("data.fit=squash", "data.fit=squash: not one of crop, stretch"),
        ("data.broken=drop", "data.broken=drop: not one of refuse, skip"),
    ],
)
def test_a_wrong_knob_is_one_line(tmp_path, train, word, line):
    place = made_pictures.folder(tmp_path / "mine")
    said = train("data=folder", "patch=4", word, f"data.root={place}")
    if word.startswith("data.root"):
        said = train("data=folder", "patch=4", word)
    assert said.code == 2
    assert said.err.startswith(f"ablate: {line}")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("-m", "pos=none,rope", "sweep.seeds=2"), ("-m", "seed=0,1"), ("-m", "data=folder")]
)
def test_no_folder_is_one_line_also_for_further_seeds(train, words):
    said = train("data=folder", "patch=4", *words)
    assert said.code == 2
    assert said.err.startswith("ablate: data.root=null: data=folder needs data.root=PATH")
    assert said.err.count("\n") == 1


def test_too_large_for_memory_is_streamed_and_the_same_to_the_bit(tmp_path):
    place = made_pictures.parts(tmp_path / "a", channels=3)
    resident, streamed = made(place).load(), made(place, memory=0).load()
    for name in ("train", "val", "test"):
        a, b = getattr(resident, name), getattr(streamed, name)
        assert isinstance(a.x, torch.Tensor)
        assert isinstance(b.x, Streamed)
        assert (len(b), b.x.shape, b.x.is_cuda) == (len(a), tuple(a.x.shape), False)
        assert torch.cat([*b.x.split(7)]).equal(a.x)
        order = torch.randperm(len(a), generator=torch.Generator().manual_seed(0)).split(4)
        for workers in (0, 1, 3):
            b.x.workers = workers
            assert all(got.equal(a.x[i]) for i, got in zip(order, b.x.batches(order), strict=True))


def test_a_stream_that_is_left_early_ends(tmp_path):
    x = made(made_pictures.parts(tmp_path / "a"), memory=0).load().train.x
    before = threading.active_count()
    batches = x.batches(torch.arange(60).split(2))
    next(batches)
    batches.close()
    assert threading.active_count() == before


@pytest.mark.slow
@pytest.mark.skipif("ABLATE_LARGE" not in os.environ, reason="long")
def test_a_hundred_thousand_tiny_files(tmp_path):
    for name in "ab":
        place = tmp_path / "large" / name
        place.mkdir(parents=True)
        Image.new("L", (8, 8), ord(name)).save(place / "0.png")
        for number in range(1, 50_000):
            os.link(place / "0.png", place / f"{number}.png")
    data = made(tmp_path / "large", val=1000, test=1000).load()
    assert [len(part) for part in (data.train, data.val, data.test)] == [98_000, 1000, 1000]
    assert data.train.y.bincount().tolist() == [49_000, 49_000]
    assert torch.equal(data.train.x.flatten(1)[:, 0].long(), data.train.y + ord("a"))
