"""The filters under monitoring/, understood as far as they are used there: which lines they match."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dev.setup import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Line = dict[str, Any]
Labels = dict[str, str]

METRICS = sorted((ROOT / "monitoring" / "metrics").glob("*.json"))
POLICIES = sorted((ROOT / "monitoring" / "policies").glob("*.json"))
FUNCTIONS_RESOURCE = 'resource.type="cloud_run_revision"'
"""What functions of the second generation log as."""

_TERM = re.compile(r'(NOT )?jsonPayload\.(\w+)(?:="([^"]*)"|(:\*)|>(\d+))')
_LABEL = re.compile(
    r"metric\.labels\.(\w+)="
    r'(?:"([^"]*)"|one_of\(("[^)]*")\)|monitoring\.regex\.full_match\("([^"]*)"\))'
)
_METRIC = re.compile(r'metric\.type="logging\.googleapis\.com/user/(\w+)"')


def read(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text())


def matches(log_filter: str, line: Line) -> bool:
    """Tell whether a log-based metric's filter matches a line."""
    resource, *terms = log_filter.split(" AND ")
    assert resource == FUNCTIONS_RESOURCE
    return all(_holds(term, line) for term in terms)


def _holds(term: str, line: Line) -> bool:
    found = _TERM.fullmatch(term)
    assert found, f"not understood: {term}"
    negated, field, value, exists, above = found.groups()
    value_of = line.get(field)
    if exists:
        holds = value_of is not None
    elif above:
        holds = isinstance(value_of, int | float) and value_of > int(above)
    else:
        holds = value_of == value
    return holds is not bool(negated)


@dataclass(frozen=True, slots=True)
class Metric:
    """A log-based metric as declared."""

    name: str
    declared: Any

    def points(self, lines: list[Line]) -> list[Labels]:
        """Return what the metric would count: the labels of each line that it matches."""
        found = [line for line in lines if matches(self.declared["filter"], line)]
        extractors = self.declared.get("labelExtractors", {})
        return [
            {key: _extract(extractor, line) for key, extractor in extractors.items()}
            for line in found
        ]

    def values(self, lines: list[Line]) -> list[float]:
        """Return what a distribution would be made of."""
        found = [line for line in lines if matches(self.declared["filter"], line)]
        return [float(_extract(self.declared["valueExtractor"], line)) for line in found]


def metrics() -> dict[str, Metric]:
    return {path.stem: Metric(path.stem, read(path)) for path in METRICS}


def _extract(extractor: str, line: Line) -> str:
    found = re.fullmatch(r"EXTRACT\(jsonPayload\.(\w+)\)", extractor)
    assert found, f"not understood: {extractor}"
    return str(line[found[1]])


def watched(policy: Any) -> Iterator[tuple[str, dict[str, re.Pattern[str]]]]:  # noqa: ANN401 - JSON
    """Give the metric of each filter of a policy, and what the values of its labels must match."""
    for condition in policy["conditions"]:
        (kind,) = condition.keys() - {"displayName"}
        if kind == "conditionMatchedLog":
            continue  # Cloud Scheduler's own line
        for key in ("filter", "denominatorFilter"):
            if text := condition[kind].get(key):
                yield _watched(text)


def _watched(text: str) -> tuple[str, dict[str, re.Pattern[str]]]:
    labels: dict[str, re.Pattern[str]] = {}
    name = ""
    for term in text.split(" AND "):
        if found := _METRIC.fullmatch(term):
            name = found[1]
        elif found := _LABEL.fullmatch(term):
            key, single, several, pattern = found.groups()
            words = re.findall(r'"([^"]*)"', several) if several else [single or ""]
            labels[key] = re.compile(pattern or "|".join(map(re.escape, words)))
        else:
            assert term == FUNCTIONS_RESOURCE, f"not understood: {term}"
    return name, labels
