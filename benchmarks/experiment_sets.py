"""Made data whose truth is known: an effect, none, or one that a third column makes (a trap). The same bytes for the same seed."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Truth = Literal["effect", "null", "trap"]
Floats = NDArray[np.float64]
SIZES = (60, 90, 120, 180, 240, 400)


class Subject(NamedTuple):
    """A field in which somebody asks. `effect` is in standard deviations of the outcome, with the sign that is asked about;
    `outcome` turns them into the column's own numbers. `plain` questions use the columns' words, `free` ones do not."""

    file: str
    key: str
    group: str
    levels: tuple[str, str] | None  # treated, other; None: a number
    outcome: str
    to_outcome: Callable[[Floats], list[str]]
    sign: int
    confounder: str
    to_confounder: Callable[[Floats], list[str]]
    steps: int  # values of the confounder; 0: a number
    noise: tuple[str, ...]
    plain: tuple[str, ...]
    free: tuple[str, ...]
    notes: str


class Made(NamedTuple):
    folder: Path
    file: str
    question: str
    wording: str
    truth: Truth
    rows: int
    outcome: str
    group: str
    confounder: str
    direction: str


def numbers(centre: float, spread: float, digits: int = 1) -> Callable[[Floats], list[str]]:
    return lambda values: [f"{centre + spread * value:.{digits}f}" for value in values]


def shares(threshold: float) -> Callable[[Floats], list[str]]:
    return lambda values: ["yes" if value > threshold else "no" for value in values]


def grades(names: tuple[str, ...]) -> Callable[[Floats], list[str]]:
    """Of values that are whole grades already."""
    return lambda values: [names[int(value)] for value in values]


SUBJECTS = (
    Subject(
        "trial.csv", "patient", "dose", ("new", "standard"), "recovery_days", numbers(14, 3), -1,
        "severity", grades(("mild", "moderate", "severe")), 3, ("age", "weight_kg"),
        ("Does the new dose shorten recovery?", "Is the recovery shorter with the new dose?",
         "Do patients on the new dose recover faster than those on the standard dose?"),
        ("Are people back on their feet sooner when they get the new regimen?",),
        "The new dose shortens recovery in mice (Berg 2019).\nSevere cases recover more slowly, whatever the dose.",
    ),
    Subject(
        "plots.csv", "plot_no", "fertiliser", ("B", "A"), "yield_t_ha", numbers(6, 0.8, 2), 1,
        "soil_quality", numbers(50, 12, 0), 0, ("rain_mm", "slope_pct"),
        ("Does fertiliser B raise the yield?", "Is the yield higher with fertiliser B than with fertiliser A?",
         "What effect does the fertiliser have on yield?"),
        ("Do farmers bring in a bigger harvest with product B?",),
        "Field trials in the north found that fertiliser B raises the yield by a tenth.\nGood soil raises the yield most of all.",
    ),
    Subject(
        "Pupils.csv", "PupilID", "Tutoring", ("yes", "no"), "ExamScore", numbers(62, 11, 0), 1,
        "PriorGrade", numbers(70, 9, 0), 0, ("Age", "DistanceKm"),
        ("Does tutoring increase the exam score?", "Is the exam score higher with tutoring?",
         "Do tutored pupils have higher exam scores?"),
        ("Do children with extra lessons do better in the final test?",),
        "A review of nine schools reports that tutoring increases exam scores.\nPupils with a high prior grade have higher exam scores.",
    ),
    Subject(
        "visits.csv", "visit_id", "banner", ("video", "plain"), "purchase", shares(0.25), 1,
        "returning_customer", shares(0.5), 2, ("age", "page_views"),
        ("Does the video banner increase purchases?", "Does purchase depend on the banner?",
         "Are visitors with the video banner more likely to purchase than those with the plain banner?"),
        ("Do more people buy something when they see the film?",),
        "Shops report that a video banner increases purchases.\nA returning customer is more likely to purchase.",
    ),
    Subject(
        "reaction.csv", "subject_id", "sleep_hours", None, "reaction_ms", numbers(310, 35, 0), -1,
        "age", numbers(45, 14, 0), 0, ("coffee_cups", "screen_minutes"),
        ("Does more sleep shorten the reaction?", "Is reaction related to sleep?", "What is the effect of sleep on reaction?"),
        ("Do rested people respond more quickly?",),
        "Sleep shortens the reaction of drivers (Holm 2021).\nOlder drivers react more slowly.",
    ),
    Subject(
        "ward.csv", "pid", "trt", ("1", "0"), "los_d", numbers(9, 2.2), -1,
        "sev", numbers(5, 1.5), 0, ("bmi", "hb"),
        ("Does the treatment shorten the length of stay?", "Is the length of stay shorter under the treatment?"),
        ("Do treated patients go home earlier?",),
        "# Codebook\n\nlos_d: length of stay in days.\n\ntrt: treatment, 1 for treated.\n\nsev: severity at admission.\n\n# Background\n\n"
        "The treatment shortens the length of stay in two earlier wards.",
    ),
)  # fmt: skip


def make(root: Path, truth: Truth, seed: int, wording: str = "plain") -> Made:
    """A folder with a data file and notes: the seed chooses field, wording, rows and sizes."""
    draw = np.random.default_rng([seed, {"effect": 0, "null": 1, "trap": 2}[truth]])
    subject = SUBJECTS[seed % len(SUBJECTS)]
    rows = int(draw.choice(SIZES))
    questions = subject.plain if wording == "plain" else subject.free
    question = questions[int(draw.integers(len(questions)))]
    third = draw.integers(subject.steps, size=rows).astype(float) if subject.steps else draw.normal(size=rows)
    hidden = (third - third.mean()) / third.std()
    pull = float(draw.uniform(1.1, 1.6)) * (1 if truth == "trap" else 0)
    reverse = truth == "trap" and bool(draw.integers(2))  # the true effect goes against what the raw numbers say
    lean = pull * hidden * subject.sign + draw.normal(size=rows)
    treated = (lean > np.median(lean)).astype(float) if subject.levels else lean / lean.std()
    size = {"effect": float(draw.uniform(0.75, 1.1)), "null": 0.0, "trap": -0.35 if reverse else 0.0}[truth]
    own = treated if subject.levels else treated * 0.5
    strength = 1.1 if truth == "trap" else 0.4
    outcome = subject.sign * size * own + strength * hidden + draw.normal(size=rows)
    columns = {
        subject.key: [str(number) for number in draw.permutation(np.arange(1000, 1000 + rows))],
        subject.group: [subject.levels[0 if value else 1] for value in treated]
        if subject.levels
        else numbers(7, 1)(treated),
        subject.outcome: subject.to_outcome(outcome),
        subject.confounder: subject.to_confounder(third),
        **{name: numbers(40, 9, 0)(draw.normal(size=rows)) for name in subject.noise},
    }
    for name in (subject.outcome, subject.noise[0]):
        for place in draw.choice(rows, size=rows // 30, replace=False):
            columns[name][place] = ""
    folder = root / f"{truth}-{seed}-{wording}"
    folder.mkdir(parents=True)
    text = io.StringIO()
    names = [str(name) for name in draw.permutation(list(columns))]
    csv.writer(text, lineterminator="\n").writerows([names, *zip(*(columns[name] for name in names), strict=True)])
    (folder / subject.file).write_text(text.getvalue(), "utf-8")
    notes = (
        subject.notes if subject.notes.startswith("#") else f"# Notes\n\n{subject.notes.replace(chr(10), chr(10) * 2)}"
    )
    (folder / "notes.md").write_text(f"{notes}\n", "utf-8")
    direction = "lower" if subject.sign < 0 else "higher"
    return Made(
        folder,
        subject.file,
        question,
        wording,
        truth,
        rows,
        subject.outcome,
        subject.group,
        subject.confounder,
        direction,
    )
