"""What a run leaves: results, rejects and their way back, run.json, summary, report.html, metrics."""

import csv
import fcntl
import io
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from world import HEADING, check_sums, night, people, person, quote, rewrite

ADDED = ["_line", "_field", "_code", "_reason", "_fix"]


def town(w, *options):
    """A run in which everything happens: new, changed, unchanged, left out, rejected, repeated, held, refused."""
    w.mapping(people={"leave_out": [{"column": "CITY", "is": "Secret", "because": "confidentiality requested"}]},
              fields={"date_of_birth": {"from": "BORN", "type": "date", "if_wrong": "leave out field"}})
    rows = people(30)
    for row in rows:
        row["BORN"] = "1990-05-17"
    heading = [*HEADING, "BORN"]
    w.sandbox("--script", w.write("script", "id=A0000005 9033 99\nid=A0000006 9019 99\n"))
    assert w.push(w.export(rows, heading=heading), "--first-load").exit == 3
    rows[0]["CITY"] = "Hull"
    rows[1]["CITY"] = "Secret"
    rows[2]["EMAIL"] = "none"
    rows[4]["CITY"] = "Aylmer"
    rows.append(dict(rows[8]))
    rows.append(person(77, BORN="1990-05-17", CITY="=cmd()"))
    done = w.push(w.export(rows[:28] + rows[30:], heading=heading), *options)
    assert done.exit == 3, (done.exit, done.err)
    return done.document()


# ---------------------------------------------------------------- run.json and results.csv


@night
def run_json_holds_every_member_that_the_interface_names(w):
    document = town(w)
    assert document == json.loads(w.latest("run.json"))
    assert document["schema"] == "opspush-run-1" and document["command"] == "push"
    assert document["run"] == os.readlink(w.path("state", "runs", "latest")).rstrip("/").split("/")[-1]
    for key, kind in (("version", str), ("exit", int), ("verdict", str), ("fields_changed", dict), ("reasons", list)):
        assert isinstance(document[key], kind), key
    for key in ("started", "ended"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document[key])
    assert set(document["input"]) >= {"path", "bytes", "rows", "digest", "modified"}
    assert document["input"]["bytes"] == os.path.getsize(w.path("people.csv"))
    assert document["input"]["rows"] == 30
    assert set(document["mapping"]) >= {"path", "name", "digest"} and document["mapping"]["name"] == "people"
    assert document["target"] == {"url": w.url}
    assert document["counts"] == {
        "rows": 30, "new": 2, "changed": 1, "unchanged": 23, "left_out": 1, "rejected": 1, "repeated": 1, "held": 1,
        "accepted": 2, "refused": 1, "unknown": 0, "not_reached": 0, "gone": 2, "known": 28}, document["counts"]
    check_sums(document["counts"])
    assert document["counts"]["gone"] == 2
    for reason in document["reasons"]:
        assert ("action" in reason) != ("outcome" in reason), reason
        assert set(reason) >= {"code", "field", "message", "count", "lines"}
        assert reason["lines"] and reason["count"] >= len(reason["lines"])
    names = [guard["name"] for guard in document["guards"]]
    assert names == ["rows", "age", "same", "first-load", "new", "changed", "gone", "rejected", "field", "mapping"]
    for guard in document["guards"]:
        assert set(guard) >= {"name", "value", "limit", "passed", "ignored"}
        assert isinstance(guard["passed"], bool) and isinstance(guard["value"], (int, float))
    http = document["http"]
    assert http["requests"] == sum(http["by_status"].values()) >= 3, http
    assert set(http["seconds"]) >= {"p50", "p95", "max"}


@night
def results_csv_has_one_line_for_every_row_that_was_not_unchanged(w):
    document = town(w)
    raw = w.latest("results.csv")
    assert raw.startswith(b"\xef\xbb\xbfline,unique_id,action,fields,outcome,attempts,http_status,opscom_code,"
                          b"reference_id,message\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    rows = w.results()
    assert len(rows) == document["counts"]["rows"] - document["counts"]["unchanged"]
    tally = {}
    for row in rows:
        tally[row["action"]] = tally.get(row["action"], 0) + 1
        assert bool(row["outcome"]) == (row["action"] in ("new", "changed")), row
    assert tally == {a: document["counts"][a] for a in tally}
    by_id = {row["unique_id"]: row for row in rows if row["action"] != "repeated"}
    assert by_id["A0000001"]["fields"] == "city" and by_id["A0000001"]["outcome"] == "accepted"
    assert by_id["A0000001"]["http_status"] == "200" and by_id["A0000001"]["reference_id"]
    assert by_id["A0000002"]["message"] == "confidentiality requested"
    assert by_id["A0000005"]["outcome"] == "refused" and by_id["A0000005"]["opscom_code"] == "9033"
    assert by_id["A0000006"]["action"] == "held"
    assert [int(row["line"]) for row in rows] == sorted(int(row["line"]) for row in rows)


@night
def reports_show_no_values_unless_asked_and_private_ones_never(w):
    town(w)
    plain = b"".join(w.latest(name) for name in ("results.csv", "run.json", "summary.txt", "report.html"))
    for value in (b"Hull", b"p1@example", b"First1", b"1990-05-17", b"Secret"):
        assert value not in plain, value
    rows = people(30)
    for row in rows:
        row["BORN"] = "1991-06-18"
        row["CITY"] = "Aylmer"
    w.push(w.export(rows, heading=[*HEADING, "BORN"]), "--values", "--ignore", "changed", "--ignore", "field")
    shown = b"".join(w.latest(name) for name in ("results.csv", "run.json", "summary.txt", "report.html"))
    assert b"Aylmer" in shown and b"1991-06-18" not in shown
    assert b"sandbox-token" not in plain + shown + w.latest("rejects.csv")


@night
def I17_formula_like_cells_are_neutralised_in_results_and_sent_unchanged(w):
    w.sandbox()
    w.mapping(fields={"unique_id": {"from": "ID", "do": ["trim"], "required": True}})
    ids = ["=1+1", "+12", "-12", "@12", "A1"]
    w.push(w.export([person(n, ID=i) for n, i in enumerate(ids)]), "--first-load")
    assert sorted(w.profiles()) == sorted(ids)
    shown = [row["unique_id"] for row in w.results()]
    assert all(cell[0] not in "=+-@" for cell in shown) and [cell.lstrip("'") for cell in shown] == ids, shown


@night
def line_is_the_physical_line_where_the_record_starts(w):
    w.sandbox()
    w.mapping()
    data = ('ID,FIRST,LAST,EMAIL,CITY\n\nA1,Ann,"Two\nlines",a@example.edu,Ottawa\nA2,Bo,Last,b@example.edu,Hull\n'
            'A3,Cy,Last,none,Hull\n')
    w.push(w.write("odd.csv", data), "--first-load")
    assert [(row["line"], row["unique_id"]) for row in w.results()] == [("3", "A1"), ("5", "A2"), ("6", "A3")]
    assert w.latest("rejects.csv").decode().splitlines()[1].split(",")[5] == "6"


# ---------------------------------------------------------------- rejects and their way back


@night
def rejects_keep_the_bytes_of_the_export_and_re_fed_give_the_same_bytes(w):
    w.url = "http://127.0.0.1:9/api/X/v1"
    heading = "ID,FIRST,LAST,EMAIL,CITY"
    cases = [
        ("utf-8", ",", "\n", b""), ("utf-8", ";", "\r\n", b"\xef\xbb\xbf"), ("utf-8", "|", "\r\n", b""),
        ("windows-1252", ",", "\r\n", b""), ("iso-8859-1", "tab", "\n", b""), ("utf-16le", "tab", "\r\n", b"\xff\xfe"),
        ("utf-16be", ",", "\n", b"\xfe\xff"), ("utf-16le", ",", "\n", b""),
    ]
    codecs = {"windows-1252": "cp1252", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
    for encoding, delimiter, end, mark in cases:
        codec, cut = codecs.get(encoding, encoding), "\t" if delimiter == "tab" else delimiter
        w.mapping(file={"encoding": encoding, "delimiter": delimiter})
        lines = [heading, 'A1,José,"O""Neil",j@example.edu,Québec', 'A2,Zoë,"Roy",none, Hull ',
                 'A3,"Änne","two\nlines",,"x"', "A4,Bo,Last,b@example.edu,Hull"]
        data = mark + (end.join(lines) + end).replace(",", cut).encode(codec)
        case = (encoding, delimiter, end)
        out, again = w.path("out"), w.path("again")
        done = w.run("plan", w.write("e.csv", data), "--report", out, "--first-load")
        assert done.exit == 0, (case, done.err)
        with open(os.path.join(out, "rejects.csv"), "rb") as stream:
            first = stream.read()
        assert first.startswith(mark) if mark else True, case
        text = first[len(mark):].decode(codec)
        assert text.startswith(cut.join([heading.replace(",", cut), *ADDED]) + end), (case, text)
        for part in ('A2,Zoë,"Roy",none, Hull ', 'A3,"Änne","two\nlines",,"x"'):
            assert part.replace(",", cut) + cut in text, (case, part, text)
        assert "A1" not in text and "A4" not in text
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=cut))
        assert [r[5] for r in records[1:]] == ["3", "4"] and records[1][6] == "email", (case, records)
        done = w.run("plan", os.path.join(out, "rejects.csv"), "--report", again, "--json")
        assert done.exit == 0, (case, done.err)
        assert done.document()["counts"]["rejected"] == done.document()["counts"]["rows"] == 2
        with open(os.path.join(again, "rejects.csv"), "rb") as stream:
            assert stream.read() == first, case
        shutil.rmtree(out), shutil.rmtree(again)


@night
def fixed_rejects_push_those_people_alone_and_trip_no_whole_file_guard(w):
    w.sandbox()
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "rows_between": [30, 60], "max_age_hours": 26})
    rows = people(60)
    assert w.push(w.export(rows), "--first-load").exit == 0
    w.reset()
    rows[7].update(EMAIL="none", CITY="Hull")
    rows[8].update(EMAIL="")
    done = w.push(w.export(rows))
    assert done.exit == 3
    again = w.push(w.path("state", "runs", "latest", "rejects.csv"))
    assert again.exit == 3 and w.pushed_ids() == [], "as it is, it gives the same rejects"
    fixed = w.latest("rejects.csv").replace(b"none,", b"eight@example.edu,")
    fixed = fixed.replace(b"Last9,,", b"Last9,p9@example.edu,")
    before = w.run("status", "--json").document()
    done = w.push(w.write("fixed.csv", fixed))
    assert done.exit == 0, (done.exit, done.err)
    counts = done.document()["counts"]
    check_sums(counts)
    assert counts["rows"] == 2 and counts["changed"] == 1 and counts["unchanged"] == 1 and counts["gone"] == 0, counts
    assert w.pushed_ids() == ["A0000008"]
    after = w.run("status", "--json").document()
    assert (after["known"], after["last_success"]) == (before["known"], before["last_success"])
    assert w.run("gone", "--all", "--json").document()["people"] == []


@night
def a_fix_that_only_half_works_carries_the_line_of_the_first_export(w):
    w.sandbox()
    w.mapping()
    rows = people(9)
    rows[4]["EMAIL"] = "none"
    rows[6]["EMAIL"] = "none"
    w.push(w.export(rows), "--first-load")
    half = w.latest("rejects.csv").replace(b"none,", b"five@example.edu,", 1)
    done = w.push(w.write("half.csv", half), "--first-load")
    assert done.exit == 3 and done.document()["counts"]["rejected"] == 1
    lines = w.latest("rejects.csv").decode().splitlines()
    assert lines[0] == ",".join(HEADING + ADDED), "the five are replaced"
    assert lines[1].split(",")[5:8] == ["8", "email", "email"] or lines[1].split(",")[5] == "8", lines


@night
def rejects_whose_cells_a_spreadsheet_has_moved_stay_rejected(w):
    w.sandbox()
    w.mapping()
    good = ",".join(person(1)[c] for c in HEADING)
    for short in (["A0000007", "short"], ["A0000007", "x", "y", "z@example.edu"],
                  ["A0000007", "x", "y", "z@example.edu", "Hull", "more"]):
        w.reset()
        export = w.write("people.csv", "\n".join([",".join(HEADING), ",".join(short), good]) + "\n")
        assert w.push(export, "--first-load").exit == 3
        for _ in range(3):  # saved, pushed and saved again
            rows = list(csv.reader(io.StringIO(w.latest("rejects.csv").decode())))
            width = max(len(row) for row in rows)
            saved = w.write("saved.csv", "\n".join(",".join(quote(c) for c in row + [""] * (width - len(row)))
                                                   for row in rows) + "\n")
            done = w.push(saved, "--first-load")
            assert done.exit == 3 and done.document()["counts"]["rejected"] == 1, (short, done.out)
        assert "A0000007" not in w.pushed_ids(), short


@night
def moved_cells_are_known_by_the_marks_of_a_rejected_row_wherever_they_stand(w):
    w.mapping(fields={"city": {"from": "C12", "do": ["trim"]}})
    heading = HEADING[:4] + [f"C{n}" for n in range(1, 13)]
    for cells in (["A0000007", "x", "y"], ["A0000007", "x", "y", "z@example.edu"] + ["7"] * 13):
        export = w.write("people.csv", ",".join(heading) + "\n" + ",".join(cells) + "\n")
        done = w.plan(export, "--report", w.path("out"))
        rows = list(csv.reader(open(w.path("out", "rejects.csv"), encoding="utf-8")))
        width = max(len(row) for row in rows)
        saved = w.write("saved.csv", "\n".join(",".join(quote(c) for c in row + [""] * (width - len(row))) for row in rows))
        done = w.plan(saved)
        assert done.document()["counts"]["rejected"] == 1, (cells, done.out)


@night
def a_rejects_file_loses_no_column_whichever_of_the_five_somebody_has_deleted(w):
    w.mapping()
    for deleted in range(5):
        names = [name for i, name in enumerate(ADDED) if i != deleted]
        cells = [cell for i, cell in enumerate(["12", "email", "type", "x", "y"]) if i != deleted]
        fed = w.write("fed.csv", ",".join(HEADING + names) + "\nA0000001,F,L,bad,777," + ",".join(cells) + "\n")
        w.plan(fed, "--report", w.path("out"))
        rows = list(csv.reader(open(w.path("out", "rejects.csv"), encoding="utf-8")))
        assert rows[0][:5] == HEADING and rows[0][-5:] == ADDED, (deleted, rows)
        assert rows[1][:5] == ["A0000001", "F", "L", "bad", "777"] and len(rows[1]) == len(rows[0]), (deleted, rows)
    padded = w.write("fed.csv", ",".join(HEADING + ADDED) + ",,\nA0000001,F,L,bad,777,12,email,type,x,y,,\n")
    w.plan(padded, "--report", w.path("out"))
    rows = list(csv.reader(open(w.path("out", "rejects.csv"), encoding="utf-8")))
    assert rows[0] == HEADING + ADDED and rows[1][4:6] == ["777", "12"] and len(rows[1]) == 10, rows


@night
def rejects_added_cells_are_ascii_and_an_export_without_rejects_leaves_the_heading(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    assert w.push(w.export(rows), "--first-load").exit == 0
    assert w.latest("rejects.csv").decode().splitlines() == [",".join(HEADING + ADDED)]
    rows[1].update(EMAIL="zoë@é", FIRST="Zoë")
    w.push(w.export(rows))
    record = list(csv.reader(io.StringIO(w.latest("rejects.csv").decode())))[1]
    assert record[:5] == [rows[1][c] for c in HEADING]
    assert all(cell.isascii() and cell for cell in record[5:]), record


@night
def contradicting_ragged_and_unreadable_rows_stand_in_rejects_too(w):
    w.sandbox()
    w.mapping()
    data = b"ID,FIRST,LAST,EMAIL,CITY\nA1,a,b,a@x.ca,C\nA1,a,b,a@x.ca,D\nA2,a,b\nA3,\xff,b,c@x.ca,C\nA4,a,b,d@x.ca,C\n"
    done = w.push(w.write("odd.csv", data), "--first-load")
    assert done.exit == 3 and done.document()["counts"]["rejected"] == 4, done.err
    found = w.latest("rejects.csv").splitlines()
    assert [line[:3] for line in found[1:]] == [b"A1,", b"A1,", b"A2,", b"A3,"], found
    assert found[4].startswith(b"A3,\xff,b,c@x.ca,C,5,"), found[4]
    first = w.latest("rejects.csv")
    done = w.push(w.write("again.csv", first), "--first-load")
    assert done.exit == 3 and w.latest("rejects.csv") == first, (first, w.latest("rejects.csv"))


# ---------------------------------------------------------------- summary and screens


@night
def the_summary_is_one_screen_with_sums_causes_and_what_to_do_next(w):
    town(w)
    text = w.latest("summary.txt").decode()
    lines = text.splitlines()
    assert len(lines) <= 40, len(lines)
    assert all(len(line) <= 80 or line.startswith("           opspush ") for line in lines), text
    said = " ".join(text.split())
    for words in ("partial", "exit 3", "30 rows", "2 new", "1 changed", "23 unchanged", "1 left out", "1 rejected",
                  "1 repeated", "1 held", "2 accepted", "1 refused", "2 gone", "line 4", "next", "rejects.csv"):
        assert words in said, (words, text)


@night
def the_summary_compares_with_the_usual_of_the_last_runs(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    for turn in range(6):
        rows[turn]["CITY"] = f"Town {turn}"
        assert w.push(w.export(rows)).exit == 0
    for row in rows[10:18]:
        row["CITY"] = "Hull"
    text = w.run("plan", w.export(rows)).out
    assert "usual" in text, text
    changed = next(line for line in text.splitlines() if "8 changed" in line)
    assert re.search(r"8 changed +\d", changed) and "!" in changed, "outside of the usual is marked"


@night
def causes_say_since_when_and_for_how_many_nights(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    rows[3]["EMAIL"] = ""
    w.push(w.export(rows), "--first-load")
    for nights in (2, 3):
        done = w.push(w.export(rows))
        reason = [r for r in done.document()["reasons"] if r.get("action") == "rejected"][0]
        assert reason["nights"] == nights and reason["since"], reason
    assert "3 nights" in " ".join(w.latest("summary.txt").decode().split())


@night
def colour_is_only_for_those_who_want_it(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    rows[1]["EMAIL"] = "none"
    export = w.export(rows)
    for options, environment, wanted in (([], {}, False), (["--color", "always"], {}, True),
                                         (["--color", "never"], {}, False), ([], {"NO_COLOR": "1"}, False),
                                         (["--color", "always"], {"NO_COLOR": "1"}, True),
                                         (["--color", "auto"], {"TERM": "xterm"}, False)):
        done = w.run("plan", export, *options, environment=environment)
        assert ("\x1b[" in done.out) == wanted, (options, environment)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.out)
        assert "1 rejected" in plain, "signs beside colour"
    assert w.run("plan", export, "--color", "often").exit == 2
    w.push(export, "--first-load", "--color", "always")
    assert b"\x1b" not in w.latest("summary.txt")


@night
def quiet_prints_nothing_on_0_and_something_otherwise(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    export = w.export(rows)
    for words in (["push", export, "--first-load", "--rate", "none"], ["push", export], ["plan", export],
                  ["adopt", export], ["push", export, "--full", "--rate", "none"]):
        done = w.run(*words, "--quiet")
        assert (done.exit, done.out, done.err) == (0, "", ""), (words, done.exit, done.out, done.err)
    rows[1]["EMAIL"] = "none"
    done = w.run("push", w.export(rows), "--quiet")
    assert done.exit == 3 and (done.out + done.err), "what is not complete success speaks"


@night
def labels_and_numbers_stand_apart_whatever_their_width(w):
    w.sandbox()
    w.mapping()
    done = w.run("push", w.export(people(327)))
    assert done.exit == 8
    assert re.search(r"^not reached +327  guard: ", done.out, re.M), done.out
    assert re.search(r" 327 not reached$", done.out, re.M), done.out


@night
def a_plan_without_reports_says_how_to_see_what_it_does_not_show(w):
    long = {name: {"from": "LONG", "if_long": "leave out field"}
            for name in ("city", "street", "province", "postal_code", "phone_cell")}
    w.mapping(fields=long)
    rows = [person(n, LONG="x" * 300) for n in range(1, 4)]
    export = w.export(rows, heading=[*HEADING, "LONG"])
    said = " ".join(w.run("plan", export).out.split())
    assert "more: opspush plan EXPORT --report DIR)" in said and "report.html" not in said, said
    said = " ".join(w.run("plan", export, "--report", w.path("look")).out.split())
    assert "more: report.html)" in said and "reports " + w.path("look") in said, said


@night
def notes_of_a_plan_with_only_are_about_the_people_that_it_names(w):
    w.mapping(fields={"province": {"from": "PROV", "pattern": "[A-Z]{2}", "if_wrong": "leave out field"}})
    rows = [person(n, PROV="Ontario" if n > 2 else "ON" if n == 1 else "Quebec") for n in range(1, 8)]
    export = w.export(rows, heading=[*HEADING, "PROV"])

    def noted(*only):
        words = [word for identity in only for word in ("--only", identity)]
        return [note["count"] for note in w.plan(export, *words).document()["notes"]]
    assert noted() == [6], w.plan(export).out
    assert noted("A0000001") == []
    assert noted("A0000002") == [1]
    assert noted("A0000001", "A0000002", "A0000005") == [2]


@night
def a_run_that_may_leave_no_folder_is_told_with_its_command_and_time(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3))
    for runs in ("/proc/x", w.path("people.csv", "x")):
        done = w.run("push", export, "--first-load", "--runs", runs)
        assert done.exit == 1 and done.out.startswith("opspush push: failed (exit 1)"), done.out
        assert "people.csv" in done.out and "reports" not in done.out, done.out
        assert "1970" not in done.out and "null" not in done.out and "none" not in done.out, done.out
        document = w.push(export, "--first-load", "--runs", runs).document()
        assert document["command"] == "push" and document["run"] and document["started"] > "2000", document
    assert w.pushed_ids() == []
    taken = w.write("taken", "")
    done = w.run("push", export, "--state", os.path.join(taken, "s.db"), "--url", w.url, "--token-file", w.token_file,
                 "--mapping", w.path("people.jsonc"), usual=False)
    assert done.exit != 0 and "null" not in done.out and "1970" not in done.out, done.out


@night
def adopt_that_stops_at_a_guard_names_no_way_that_would_send(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    for row in rows[:10]:
        row["EMAIL"] = "none"
    export = w.export(rows)
    done = w.run("adopt", export)
    said = " ".join((done.out + done.err).split())
    assert done.exit == 8 and "--ignore rejected" in said, said
    assert "--plan" not in said and "--out" not in said and "nobody was marked" in said, said
    assert "would push" not in said
    done = w.run("adopt", export, "--ignore", "rejected")
    assert done.exit == 3 and w.pushed_ids() == []
    rows += people(20, start=100)
    assert "--plan" in w.push(w.export(rows)).err, "a push names both"


# ---------------------------------------------------------------- explain


def explained(w, export, identity, code=0):
    """The page and the document of one person; by field in the document's first row."""
    done = w.run("explain", export, "--id", identity)
    assert done.exit == code, (done.exit, done.err)
    document = w.run("explain", export, "--id", identity, "--json").document()
    row = document["rows"][0] if document["rows"] else {"fields": []}
    return done, document, {field["field"]: field for field in row["fields"]}


def told_of(page, field):
    """What the page says of one field."""
    return re.search(rf"^  {field} .*\n((?:      .*\n)*)", page, re.M).group(1)


@night
def explain_says_which_fields_of_a_person_do_not_go_and_why(w):
    w.sandbox()
    w.mapping(fields={"user_type_id": {"from": "TYPE", "send": "new people only"},
                      "street": {"from": "STREET", "if_empty": "clear"}, "province": {"from": "PROV"},
                      "city": {"from": "CITY", "if_empty": "leave out field"}})
    rows = [person(n, TYPE="1", CITY="", STREET="", PROV="ON") for n in range(1, 5)]
    rows[1]["STREET"] = rows[2]["STREET"] = "5 Main St"
    heading = [*HEADING, "TYPE", "STREET", "PROV"]
    export = w.export(rows, heading=heading)
    done, _, fields = explained(w, export, "A0000001")
    assert fields["user_type_id"]["sent"] is True and "not_sent" not in fields["user_type_id"], fields
    assert "not sent" not in told_of(done.out, "user_type_id"), done.out
    assert fields["street"]["sent"] is False and "nothing to clear" in told_of(done.out, "street"), done.out
    assert fields["city"]["sent"] is False and "not sent: left out" in told_of(done.out, "city"), done.out
    done = w.push(export, "--first-load")
    assert done.exit == 0, done.err
    for row in rows[:2]:
        row.update(PROV="QC", STREET="")
    export = w.export(rows, heading=heading)
    done, _, fields = explained(w, export, "A0000001")
    assert "not sent: goes with new people only" in told_of(done.out, "user_type_id"), done.out
    assert fields["user_type_id"]["sent"] is False and "new people only" in fields["user_type_id"]["not_sent"]
    assert "nothing to clear" in told_of(done.out, "street") and fields["street"]["sent"] is False, done.out
    assert "not sent" not in told_of(done.out, "province") and fields["province"]["sent"] is True, done.out
    done, _, cleared = explained(w, export, "A0000002")
    assert cleared["street"]["sent"] is True and "not sent" not in told_of(done.out, "street"), done.out
    done, document, unchanged = explained(w, export, "A0000003")
    assert document["rows"][0]["action"] == "unchanged" and not any(field["sent"] for field in unchanged.values())
    assert "goes with new people only" in told_of(done.out, "user_type_id"), done.out
    assert "not sent" not in told_of(done.out, "street"), done.out
    assert w.push(export).exit == 0
    pushed = {entry["unique_id"]: set(entry["pushed"]) for entry in w.received()["people"]}
    for identity, told in (("A0000001", fields), ("A0000002", cleared)):
        assert pushed[identity] == {name for name, field in told.items() if field["sent"]}, (pushed, told)


@night
def explain_finds_people_whose_unique_id_is_what_is_wrong(w):
    w.mapping(fields={"unique_id": {"from": "ID", "do": ["trim"], "pattern": "[0-9]{9}", "required": True}})
    cells = ["12345", "1.23E+08", '="000000105"', "'000000106", " 77 ", "000000108"]
    export = w.export([person(n, ID=cell) for n, cell in enumerate(cells)])
    for line, (cell, *others) in enumerate((["12345"], ["1.23E+08"], ['="000000105"', "000000105"],
                                            ["'000000106", "000000106"], ["77", " 77 "]), start=2):
        for identity in (cell, *others):
            done, document, _ = explained(w, export, identity)
            assert f"line {line}: rejected" in done.out, (identity, done.out)
            assert "found by the raw cell: its unique_id cannot be sent" in done.out, done.out
            assert "does not know this person" not in done.out
            assert document["rows"][0]["found_by"] == "raw cell", document
    done, document, _ = explained(w, export, "000000108")
    assert "raw cell" not in done.out and document["rows"][0]["found_by"] == "unique_id", done.out
    crowd = w.export([person(n, **({"ID": "12345"} if n < 25 else {"ID": f"{n:09d}"})) for n in range(150)],
                     name="crowd.csv")
    done, document, _ = explained(w, crowd, "12345")
    assert len(document["rows"]) == 20 and document["more_rows"] == 5, document["more_rows"]
    assert "and 5 more rows with this raw cell" in done.out, done.out
    done = w.run("explain", export, "--id", "0105")
    assert done.exit == 6 and "no row has this unique_id" in done.err and "raw" in done.err, done.err


@night
def explain_finds_a_row_by_its_raw_cell_where_steps_make_another_id_of_it(w):
    w.mapping(fields={"unique_id": {"from": "ID", "do": ["trim", "pad 9 0"], "required": True}})
    export = w.export([person(1, ID="12345"), person(2, ID="23456", FIRST="12345")])
    done, document, _ = explained(w, export, "12345")
    assert "found by the raw cell: its unique_id is sent as 000012345" in done.out, done.out
    assert document["rows"][0]["found_by"] == "raw cell" and len(document["rows"]) == 1, document


@night
def explain_tells_what_the_state_knows_of_somebody_who_is_gone_from_the_export(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    export = w.export(rows[:29])
    done, document, _ = explained(w, export, "A0000030", code=6)
    assert "last delivered: " in done.out and "no row of the export has this unique_id today" in done.out, done.out
    assert "no row of the export has this unique_id; the state knows the person: last delivered" in done.err, done.err
    assert document["rows"] == [] and "last delivered" in document["history"], document
    assert w.push(export).exit == 0
    done, _, _ = explained(w, export, "A0000030", code=6)
    assert "missing from the export since: " in done.out and ", 1 night\n" in done.out, done.out
    done = w.run("explain", export, "--id", "A0000031")
    assert done.exit == 6 and done.out == "" and "the state knows" not in done.err, done


@night
def explain_lists_every_problem_of_a_mapping_or_a_heading(w):
    export = w.export(people(2))
    w.mapping(fields={"city": {"from": "CITY", "do": ["trimm"]}, "street": {"frm": "X"}, "provinc": {"from": "CITY"}})
    planned, done = w.run("plan", export), w.run("explain", export, "--id", "A0000001")
    assert done.exit == 4 and done.err == planned.err and done.err.count("^") >= 3, done.err
    w.mapping(fields={"city": {"from": "TOWN"}, "street": {"from": "ROAD"}})
    planned, done = w.run("plan", export), w.run("explain", export, "--id", "A0000001")
    assert done.exit == 6 and done.err == planned.err and "ROAD" in done.err and "TOWN" in done.err, done.err
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "other_columns": "warn"}, fields={"city": None})
    planned, done = w.run("plan", export), w.run("explain", export, "--id", "A0000001")
    assert done.exit == 0 and "CITY" in done.err and done.err == planned.err, done.err


# ---------------------------------------------------------------- report.html


def look_at(page):
    """A page as a person's browser would want it; gives the tree."""
    text = page.decode()
    tree = ElementTree.fromstring(re.sub(r"<!doctype html>", "", text, flags=re.IGNORECASE))
    assert len(page) < 500_000
    for word in ("<script", "javascript:", "http-equiv=\"refresh\"", "@import", "onload=", "onclick=", "<iframe",
                 "<link"):
        assert word not in text.lower(), word
    for element in tree.iter():
        for name, value in element.attrib.items():
            local = name.split("}")[-1]
            assert local not in ("src", "srcset", "action", "background"), (element.tag, name)
            if local in ("href", "data"):
                assert value.startswith("#"), (element.tag, value)
            assert not local.startswith("on"), name
    assert not re.search(r"url\(\s*['\"]?(?!#)", text)
    return tree


def parts(tree, name):
    return [e for e in tree.iter() if e.tag.split("}")[-1] == name]


@night
def report_html_is_one_well_formed_page_without_anything_from_outside(w):
    town(w)
    page = w.latest("report.html")
    tree = look_at(page)
    assert tree.attrib.get("lang")
    policy = [m.attrib.get("content", "") for m in parts(tree, "meta")
              if m.attrib.get("http-equiv", "").lower() == "content-security-policy"]
    assert policy and "default-src 'none'" in policy[0] and "unsafe-eval" not in policy[0], policy
    assert parts(tree, "title") and parts(tree, "h1") and parts(tree, "table") and parts(tree, "svg")
    for svg in parts(tree, "svg"):
        assert svg.attrib.get("role") == "img" or svg.attrib.get("aria-hidden") == "true"
        if svg.attrib.get("aria-hidden") != "true":
            assert parts(svg, "title") and parts(svg, "desc"), "title and description"
    for table in parts(tree, "table"):
        assert parts(table, "th"), "every table has headings"
    assert b"prefers-color-scheme" in page and b"@media print" in page
    text = " ".join(" ".join(tree.itertext()).split())
    for words in ("partial", "first-load", "rejected", "email", "95 of 100"):
        assert words in text, words


@night
def report_html_of_a_plan_has_the_same_layout(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    done = w.run("plan", w.export(rows[:20]), "--report", w.path("look"))
    assert done.exit == 0
    with open(w.path("look", "report.html"), "rb") as stream:
        tree = look_at(stream.read())
    run = look_at(w.latest("report.html"))
    headings = [" ".join(h.itertext()) for h in parts(tree, "h2")]
    assert set(headings) <= set(" ".join(h.itertext()) for h in parts(run, "h2")) | set(headings)
    text = " ".join(tree.itertext())
    assert "--ignore" in text and "gone" in text


@night
def report_html_escapes_everything(w):
    evil = '<script>alert(1)</script>&"\'<b>'
    w.sandbox()
    w.mapping(people={"leave_out": [{"column": "CITY", "is": "X", "because": evil}]},
              fields={"user_type_id": {"from": "TYPE", "do": ["trim"]}})
    rows = [person(n, CITY="X" if n == 2 else "Ottawa", TYPE=evil[:20] if n == 3 else "1") for n in range(1, 6)]
    done = w.push(w.export(rows, heading=[*HEADING, "TYPE"], name="a<b>&.csv"), "--first-load", "--values")
    assert done.exit in (0, 3), done.err
    tree = look_at(w.latest("report.html"))
    assert evil in " ".join(tree.itertext())


@night
def report_html_shows_user_types_last_run_against_this(w):
    w.sandbox()
    w.mapping(fields={"user_type_id": {"from": "TYPE", "do": ["trim"]}})
    rows = [person(n, TYPE="1" if n < 21 else "9") for n in range(1, 31)]
    heading = [*HEADING, "TYPE"]
    assert w.push(w.export(rows, heading=heading), "--first-load").exit == 0
    rows[0]["TYPE"] = "9"
    done = w.push(w.export(rows, heading=heading))
    assert done.document()["user_types"] == {"1": 19, "9": 11}, done.document()["user_types"]
    tree = look_at(w.latest("report.html"))
    cells = [["".join(c.itertext()).strip() for c in row] for row in parts(tree, "tr")]
    assert any(row[:1] == ["1"] and "20" in row and "19" in row for row in cells), cells
    assert any(row[:1] == ["9"] and "10" in row and "11" in row for row in cells), cells


@night
def report_html_of_sixty_nights_stays_small(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    for turn in range(12):
        rows[turn]["CITY"] = f"Town {turn}"
        assert w.push(w.export(rows)).exit == 0
    tree = look_at(w.latest("report.html"))
    assert len(parts(tree, "svg")) >= 2


@night
def a_failed_run_has_a_report_too(w):
    w.sandbox()
    w.mapping()
    assert w.push(w.path("absent.csv")).exit == 6
    tree = look_at(w.latest("report.html"))
    assert "absent.csv" in " ".join(tree.itertext())
    summary = w.latest("summary.txt").decode()
    assert "exit 6" in summary and "absent.csv" in " ".join(summary.split()), summary
    assert "nothing was sent" in summary and "absent.csv, 0 rows" not in summary, summary
    damaged = people(30) + [person(n, ID=f"1.{n}E+08") for n in range(40, 50)]
    assert w.push(w.export(damaged), "--first-load").exit == 6
    summary = w.latest("summary.txt").decode()
    rows = json.loads(w.latest("run.json"))["input"]["rows"]
    assert rows == 40 and f"{rows} rows read" in " ".join(summary.split()), (rows, summary)


@night
def a_push_that_the_server_ended_is_told_since_it_left_a_folder(w):
    w.sandbox("--errors-as", "200", "--script", w.write("script", "11- 9000\n"))
    w.mapping()
    done = w.run("push", w.export(people(30)), "--first-load", "--rate", "none", "--connections", "1")
    assert done.exit == 4, (done.exit, done.err)
    assert "config (exit 4), 10 of 30 accepted" in done.out and "results.csv" in os.listdir(
        w.path("state", "runs", "latest")), done.out
    assert w.run("push", w.path("people.csv"), "--mapping", w.path("absent.jsonc")).out == "", "it left nothing"


# ---------------------------------------------------------------- metrics


def metrics(w):
    with open(w.path("opspush.prom"), encoding="utf-8") as stream:
        text = stream.read()
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return text, found


@night
def metrics_are_a_textfile_that_node_exporter_reads(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    rows[0]["EMAIL"] = "none"
    done = w.push(w.export(rows), "--first-load", "--metrics", w.path("opspush.prom"))
    assert done.exit == 3
    text, found = metrics(w)
    assert text.endswith("\n")
    names = {re.match(r"[a-z_:]+", key).group() for key in found}
    for name in names:
        assert f"# HELP {name} " in text and f"# TYPE {name} " in text, name
    flat = " ".join(found)
    for words in ("last_run", "last_success", "exit_code", "duration", "action=\"new\"", "action=\"rejected\"",
                  "status=\"200\"", "retries", "age", "known", "build_info", "version="):
        assert words in flat, (words, sorted(found))
    exit_code = [v for k, v in found.items() if "exit_code" in k]
    assert exit_code == [3.0]
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True)
        assert done.returncode == 0 and not done.stderr, done.stderr


@night
def metrics_are_written_after_a_failed_run_too_and_keep_the_last_success(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    file = w.path("opspush.prom")
    assert w.push(w.export(rows), "--first-load", "--metrics", file).exit == 0
    success = [v for k, v in metrics(w)[1].items() if "last_success" in k]
    assert success[0] > 1e9
    assert w.push(w.export(rows[:9]), "--metrics", file).exit == 8
    found = metrics(w)[1]
    assert [v for k, v in found.items() if "exit_code" in k] == [8.0]
    assert [v for k, v in found.items() if "last_success" in k] == success
    assert w.push(w.path("absent.csv"), "--metrics", file).exit == 6
    assert [v for k, v in metrics(w)[1].items() if "exit_code" in k] == [6.0]
    assert [n for n in os.listdir(w.folder) if n.startswith(".opspush")] == [], "written by rename"


@night
def metrics_of_a_run_that_ends_before_it_opens_the_state_are_true_or_left_alone(w):
    w.sandbox()
    w.mapping()
    export, file = w.export(people(30)), w.path("opspush.prom")
    open_token = w.write("open", "sandbox-token\n")
    os.chmod(open_token, 0o644)
    early = {"token": (4, "push", export, "--token-file", open_token),
             "plan": (6, "push", "--plan", w.path("absent.plan"), "--token-file", w.token_file),
             "runs": (1, "push", export, "--runs", "/proc/x", "--token-file", w.token_file),
             "mapping": (4, "push", export, "--token-file", w.token_file, "--mapping", w.path("absent.jsonc"))}

    def fail(name):
        code, *words = early[name]
        named = [] if "--mapping" in words else ["--mapping", w.path("people.jsonc")]
        done = w.run(*words, *named, "--url", w.url, "--state", w.path("state", "state.db"), "--metrics", file,
                     usual=False)
        assert done.exit == code, (name, done.exit, done.err)
        return metrics(w)

    def figures(text, found):
        labels = f'{{feed="people",target="{w.url}"}}'
        return [found["opspush_" + key + labels] for key in
                ("last_success_timestamp_seconds", "known_people", "last_run_exit_code")]
    assert figures(*fail("token")) == [0, 0, 4], "nothing was ever pushed"
    assert w.push(export, "--first-load", "--metrics", file).exit == 0
    success = figures(*metrics(w))[0]
    assert success > 1e9
    for name, (code, *_) in early.items():
        assert figures(*fail(name)) == [success, 30, code], name
    with open(file, "rb") as stream:
        before = stream.read()
    with open(w.path("state", "state.db.lock"), "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert w.push(export, "--metrics", file).exit == 9
    with open(file, "rb") as stream:
        assert stream.read() == before, "the run that holds the lock writes its own"
    rewrite(w.path("state", "state.db"), b"SQLite format 3", b"Something else.")
    assert w.push(export, "--metrics", file).exit == 12
    found = metrics(w)[1]
    assert [value for key, value in found.items() if "exit_code" in key] == [12]
    assert not any("last_success" in key or "known_people" in key for key in found), "what is not known is not told"
