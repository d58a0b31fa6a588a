"""The plan of an experiment, carried out: each hypothesis tested, looked at among equals, corrected for their number."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata

from .adjust import ALIAS, Adjusted, adjusted, design, explained
from .columns import Column, rounded, typed
from .estimate import EffectEstimate, Floats, TooFew, among, associate, compare, correlate
from .figures import draw
from .reading import read_tables
from .rows import CompleteRows, rows_of, summaries
from .strata import strata_of

ALPHA = 0.05
MOST_MISSING = 0.2  # share of rows in which a covariate may be missing


def analyse(plan: dict[str, Any], data: Path, out: Path) -> dict[str, Any]:
    """Writes results.json and the figures of each hypothesis into `out`, and returns the results."""
    out.mkdir(exist_ok=True)
    tables = {name: typed(frame) for file in sorted(plan["data"]) for name, frame in read_tables(data / file).items()}
    found = []
    for hypothesis in plan["hypotheses"]:
        try:
            rows = rows_of(hypothesis, tables[hypothesis["table"]])
            result = tested(hypothesis, rows, tables[hypothesis["table"]], plan["seed"])
        except TooFew as reason:
            found.append({"id": hypothesis["id"], "error": str(reason)})
            continue
        found.append(result)
        draw(hypothesis, result, rows, out)
    correct(found)
    results = {"hypotheses": found, "tests": sum("p" in result for result in found)}
    text = json.dumps(plain(results), indent=1, ensure_ascii=False) + "\n"
    (out / "results.json").write_text(text, "utf-8")
    return results


def tested(hypothesis: dict[str, Any], rows: CompleteRows, columns: dict[str, Column], seed: int) -> dict[str, Any]:
    """Raises TooFew."""
    estimate = estimated(rows, seed)
    result = {
        "id": hypothesis["id"], "rows": len(rows.y), "left_out": rows.left_out, "groups": summaries(rows),
        "test": estimate.test, "measure": estimate.measure, "effect": estimate.effect, "low": estimate.low,
        "high": estimate.high, "p": estimate.p, "size": estimate.size,
    }  # fmt: skip
    result |= among_equals(hypothesis, rows, estimate, columns)
    if hypothesis.get("strata"):
        result["strata"] = {
            "column": hypothesis["strata"],
            "parts": strata_of(columns[hypothesis["strata"]], rows, estimate, seed),
        }
    return result


def estimated(rows: CompleteRows, seed: int) -> EffectEstimate:
    match rows.outcome, rows.group:
        case (("number" | "binary"), "binary"):
            return compare(rows.y, rows.x, seed, binary=rows.outcome == "binary")
        case (("number" | "binary"), "number"):
            return correlate(rows.y, rows.x, seed)
        case "number", "levels":
            return among(rows.y, rows.x, seed)
        case "levels", "number":
            raise TooFew("an outcome of more than two values against a number: name the value that counts")
    return associate(rows.y, rows.x, seed)


def among_equals(
    hypothesis: dict[str, Any], rows: CompleteRows, estimate: EffectEstimate, columns: dict[str, Column]
) -> dict[str, Any]:
    """The effect at equal values of each covariate, and of all of them; those left out with the reason."""
    scaled = on_scale(rows, estimate)
    done: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    for name in hypothesis["covariates"]:
        found = one_covariate(columns[name], rows, scaled)
        if isinstance(found, str):
            skipped.append({"column": name, "reason": found})
        else:
            done.append({"column": name, **found._asdict(), "survives": survives(found, estimate)})
    together = all_covariates([item["column"] for item in by_shift(done, estimate)], rows, scaled, columns)
    every = None
    if together:
        names, found = together
        every = {"columns": names, **found._asdict(), "survives": survives(found, estimate)}
    return {"adjusted": done, "skipped": skipped, "all": every}


def on_scale(rows: CompleteRows, estimate: EffectEstimate) -> tuple[Floats, Floats]:
    """Outcome and group so that least squares give the plain effect when nothing is adjusted for."""
    y, x = rows.y, rows.x[:, None]
    if rows.group == "number":
        a, b = (rankdata(rows.x), rankdata(y)) if estimate.ranks else (rows.x, y)
        return (b - b.mean()) / b.std(), ((a - a.mean()) / a.std())[:, None]
    if estimate.ranks:
        y = 2 * rankdata(y) / len(y)  # a difference of mean ranks is Cliff's delta then
    if rows.group == "levels":
        x = np.column_stack([(rows.x == code).astype(float) for code in np.unique(rows.x)[1:]])
    return y, x


def one_covariate(column: Column, rows: CompleteRows, scaled: tuple[Floats, Floats]) -> Adjusted | str:
    y, x = scaled
    known = column.values.notna().to_numpy()[rows.kept]
    if (missing := 1 - known.mean()) > MOST_MISSING:
        return f"missing in {missing:.0%} of the rows"
    places = rows.kept[known]
    terms = design(column, places)
    others = np.column_stack([np.ones(len(places)), terms])
    if x.shape[1] == 1 and explained(x[known], others) > ALIAS:
        return "the same as the group"
    if rows.outcome == "number" and explained(y[known][:, None], others) > ALIAS:
        return "the same as the outcome"
    return adjusted(y[known], x[known], [terms]) or "too few rows"


def all_covariates(
    names: list[str], rows: CompleteRows, scaled: tuple[Floats, Floats], columns: dict[str, Column]
) -> tuple[list[str], Adjusted] | None:
    """With as many of the covariates as the rows allow, those first that change the effect most."""
    y, x = scaled
    best: tuple[list[str], Adjusted] | None = None
    taken: list[str] = []
    for name in names:
        trial = [*taken, name]
        known = np.all([columns[each].values.notna().to_numpy()[rows.kept] for each in trial], axis=0)
        found = adjusted(y[known], x[known], [design(columns[each], rows.kept[known]) for each in trial])
        if found and known.mean() >= 1 - MOST_MISSING:
            taken, best = trial, (trial, found)
    return best if best and len(best[0]) > 1 else None


def by_shift(done: list[dict[str, Any]], estimate: EffectEstimate) -> list[dict[str, Any]]:
    return sorted(
        done, key=lambda item: -(item["p"] if math.isnan(item["effect"]) else abs(item["effect"] - estimate.effect))
    )


def survives(found: Adjusted, estimate: EffectEstimate) -> bool:
    """Still there, and in the same direction."""
    return found.p < ALPHA and (math.isnan(found.effect) or found.effect * estimate.effect > 0)


def correct(found: list[dict[str, Any]]) -> None:
    """Holm's correction (1979) for the number of hypotheses."""
    ranked = sorted((result for result in found if "p" in result), key=lambda result: result["p"])
    highest = 0.0
    for place, result in enumerate(ranked):
        highest = max(highest, min(1.0, result["p"] * (len(ranked) - place)))
        result["p_corrected"] = highest


def plain(value: Any) -> Any:
    """JSON of six significant digits, None for what is no number."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    return rounded(float(value)) if isinstance(value, float | np.floating) else value
