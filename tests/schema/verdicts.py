#!/usr/bin/python3
"""The JSON Schema says what the C checker says: both judge every mapping in mappings/ and tests/, and one small mapping
changed in a hundred ways. Uses Debian's python3-jsonschema. The last line is 'N passed, N failed'.

usage: verdicts.py --build BUILD
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

GOOD = {
    "version": 1,
    "name": "Small",
    "lists": {"type": {"UG": "1", "*": "9"}},
    "people": {"keep": [{"column": "STATUS", "is": "AS", "because": "active"}]},
    "fields": {
        "unique_id": {"from": "ID", "do": ["trim"], "required": True},
        "login_source": {"value": "SAML"},
        "last_name": {"join": ["PREFIX", "LAST"], "with": " "},
        "date_of_birth": {"from": "BORN", "written": ["DD-MON-YYYY"], "between": ["1900-01-01", "today"]},
        "user_type_id": {"from": "LEVEL", "list": "type"},
    },
}

REMOVE = object()

# A path into GOOD, what is put there, and whether the mapping is then still right.
CHANGES = [
    ("version", 2, False), ("version", "1", False), ("version", REMOVE, False),
    ("name", "", False), ("name", " ", False), ("name", 7, False), ("name", REMOVE, False),
    ("owner", "us", True), ("notes", "why", True), ("Owner", "us", False),
    ("file", [], False), ("file", {}, True), ("file", {"encoding": "UTF-8"}, False),
    ("file", {"encoding": "utf-16be", "delimiter": "tab", "other_columns": "warn", "same_file": "refuse"}, True),
    ("file", {"delimiter": ":"}, False), ("file", {"columns_needed": "ID"}, False), ("file", {"not_rows": [""]}, False),
    ("file", {"rows_between": [5]}, False), ("file", {"rows_between": [5, 6.5]}, False),
    ("file", {"rows_between": [5, 6]}, True), ("file", {"max_age_hours": 0}, False), ("file", {"max_age": 26}, False),
    ("file", {"must_hold": [{"column": "TERM", "in": ["202610"]}]}, False),
    ("file", {"must_hold": [{"column": "TERM", "in": ["202610"], "because": "terms"}]}, True),
    ("people.keep.0.because", REMOVE, False), ("people.keep.0.column", REMOVE, False), ("people.keep.0.is", REMOVE, False),
    ("people.keep.0.in", ["AS"], False), ("people.keep.0.is", ["AS"], False), ("people.keep.0.column", "STATUS#0", False),
    ("people.keep.0", {"column": "S", "in": [], "because": "b"}, False),
    ("people.keep.0", {"column": "S", "in": ["A", "A"], "because": "b"}, False),
    ("people.keep.0", {"column": "S", "not_in": ["A"], "because": "b"}, True),
    ("people.keep.0", {"column": "S", "matches": "^A", "because": "b"}, True),
    ("people.keep.0", {"column": "S", "empty": "no", "because": "b"}, False),
    ("people.keep.0", {"column": "S", "empty": False, "because": "b"}, True),
    ("people.keep.0", {"column": "S", "before": "2026-02-30", "because": "b"}, False),
    ("people.keep.0", {"column": "S", "after": "today", "written": "MM/DD/YYYY", "because": "b"}, True),
    ("people.keep.0", {"column": "S", "is": "A", "written": "MM/DD/YYYY", "because": "b"}, False),
    ("people.keep", {}, False), ("people.leave", [], False), ("people.repeated_id", "last", True),
    ("people.repeated_id", "newest", False), ("people.same_person", "PIDM", True), ("people.same_person", [], False),
    ("people.same_person", {"columns": ["PIDM", "BORN"], "then": "report"}, True),
    ("people.same_person", {"then": "report"}, False), ("people.same_person", {"columns": "P", "then": "ask"}, False),
    ("people.prefer", [{"column": "SEQ", "take": "highest"}], True), ("people.prefer", [{"column": "SEQ"}], False),
    ("people.prefer", [{"column": "SEQ", "take": "most"}], False), ("people.prefer", [{"take": "highest"}], False),
    ("people.prefer", [{"column": "SEQ", "take": "highest", "order": ["A"]}], False),
    ("lists.type", {}, False), ("lists.type", {"UG": 1}, False), ("lists.type", [], False),
    ("lists.other", {"file": "a.csv", "find": "A"}, False), ("lists.other", {"file": "1", "UG": "2"}, True),
    ("lists.other", {"file": "a.csv"}, False), ("lists.other", {"find": "A", "give": "B"}, False), ("lists.other", {"give": "B"}, False),
    ("fields.unique_id", REMOVE, False), ("fields.login_source", REMOVE, False),
    ("fields.unique_id.if_empty", "leave out field", False), ("fields.unique_id.if_wrong", "stop run", True),
    ("fields.unique_id.when", {"column": "A", "is": "B"}, False), ("fields.unique_id.send", "new people only", False),
    ("fields.login_source.value", "", False), ("fields.login_source.value", "A" * 20, True),
    ("fields.login_source.value", "A" * 21, False), ("fields.login_source.from", "SOURCE", False),
    ("fields.last_name", {}, False), ("fields.last_name", "LAST", False), ("fields.last_name.join", "LAST", False),
    ("fields.last_name.join", [], False), ("fields.last_name.with", ", ", True),
    ("fields.last_name", {"from": "LAST", "with": " "}, False), ("fields.last_name.if_long", "cut to fit", True),
    ("fields.last_name.if_wrong", "cut to fit", False), ("fields.last_name.if_empty", "clear", True),
    ("fields.last_name.if_empty", "skip", False), ("fields.last_name.send", "sometimes", False),
    ("fields.last_name", {"from": "LAST", "required": True, "if_empty": "clear"}, False),
    ("fields.last_name.required", "yes", False), ("fields.last_name.private", True, True),
    ("fields.last_name.type", "name", False), ("fields.last_name.written", "DD-MM-YYYY", False),
    ("fields.last_name.between", ["1900-01-01", "today"], False), ("fields.last_name.never", ["X"], True),
    ("fields.last_name.never", "X", True), ("fields.last_name.never", [], False), ("fields.last_name.pattern", 7, False),
    ("fields.last_name.when", {"column": "LEVEL", "in": ["UG"]}, True), ("fields.last_name.when", {"column": "A"}, False),
    ("fields.surname", {"from": "LAST"}, False), ("fields.zip", {"from": "ZIP"}, True),
    ("fields", dict(GOOD["fields"], zip={"from": "ZIP"}, postal_code={"from": "ZIP"}), False),
    ("fields", dict(GOOD["fields"], state2={"from": "A"}, province2={"from": "A"}), False),
    ("fields.student_no", {"from": "SSN"}, False), ("fields.student_no", {"from": "spbpers_ssn"}, False),
    ("fields.student_no", {"from": ["ID", "Social Insurance No."]}, False), ("fields.student_no", {"from": "SIN_NUMBER"}, False),
    ("fields.student_no", {"from": "BUSINESS_ID"}, True), ("fields.city", {"from": "City#2"}, True),
    ("fields.city", {"from": "City#0"}, False), ("fields.city", {"from": "col(14)"}, True), ("fields.city", {"from": ""}, False),
    ("fields.date_of_birth.written", "DD-MON-YY", False),
    ("fields.date_of_birth", {"from": "BORN", "written": "DD-MON-YY", "youngest": 14}, True),
    ("fields.date_of_birth.youngest", 14, False), ("fields.date_of_birth.written", [], False),
    ("fields.date_of_birth.written", "DD-MON", False), ("fields.date_of_birth.written", "DD MM MON YYYY", False),
    ("fields.date_of_birth.written", "dd-mm-yyyy", False), ("fields.date_of_birth.written", "YYYY-MM-DD HH24:MI:SS", True),
    ("fields.date_of_birth.between", ["1900-01-01"], False), ("fields.date_of_birth.between", ["01/01/1900", "today"], False),
    ("otherwise", {"if_empty": "clear", "if_wrong": "send anyway and warn", "if_long": "stop run"}, True),
    ("otherwise", {"if_empty": "cut to fit"}, False), ("otherwise", {"if_late": "stop run"}, False),
    ("stop_if", {"changed_over_percent": 20, "field_emptied_over_percent": 3.5}, True),
    ("stop_if", {"changed_over_percent": 101}, False), ("stop_if", {"changed_over_percent": "20"}, False),
    ("stop_if", {"field_changed_over_percent": {"zip": 5, "email": 10}}, True),
    ("stop_if", {"field_changed_over_percent": {"zip": 5, "postal_code": 10}}, False),
    ("stop_if", {"field_changed_over_percent": {"surname": 5}}, False), ("stop_if", {"lost_over_percent": 5}, False),
]

# What the program refuses and a schema cannot: the list in the schema's own description.
BEYOND = [
    ("fields.user_type_id.list", "types"), ("people.keep.0", {"column": "S", "after": "2026-02-29", "because": "b"}),
    ("fields.last_name.pattern", "(a"), ("fields.date_of_birth.written", ["MM/DD/YYYY", "DD/MM/YYYY"]),
    ("file", {"rows_between": [60000, 5000]}), ("fields.date_of_birth.between", ["today", "1900-01-01"]),
    ("fields.date_of_birth.between", ["2000-01-02", "2000-01-01"]),
]

STEPS_RIGHT = ["one space", "upper", "lower", "names", "digits", "postal code", "straight quotes", "one line", "excel guards",
               "before  - ", "after /", "first of ;", "pad 9 0", "pad 9 \u00e9", "remove -", "replace A by B", "replace - by ",
               "phone ###-###-####", "add S before", "add @example.edu after"]
STEPS_WRONG = ["", "Trim", "trim it", "trimm", "before", "first of", "pad", "pad 9", "pad 0 0", "pad 256 0", "pad 9 00", "pad 9 e\u0301",
               "replace A", "replace  by B", "phone", "phone 555", "add S", "add before", "add  before", 7, None]


def without_comments(text):
    """The JSON in a mapping file: strings stand, comments and trailing commas go."""
    out, at, in_string = [], 0, False
    while at < len(text):
        if in_string and text[at] == "\\":
            out.append(text[at:at + 2])
            at += 2
            continue
        if not in_string and text.startswith("//", at):
            at = text.find("\n", at)
            continue
        if not in_string and text.startswith("/*", at):
            at = text.find("*/", at) + 2
            continue
        in_string ^= text[at] == '"'
        if not in_string and text[at] in "]}":
            while out and out[-1].isspace():
                out.pop()
            if out and out[-1] == ",":
                out.pop()
        out.append(text[at])
        at += 1
    return "".join(out)


def changed(path, value):
    mapping = copy.deepcopy(GOOD)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = mapping
    for part in way:
        place = place[part]
    if value is REMOVE:
        del place[last]
    else:
        place[last] = value
    return mapping


def cases(folder):
    """Name, file, its JSON, and whether it is right (None: both decide), to the schema and to the program."""
    changes = [("", None, True)] + CHANGES
    changes += [("fields.last_name.do", [step], True) for step in STEPS_RIGHT]
    changes += [("fields.last_name.do", [step], False) for step in STEPS_WRONG]
    changes = [(path, value, right, right) for path, value, right in changes]
    changes += [(path, value, True, False) for path, value in BEYOND]
    for number, (path, value, *right) in enumerate(changes):
        mapping = changed(path, value) if path else GOOD
        file = folder / f"{number}.jsonc"
        file.write_text(json.dumps(mapping), encoding="utf-8")
        yield f"{path} = {'nothing' if value is REMOVE else json.dumps(value)}", file, mapping, right
    for where in ("mappings", "tests"):
        for file in sorted((ROOT / where).rglob("*.jsonc")):
            try:
                mapping = json.loads(without_comments(file.read_text(encoding="utf-8")))
            except ValueError:
                continue
            if not file.name.endswith(".cases.jsonc") and "fields" in mapping:
                yield str(file.relative_to(ROOT)), file, mapping, None


def main():
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        print("0 passed, 0 failed")
        return 0
    build = pathlib.Path(sys.argv[sys.argv.index("--build") + 1]).resolve()
    schema = json.loads((ROOT / "mappings/opspush-mapping-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, file, mapping, right in cases(pathlib.Path(folder)):
            by_schema = validator.is_valid(mapping)
            ran = subprocess.run([build / "opspush", "check", file], capture_output=True, text=True, check=False)
            by_program = ran.returncode == 0
            if [by_schema, by_program] == right or (right is None and by_schema == by_program):
                passed += 1
                continue
            failed += 1
            words = (ran.stdout + ran.stderr).strip()
            print(f"FAIL {name}: schema {by_schema}, program {by_program} (exit {ran.returncode}), wanted {right}\n{words}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
