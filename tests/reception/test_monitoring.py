"""What watches the installation asks for metrics that there are: rules, dashboards and the written list."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.reception.exported_metrics import Exported, exported

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))

_NAME = re.compile(r"\b(reception_[a-z0-9_]+)\b(?:\{([^}]*)\})?")
_RECORDED = re.compile(r"\breception:[a-z0-9_:]+\b")
_LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")


def _rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("recording.yml", "alerts.yml"):
        for group in yaml.safe_load((PROMETHEUS / name).read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{name}: {rule.get('record') or rule['alert']}", rule


def _expressions() -> Iterator[tuple[str, str]]:
    for name, rule in _rules():
        yield name, rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}: {panel['title']}", target["expr"]


EXPRESSIONS = list(_expressions())


def test_every_expression_asks_for_metrics_and_labels_that_are_exported() -> None:
    series = {name: one for one in exported() for name in one.series}
    recorded = {rule["record"] for _, rule in _rules() if "record" in rule}
    wrong = []
    for where, expression in EXPRESSIONS:
        found = _NAME.findall(expression)
        named = _RECORDED.findall(expression)
        if not found and not named and "up{" not in expression:
            wrong.append(f"{where}: asks for nothing of ours")
        wrong += [f"{where}: {name}" for name in named if name not in recorded]
        for name, selector in found:
            if name not in series:
                wrong.append(f"{where}: {name}")
                continue
            allowed = {*series[name].labels, "instance", "job", "le"}
            wrong += [
                f"{where}: {name} has no label {label}"
                for label in _LABEL.findall(selector)
                if label not in allowed
            ]
    assert wrong == []
    assert len(EXPRESSIONS) > 60


def test_every_recorded_figure_is_used() -> None:
    used = {name for _, expression in EXPRESSIONS for name in _RECORDED.findall(expression)}
    assert {rule["record"] for _, rule in _rules() if "record" in rule} == used


def test_every_alert_says_what_is_wrong_and_points_to_a_section_that_exists() -> None:
    text = (ROOT / "docs" / "watching.md").read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    alerts = [rule for _, rule in _rules() if "alert" in rule]
    assert len(alerts) >= 9
    for rule in alerts:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule
        assert rule["annotations"]["summary"], rule
        for section in re.findall(r"watching\.md#([a-z0-9-]+)", rule["annotations"]["description"]):
            assert section in headings, (rule["alert"], section)


def test_every_dashboard_is_whole() -> None:
    uids = set()
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        uids.add(dashboard["uid"])
        assert dashboard["title"].startswith("Reception: ")
        places = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            assert at["x"] + at["w"] <= 24, (path.name, panel["title"])
            assert panel["datasource"]["uid"] == "prometheus"
            places.add((at["x"], at["y"]))
        assert len(places) == len(dashboard["panels"]), path.name
    assert len(uids) == len(DASHBOARDS) == 5


def test_the_written_list_is_what_is_exported() -> None:
    written = {}
    process = ""
    titles = {"## Workers": "worker", "## Admin service": "admin", "## Background jobs": "jobs"}
    for line in (ROOT / "docs" / "metrics.md").read_text().splitlines():
        process = titles.get(line, process)
        if line.startswith("| `reception_"):
            name, kind, labels, text = (part.strip() for part in line.strip("| ").split(" | ", 3))
            assert text, line
            written[process, name.strip("`")] = kind, tuple(re.findall(r"`([a-z_]+)`", labels))
    assert written == {(one.process, one.name): (one.kind, one.labels) for one in exported()}


def test_no_label_could_name_anybody() -> None:
    allowed = {
        *("channel", "reason", "flag", "deed", "tool", "outcome", "kind", "provider", "stage"),
        *("state", "urgent", "vendor", "event", "method", "route", "status", "task"),
    }
    assert {label for one in exported() for label in one.labels} <= allowed
    names = [one.name for one in exported()]
    assert len(names) == len(set(names))
    assert all(isinstance(one, Exported) and one.text for one in exported())


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "recording.yml", "alerts.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing_wrong(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on PATH (Debian: prometheus)")
    done = subprocess.run(
        [promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
