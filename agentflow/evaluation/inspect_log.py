"""Export to the JSON log format of Inspect (inspect.aisi.org.uk), version 2: `inspect view` opens it. One file a variant."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.record import FAILED, Record
from agentflow.evaluation.summary import SummaryRow, summarise
from agentflow.storage.files import write_whole
from agentflow.version import __version__


def write_logs(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Written as Inspect names them: time, task and id."""
    folder.mkdir(parents=True, exist_ok=True)
    cases, records, paths = evaluation.load_cases(), evaluation.results(), []
    for row in summarise(evaluation, records).rows:
        mine = [record for record in records if record.variant == row.variant]
        log = eval_log(evaluation, row, mine, cases)
        stamp = re.sub(r"[:+]", "-", _time(evaluation.created))
        path = folder / f"{stamp}_{evaluation.suite.replace('_', '-')}_{log['eval']['task_id']}.json"
        write_whole(path, json.dumps(log, ensure_ascii=False, indent=1))
        paths.append(path)
    return paths


def eval_log(evaluation: Evaluation, row: SummaryRow, records: list[Record], cases: dict[str, Case]) -> dict[str, Any]:
    model = f"agentflow/{next((record.model for record in records if record.model), 'none')}"
    id = hashlib.sha256(f"{evaluation.id}\0{evaluation.created}\0{row.variant}".encode()).hexdigest()[:22]
    spec = {
        "eval_id": id, "run_id": evaluation.id, "created": _time(evaluation.created), "task": evaluation.suite,
        "task_id": id, "task_version": 0, "task_display_name": f"{evaluation.suite}: {row.variant}",
        "solver": row.variant, "model": model,
        "dataset": {"name": evaluation.data, "samples": evaluation.cases, "sample_ids": sorted({r.case for r in records})},
        "config": {"epochs": evaluation.repeats}, "packages": {"agentflow": __version__},
        "metadata": {"description": evaluation.description, "variant": evaluation.variants[row.variant]},
    }  # fmt: skip
    done = [record for record in records if record.status not in FAILED]
    return {
        "version": 2,
        "status": "success" if evaluation.finished else "started",
        "eval": spec,
        "plan": {"name": row.variant, "steps": []},
        "results": {"total_samples": len(records), "completed_samples": len(done), "scores": _scores(row)},
        "stats": {
            "started_at": _time(evaluation.created), "completed_at": _time(evaluation.finished or evaluation.created),
            "model_usage": {model: _usage(records)},
        },
        "samples": [_sample(record, cases[record.case], model) for record in records],
    }  # fmt: skip


def _scores(row: SummaryRow) -> list[dict[str, Any]]:
    found = []
    for name, estimate in row.estimates.items():
        if estimate.n == 0:
            continue
        error = (estimate.high - estimate.low) / 3.92 if estimate.n > 1 else 0.0
        metrics = {kind: {"name": kind, "value": value} for kind, value in (("mean", estimate.mean), ("stderr", error))}
        found.append({"name": name, "scorer": name, "scored_samples": estimate.n, "metrics": metrics})
    return found


def _sample(record: Record, case: Case, model: str) -> dict[str, Any]:
    asked = str(case.get("question") or case.get("goal") or case.get("text") or case.id)
    said = record.output.get("report") or record.output.get("answer") or json.dumps(record.output, ensure_ascii=False)
    message = {"role": "assistant", "content": str(said), "source": "generate"}
    sample: dict[str, Any] = {
        "id": record.case, "epoch": record.repeat + 1, "input": asked,
        "target": [str(answer) for answer in case.get("answers") or ()],
        "messages": [{"role": "user", "content": asked}, message],
        "output": {
            "model": model, "choices": [{"message": message, "stop_reason": "stop"}], "usage": _usage([record]),
            "time": record.seconds,
        },
        "scores": {n: {"value": v, "answer": str(record.output.get("answer", ""))} for n, v in record.scores.items() if v is not None},
        "metadata": {"run": record.run, "status": record.status, **record.slices, "problems": record.problems},
        "model_usage": {model: _usage([record])}, "total_time": record.seconds,
    }  # fmt: skip
    if record.status in FAILED:
        sample["error"] = {"message": record.message, "traceback": "", "traceback_ansi": ""}
    return sample


def _usage(records: list[Record]) -> dict[str, int]:
    prompt, cached, completion = (
        int(sum(r.usage.get(k, 0) for r in records)) for k in ("prompt", "cached", "completion")
    )
    return {
        "input_tokens": prompt - cached, "input_tokens_cache_read": cached, "output_tokens": completion,
        "total_tokens": prompt + completion,
    }  # fmt: skip


def _time(stamp: str) -> str:
    """ISO 8601 with a colon in the offset."""
    return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", stamp)
