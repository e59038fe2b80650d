"""The sex column: words of several languages, texts that are not understood, and a model that needs the sex."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.data_summary import DataSummary
from trainer.errors import DataError
from trainer.history import read_history
from trainer.labels import sex_text, sexes_by_text
from trainer.radiograph import Sex

Capture = pytest.CaptureFixture[str]
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]
PAIRS = [
    "männlich/weiblich",
    "Junge/Mädchen",
    "Knabe/Maedchen",
    "masculin/féminin",
    "garçon/fille",
    "Hombre/Mujer",
    "niño/niña",
    "maschio/femmina",
    "menino/menina",
    "mannelijk/vrouwelijk",
    "jongen/meisje",
    "dreng/pige",
    "pojke/flicka",
    "mężczyzna/kobieta",
    "Boys/Girls",
    "MALES/Females",
    "M./W.",
    "masc./fem.",
    "H/F",
    "m/w",
]


@pytest.mark.parametrize("pair", PAIRS)
def test_words_of_the_common_languages_are_understood(pair: str) -> None:
    found = sexes_by_text("sex", pair.split("/"), "t.csv")
    assert [found.get(sex_text(text)) for text in pair.split("/")] == [Sex.MALE, Sex.FEMALE]
    decomposed = [text.replace("ä", "a\u0308") for text in pair.split("/")]  # as macOS writes it
    assert [found.get(sex_text(text)) for text in decomposed] == [Sex.MALE, Sex.FEMALE]


@pytest.mark.parametrize("other", ["H", "V"])
def test_an_m_that_may_be_a_woman_is_not_guessed(other: str) -> None:
    """Hombre and mujer, varón and mujer, man and vrouw."""
    with pytest.raises(DataError, match=f"holds {other} and M, which may be a man or a woman"):
        sexes_by_text("sexo", ["M", other], "t.csv")


def _table(data: Path, folder: Path, column: str, words: tuple[str, ...]) -> list[str]:
    """Write the set's table with other words for the sexes; return DATA and where its pictures lie."""
    with (data / "boneage-training-dataset.csv").open(newline="") as file:
        rows = [
            [row["id"], row["boneage"], words[index % len(words)]] for index, row in enumerate(csv.DictReader(file))
        ]
    with (folder / "ages.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "boneage", column], *rows])
    return [str(folder / "ages.csv"), f"--pictures={data / 'boneage-training-dataset'}"]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (("sex", "kille", "tjej"), "“kille” 20, “tjej” 20."),
        (("male", "1", "2"), "“1” 20, “2” 20."),  # whether 2 means yes or a woman is not said
        (("sex", "M", "F", "unknown", "z\x1b[31m"), "“z?[31m” 10."),
    ],
)
def test_texts_that_are_not_understood_are_named(
    column: tuple[str, ...], said: str, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    table = _table(data_set, tmp_path, column[0], column[1:])
    assert main(["clean", *table, "--side-px=32"]) == 0
    captured = capsys.readouterr()
    assert f"Sexes that are not understood and count as not given: {said}" in captured.err
    assert main(["clean", *table, "--side-px=32", "--events"]) == 0
    (note,) = DataSummary.from_json(json.loads(capsys.readouterr().out.splitlines()[-1])).notes
    assert said in note


def test_known_words_need_no_words(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["clean", *_table(data_set, tmp_path, "Sex", ("männlich", "weiblich", "?", "")), "--side-px=32"]) == 0
    captured = capsys.readouterr()
    assert "not understood" not in captured.err
    for sex, count in {"female": 10, "male": 10, "unknown": 20}.items():
        assert f"  {sex}: {count}" in captured.out


def test_a_model_that_uses_the_sex_does_not_begin_without(
    small_backbone: None, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    table = _table(data_set, tmp_path, "sex", ("kille", "tjej"))
    fit = ["fit", *table, "--run-dir", str(tmp_path / "run"), "--epochs=1", *TINY]
    assert main([*fit, "--model=improved-sex"]) == 1
    assert "This model uses the sex, and none of the 32 radiographs that would train it has one." in small.sentence(
        capsys
    )
    assert not (tmp_path / "run").exists()
    assert main([*fit, "--model=improved"]) == 0
    assert "not understood" in capsys.readouterr().out
    (note,) = read_history(tmp_path / "run").notes
    assert "“kille” 20" in note


def test_a_model_that_uses_the_sex_says_where_most_have_none(
    small_backbone: None, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    table = _table(data_set, tmp_path, "sex", ("M", "F", "", "", ""))
    assert main(["fit", *table, "--run-dir", str(tmp_path / "run"), "--epochs=1", *TINY, "--model=improved-sex"]) == 0
    (note,) = read_history(tmp_path / "run").notes
    assert note in capsys.readouterr().out
    with (tmp_path / "run" / "split.csv").open() as file:
        places = {str(1000 + index): index % 5 for index in range(40)}
        counts = Counter(places[row["id"]] > 1 for row in csv.DictReader(file) if row["part"] == "training")
    assert note.startswith(f"{counts[True]} of the 32 radiographs that train have no sex, which this model uses")
