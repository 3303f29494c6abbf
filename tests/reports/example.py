"""The demo's reports of day 2, as they are committed in samples/report-example/, and how two of them are compared."""

import csv
import io
import json
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHOWN = "/srv/opspush"  # the place that the committed reports speak of
FILES = ("summary.txt", "run.json", "results.csv", "rejects.csv", "report.html")


def make(build):
    """Runs the demo in a folder whose name is as long as SHOWN, so that lines are wrapped alike. Gives {file: bytes}."""
    place = "/tmp/" + os.urandom(8).hex()[:len(SHOWN) - len("/tmp/")]
    os.mkdir(place, 0o700)
    try:
        for name in ("samples", "mappings", os.path.join("tests", "demo")):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(place, name))
        os.mkdir(os.path.join(place, "build"))
        for name in ("opspush", "opspush-sandbox"):
            os.symlink(os.path.join(os.path.abspath(build), name), os.path.join(place, "build", name))
        done = subprocess.run(["sh", os.path.join(place, "tests", "demo", "demo.sh"), "build"], capture_output=True,
                              timeout=300, cwd=place)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        latest = os.path.join(place, "build", "demo", "runs", "latest")
        return {name: read(os.path.join(latest, name)).replace(place.encode(), SHOWN.encode()) for name in FILES}
    finally:
        shutil.rmtree(place, ignore_errors=True)


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def committed():
    return {name: read(os.path.join(ROOT, "samples", "report-example", name)) for name in FILES}


def write(files):
    folder = os.path.join(ROOT, "samples", "report-example")
    os.makedirs(folder, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write(data)


MASKS = [
    (r"\d{8}T\d{6}Z-[0-9a-f]{4}", "RUN"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\b20\d\d-\d\d-\d\d\b", "DATE"),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"took \d+\.\d s|took \d+ min \d+ s", "took D"),
    (r"<dt>Took</dt>\s*<dd>[^<]*</dd>", "TOOK"),
    (r"<dt>Program</dt>\s*<dd>[^<]*</dd>", "PROGRAM"),
]


def masked_text(text):
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return text


def masked_page(text):
    """The sections that are drawn from times keep their shape alone."""
    for name in ("nights", "minutes", "answers"):
        found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', text, re.S)
        if found:
            kept = re.sub(r"<svg.*?</svg>", "SVG", found.group(0), flags=re.S)
            text = text.replace(found.group(0), re.sub(r"\d[\d.,]*", "N", masked_text(kept)))
    return masked_text(text)


def masked_document(text):
    document = json.loads(masked_text(text))
    for key in ("version", "started", "ended"):
        document[key] = None
    document["http"]["seconds"] = None
    return document


def masked_results(text):
    """A reference_id says in which order two connections were served."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return [{**row, "reference_id": bool(row["reference_id"])} for row in rows]


def masked(name, data):
    if name == "rejects.csv":
        return data
    by_name = {"run.json": masked_document, "report.html": masked_page, "results.csv": masked_results}
    return by_name.get(name, masked_text)(data.decode("utf-8-sig"))
