#!/usr/bin/python3
"""Looks at what runs leave for people and for monitoring: pages, screens, figures, the committed example.

Usage: check.py --build BUILD [--only PART-OF-NAME] [--keep FOLDER] [--write-example]
The browser (chromium), promtool (prometheus), pdftotext (poppler-utils) and libfaketime (faketime) are Debian's; what
needs a missing one says "skip" and counts as passed. --keep leaves the pages, pictures and prints to be looked at;
--write-example makes samples/report-example/ anew.
"""

import argparse
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import unicodedata

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run")]
import browser  # noqa: E402
import example  # noqa: E402
import nights  # noqa: E402
import page  # noqa: E402
from world import HEADING, World, people, person  # noqa: E402

CHECKS = []


class Skip(Exception):
    pass


def check(function):
    CHECKS.append(function)
    return function


class Samples:
    """One page of each kind, made once: {name: (page, addresses that may stand in it)}."""

    def __init__(self, build, keep):
        self.build, self.keep, self.pages, self.notes = build, keep, {}, {}

    def add(self, w, name, data):
        path = os.path.join(self.keep, name + ".html")
        with open(path, "wb") as stream:
            stream.write(data)
        self.pages[name] = (path, data, [w.url] if w.url else [])

    def world(self, make):
        w = World(self.build)
        try:
            make(w)
        finally:
            w.close()

    def make(self):
        self.world(self.make_history)
        self.world(self.make_mixed)
        self.world(self.make_big)

    def make_history(self, w):
        w.sandbox("--script", nights.script(w))
        metrics = w.path("metrics.prom")
        done = nights.live(w, last_options=["--rate", "5", "--metrics", metrics])
        self.add(w, "history", w.latest("report.html"))
        self.notes["document"] = done.document()
        self.notes["metrics"] = open(metrics, encoding="utf-8").read()
        self.notes["gaps"] = bool(nights.CLOCK)
        self.notes["before"] = json.loads(w.run("history", "--json").out)

    def make_mixed(self, w):
        """A plan with all kinds of rows, a stop at a guard, and a run that could not read its export."""
        w.sandbox()
        w.mapping(fields={"date_of_birth": nights.FIELDS["date_of_birth"]}, people={"leave_out": [
            {"column": "CITY", "is": "Secret", "because": "confidentiality <requested> & \"kept\""}]})
        rows = people(60)
        heading = [*HEADING, "BORN"]
        assert w.push(w.export(rows, heading=heading), "--first-load").exit == 0
        rows[1]["CITY"], rows[2]["EMAIL"], rows[3]["CITY"] = "Secret", "none", "Hull"
        rows.append(dict(rows[8]))
        rows.append(person(77, BORN="17 May"))
        folder = w.path("told")
        assert w.run("plan", w.export(rows[:20] + rows[23:], heading=heading), "--report", folder).exit == 0
        self.add(w, "plan", open(os.path.join(folder, "report.html"), "rb").read())
        for row in rows:
            row["CITY"] = "Gatineau"
        assert w.push(w.export(rows, heading=heading)).exit == 8
        self.add(w, "guard", w.latest("report.html"))
        assert w.push(w.path("absent.csv")).exit == 6
        self.add(w, "failed", w.latest("report.html"))

    def make_big(self, w):
        """Twenty thousand people, and hundreds of different things wrong with them."""
        w.sandbox("--bare")
        lists = {"kind": {f"K{n}": str(n % 13 + 1) for n in range(60)}}
        w.mapping(lists=lists, fields={"user_type_id": {"from": "TYPE", "list": "kind"}})
        rows = people(20_000)
        for number, row in enumerate(rows):
            row["TYPE"] = f"K{number % 60}"
            if number % 23 == 0:
                row["EMAIL"] = ("none", "", "a@b", "x" * 400 + "@example.edu", "a b@example.edu")[number % 5]
            if number % 29 == 0:
                row["LAST"] = "L" * (51 + number % 300)
        export = w.export(rows, heading=[*HEADING, "TYPE"])
        done = w.push(export, "--first-load", "--ignore", "rejected")
        assert done.exit == 3, (done.exit, done.err)
        self.add(w, "big", w.latest("report.html"))


# ---------------------------------------------------------------- pages


@check
def every_page_is_well_formed_accessible_small_and_loads_nothing(samples):
    for name, (_, data, told) in samples.pages.items():
        try:
            page.check_page(data, told)
        except AssertionError as trouble:
            raise AssertionError(f"{name}: {trouble}") from trouble


@check
def a_page_with_history_has_its_nights_with_gaps_its_usual_and_its_pace(samples):
    tree = page.check_page(*samples.pages["history"][1:])
    document = samples.notes["document"]
    told = page.rows(tree, "nights")
    assert len(told) == 60 - len(nights.ABSENT), len(told)
    counts = document["counts"]
    assert told[0][1:5] == [str(counts[k]) for k in ("new", "changed", "rejected", "gone")], told[0]
    assert told[-1][1] == "200", "the oldest run is the first load"
    if samples.notes["gaps"]:
        for line in page.section(tree, "nights").iter("path"):
            assert line.get("d").count("M") == 3, "two gaps break each line in three"
    assert "usual" in {e.get("class") for e in page.section(tree, "fields").iter("rect")}
    assert any("unusual" in row[2] for row in list_of(tree, "actions") if row[0] == "new")
    types = {row[0]: (int(row[1]), int(row[2])) for row in page.rows(tree, "types")}
    assert {k: now for k, (_, now) in types.items()} == document["user_types"], types
    previous = samples.notes["before"]
    assert sum(before for before, _ in types.values()) == valid_of(previous, 1), (types, previous)
    assert sum(now for _, now in types.values()) == counts["rows"] - counts["rejected"]
    pace = page.rows(tree, "minutes")
    assert sum(float(row[2]) for row in pace) == document["http"]["by_status"]["429"] == nights.THROTTLED
    assert any(e.get("class") == "limit" for e in page.section(tree, "minutes").iter("line"))
    assert sum(int(row[1]) for row in page.rows(tree, "answers")) == document["http"]["requests"]


def list_of(tree, name):
    table = next(page.section(tree, name).iter("table"))
    return [[page.words_of(cell) for cell in row] for row in table.findall("tbody/tr")]


def valid_of(history, back):
    """Valid people of the run so many before the last one."""
    runs = history["runs"] if isinstance(history, dict) else history
    counts = runs[back]["counts"]
    return counts["rows"] - counts["rejected"] - counts["left_out"]


@check
def a_plan_and_a_run_have_one_layout_and_say_what_happened(samples):
    plan, guard, failed = (page.check_page(*samples.pages[n][1:]) for n in ("plan", "guard", "failed"))
    order = [s.get("aria-labelledby") for s in plan.iter("section")]
    assert [s for s in order if s in ("guards", "actions", "fields", "reasons", "nights")] == \
        ["guards", "actions", "fields", "reasons", "nights"], order
    assert any(row[3].endswith("tripped") for row in page.rows(guard, "guards"))
    assert "--ignore" in page.words_of(page.section(guard, "guards"))
    assert 'confidentiality <requested> & "kept"' in page.words_of(page.section(plan, "reasons"))
    notes = page.rows(plan, "notes")
    assert ["leave out field", "1", "date_of_birth"] == notes[0][:3], "lost values come before empty fields"
    assert "absent.csv" in page.words_of(failed)


@check
def values_stand_in_no_report_and_private_ones_not_even_with_values(samples):
    w = World(samples.build)
    try:
        w.sandbox()
        w.mapping(fields=nights.FIELDS)
        rows = [person(n, TYPE="1", CITY="Canaryville", **nights.KEYS) for n in range(1, 9)]
        rows[5]["EMAIL"] = "canary-none"
        for options, shown in (([], False), (["--values"], True)):
            for row in rows:
                row["CITY"] += "e"
            w.push(w.export(rows, heading=nights.COLUMNS), "--first-load", *options)
            told = {name: w.latest(name) for name in ("summary.txt", "run.json", "results.csv", "report.html")}
            for name, data in told.items():
                for value in (*nights.KEYS.values(), "19870605"):
                    assert value.encode() not in data, (name, value)
                seen = any(word in data for word in (b"Canaryville", b"canary-none", b"p1@example.edu"))
                assert seen == (shown and name == "results.csv"), (name, options)
    finally:
        w.close()


# ---------------------------------------------------------------- the browser


def need(program, package):
    if not shutil.which(program):
        raise Skip(f"{program} is missing (apt-get install {package})")


@check
def the_browser_shows_every_page_in_light_and_dark_and_logs_nothing(samples):
    need("chromium", "chromium")
    probe = os.path.join(samples.keep, "probe.html")
    with open(probe, "w", encoding="utf-8") as stream:
        stream.write("<!DOCTYPE html><title>probe</title><script>console.error('probe')</script>")
    assert browser.run(probe, "--dump-dom"), "what a page logs is seen here"
    for name, (path, _, _) in samples.pages.items():
        stem = os.path.join(samples.keep, name)
        logged, light, size = browser.picture(path, stem + "-light.png")
        assert not logged and min(light) > 240 and size > 20_000, (name, logged, light, size)
        logged, dark, _ = browser.picture(path, stem + "-dark.png", dark=True)
        assert not logged and max(dark) < 60, (name, logged, dark)


@check
def a_printed_page_has_everything_that_the_screen_has(samples):
    need("chromium", "chromium")
    for name in samples.pages:
        path, data, told = samples.pages[name]
        logged, paper = browser.printed(path, os.path.join(samples.keep, name + ".pdf"))
        assert not logged, (name, logged)
        if paper is None:
            raise Skip("pdftotext is missing (apt-get install poppler-utils)")
        tree = page.check_page(data, told)
        for element in tree.iter():
            if element.tag in ("h1", "h2", "caption", "dt"):
                assert re.sub(r"\s", "", page.words_of(element)) in paper, (name, page.words_of(element))
        for words in ("nights", "reasons"):
            if page.section(tree, words) and list(page.section(tree, words).iter("table")):
                last = page.rows(tree, words)[-1]
                assert re.sub(r"\s", "", last[0]) in paper, (name, last)


# ---------------------------------------------------------------- Prometheus


@check
def promtool_accepts_the_metrics_of_a_run(samples):
    need("promtool", "prometheus")
    done = subprocess.run(["promtool", "check", "metrics"], input=samples.notes["metrics"], text=True,
                          capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


@check
def promtool_accepts_the_alert_rules_and_each_fires_when_it_should(samples):
    need("promtool", "prometheus")
    rules = os.path.join(example.ROOT, "samples", "alerts.yml")
    done = subprocess.run(["promtool", "check", "rules", rules], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with open(os.path.join(example.ROOT, "tests", "reports", "alerts_test.yml"), encoding="utf-8") as stream:
        cases = stream.read().replace("RULES]", rules + "]")
    path = os.path.join(samples.keep, "alerts_test.yml")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(cases)
    done = subprocess.run(["promtool", "test", "rules", path], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@check
def every_figure_that_an_alert_asks_for_is_written(samples):
    with open(os.path.join(example.ROOT, "samples", "alerts.yml"), encoding="utf-8") as stream:
        rules = "".join(line for line in stream if not line.lstrip().startswith("#"))
    for name in set(re.findall(r"opspush_\w+", rules)):
        assert f"# TYPE {name} gauge\n" in samples.notes["metrics"], name


# ---------------------------------------------------------------- the committed example


@check
def the_demo_gives_the_reports_of_the_committed_example(samples):
    kept, fresh = example.committed(), example.make(samples.build)
    for name in example.FILES:
        assert example.masked(name, kept[name]) == example.masked(name, fresh[name]), \
            f"{name} differs: look at it, then make the example anew with --write-example"


@check
def the_committed_example_shows_no_values_outside_of_the_rejects(samples):
    kept = example.committed()
    source = os.path.join(example.ROOT, "samples", "students-day2.csv")
    with open(source, encoding="cp1252", newline="") as stream:
        rows = list(csv.DictReader(io.StringIO(stream.read())))
    told = ("LAST_NAME", "EMAIL_UNIV", "EMAIL_PERS", "BIRTH_DATE", "DRIVER_LIC", "STREET1", "ZIP", "CELL_NUMBER",
            "STUDENT_NO", "HOME_PHONE")
    values = {row[c].strip() for row in rows for c in told if row.get(c) and len(row[c].strip()) > 5}
    assert len(values) > 1000, "the sample has values to look for"
    for name in example.FILES:
        words = kept[name].decode("utf-8-sig", errors="replace")
        found = [] if name == "rejects.csv" else [v for v in values if re.search(rf"(?<!\w){re.escape(v)}(?!\w)", words)]
        assert not found, (name, found[:5])
    page.check_page(kept["report.html"], re.findall(r"http://127\.0\.0\.1:\d+/api/sandbox/v1", words_in(kept)))


def words_in(kept):
    return kept["summary.txt"].decode()


# ---------------------------------------------------------------- screens


def is_command(line):
    """A command to be copied stands alone on its line, whole: the one line that may be wider than the screen."""
    return line.startswith("           opspush ")


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@check
def a_screen_keeps_its_width_with_wide_characters_and_loses_nothing_but_colour(samples):
    w = World(samples.build)
    try:
        w.sandbox()
        path = w.mapping(people={"leave_out": [{"column": "CITY", "is": "Secret", "because": "秘密にしてほしいと本人が言った" * 4}]})
        mapping = {**json.loads(open(path, encoding="utf-8").read()), "name": "学生フィードの名前がとても長い" * 3}
        w.write("people.jsonc", json.dumps(mapping))
        rows = people(40)
        for number in (3, 9, 12, 21):
            rows[number]["CITY"] = "Secret"
        for number in (4, 5, 30):
            rows[number]["EMAIL"] = "none"
        export = w.export(rows)
        for command in (["plan"], ["push", "--rate", "none", "--first-load", "--ignore", "rejected"]):
            for width in (60, 80, 100):
                place = {"COLUMNS": str(width)}
                done = w.run(command[0], export, *command[1:], environment=place)
                assert done.exit in (0, 3), done.err
                plain = done.out
                lines = plain.splitlines()
                assert lines and all(columns(line) <= width or is_command(line) for line in lines), (width, plain)
                assert sum(max(1, -(-columns(line) // width)) for line in lines) <= 40 and "\x1b" not in plain
                assert "4" in plain and "秘密" in plain and "email" in plain, plain
        loud = w.run("plan", export, "--color", "always", environment={"COLUMNS": "80"}).out
        calm = w.run("plan", export, environment={"COLUMNS": "80", "NO_COLOR": "1"}).out
        assert "\x1b[" in loud and stable(re.sub(r"\x1b\[[0-9;]*m", "", loud)) == stable(calm)
    finally:
        w.close()


def stable(screen):
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z, took [\d.]+ s", "", screen)


@check
def the_summary_tells_of_values_that_were_lost_and_not_of_fields_that_are_empty(samples):
    w = World(samples.build)
    try:
        w.sandbox()
        w.mapping(fields={"date_of_birth": {"from": "BORN", "type": "date", "written": ["YYYY-MM-DD"],
                                            "if_wrong": "leave out field", "if_empty": "leave out field"}})
        rows = people(30)
        rows[3]["BORN"] = "nonsense"
        done = w.push(w.export(rows, heading=[*HEADING, "BORN"]), "--first-load")
        assert done.exit == 0, done.err
        notes = {note["code"]: note["count"] for note in done.document()["notes"]}
        assert notes.get("empty") == 29 and sum(notes.values()) == 30, notes
        summary = " ".join(w.latest("summary.txt").decode().split())
        assert "note 1 date_of_birth" in summary and "empty" not in summary, summary
    finally:
        w.close()


# ---------------------------------------------------------------- retention


@check
def run_folders_go_after_retention_days_and_counts_stay(samples):
    if not nights.CLOCK:
        raise Skip("libfaketime is missing (apt-get install faketime)")
    w = World(samples.build)
    try:
        w.sandbox()
        w.mapping()
        rows = people(30)
        runs = w.path("state", "runs")

        def push(night, *options):
            rows[night % 30]["CITY"] = f"Town {night}"
            done = w.push(w.export(rows), *options, environment=nights.on_night(night))
            assert done.exit == 0, done.err
            return done.document()["run"]

        first, second, third = push(0, "--first-load"), push(50), push(89)
        assert {first, second, third} <= set(os.listdir(runs)), "nothing goes before its time"
        fourth = push(120)
        assert set(os.listdir(runs)) == {second, third, fourth, "latest"}, os.listdir(runs)
        fifth = push(130, "--retention-days", "20")
        assert set(os.listdir(runs)) == {fourth, fifth, "latest"}, os.listdir(runs)
        told = json.loads(w.run("history", "--json").out)
        told = told["runs"] if isinstance(told, dict) else told
        kept = {run["run"]: run["counts"]["new"] for run in told}
        assert kept == {first: 30, second: 0, third: 0, fourth: 0, fifth: 0}, kept
        assert len(w.run("show", fifth, "--json").document()) == 1, "young runs still have their people"
        assert w.run("show", first, "--json").document() == [], "old runs have lost theirs"
    finally:
        w.close()


# ---------------------------------------------------------------- all of them


def run_one(function, samples):
    begun = time.monotonic()
    name = function.__name__.replace("_", " ")
    try:
        function(samples)
        word, trouble = "ok  ", ""
    except Skip as missing:
        word, trouble = "skip", f": {missing}"
    except Exception:
        word, trouble = "FAIL", "\n" + traceback.format_exc()
    print(f"{word} reports: {name}{trouble} ({time.monotonic() - begun:.1f} s)", flush=True)
    return word != "FAIL"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    parser.add_argument("--write-example", action="store_true")
    arguments = parser.parse_args()
    if arguments.write_example:
        example.write(example.make(arguments.build))
        return 0
    keep = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="opspush-pages-")
    os.makedirs(keep, exist_ok=True)
    try:
        samples = Samples(arguments.build, keep)
        samples.make()
        results = [run_one(f, samples) for f in CHECKS if arguments.only in f.__name__]
    finally:
        if not arguments.keep:
            shutil.rmtree(keep, ignore_errors=True)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
