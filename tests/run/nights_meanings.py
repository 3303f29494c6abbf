"""The meanings of words: unsettled, target, feed, rules over rows, finished; exit codes and which of them wins."""

import csv
import io
import json
import os

from world import check_sums, guards, listing, night, people, person, tripped


def counts(done, code=0):
    assert done.exit == code, (done.exit, done.err)
    document = done.document()
    check_sums(document["counts"])
    return document["counts"]


# ---------------------------------------------------------------- unsettled


@night
def an_a_b_a_with_a_lost_answer_is_sent_again_whatever_the_export_says(w):
    w.sandbox()
    w.mapping()
    rows = people(4)
    w.load(rows)
    rows[1]["CITY"] = "Hull"
    found = counts(w.bad_hour("id=A0000002 reset-after 99\n", w.export(rows)), 7)
    assert found["unknown"] == 1
    assert w.run("status", "--json").document()["unsettled"] == 1
    rows[1]["CITY"] = "Ottawa"
    planned = w.plan(w.export(rows)).document()
    assert planned["counts"]["changed"] == 1 and planned["counts"]["unchanged"] == 3
    found = counts(w.push(w.export(rows)))
    assert found["changed"] == found["accepted"] == 1
    assert w.pushed_ids() == ["A0000002"] and w.profiles()["A0000002"]["city"] == "Ottawa"
    assert [r["fields"] for r in w.results()] == ["unsettled"], w.results()
    assert w.run("status", "--json").document()["unsettled"] == 0
    assert counts(w.push(w.export(rows)))["unchanged"] == 4


@night
def a_new_person_without_an_answer_stays_new_and_unsettled(w):
    w.mapping()
    found = counts(w.bad_hour("id=A0000002 reset-after 99\n", w.export(people(3)), "--first-load"), 7)
    assert found["unknown"] == 1 and found["accepted"] == 2
    assert [r["outcome"] for r in w.results()] == ["accepted", "unknown", "accepted"]
    assert tripped(w.plan(w.export(people(3))).document()) == ["first-load"], "it did not finish"
    found = counts(w.push(w.export(people(3)), "--first-load"))
    assert found["new"] == 1 and found["unchanged"] == 2
    assert [(r["unique_id"], r["action"], r["fields"]) for r in w.results()] == [("A0000002", "new", "unsettled")]


@night
def unsettled_people_go_first(w):
    w.sandbox()
    w.mapping()
    rows = people(9)
    w.load(rows)
    rows[8]["CITY"] = "Hull"
    assert counts(w.bad_hour("1-99 reset-after\n", w.export(rows)), 7)["unknown"] == 1
    for row in rows[:4]:
        row["CITY"] = "Aylmer"
    counts(w.push(w.export(rows), "--connections", "1"))
    assert w.pushed_ids()[0] == "A0000009", w.pushed_ids()
    rows[8]["CITY"] = "Aylmer"


@night
def unsettled_people_go_first_also_under_a_limit(w):
    w.sandbox()
    w.mapping()
    rows = people(9)
    w.load(rows)
    rows[8]["CITY"] = "Hull"
    counts(w.bad_hour("1-99 reset-after\n", w.export(rows)), 7)
    for row in rows[:4]:
        row["CITY"] = "Aylmer"
    counts(w.push(w.export(rows), "--limit", "1"))
    assert w.pushed_ids() == ["A0000009"]


@night
def unsettled_people_who_equal_their_intent_do_not_count_for_the_guards(w):
    w.sandbox()
    w.mapping(stop_if={"changed_over_percent": 40, "field_changed_over_percent": 40})
    rows = people(30)
    w.load(rows)
    for row in rows[:12]:
        row["CITY"] = "Hull"
    assert w.bad_hour("1- reset-after\n", w.export(rows)).exit == 7
    w.mapping(stop_if={"changed_over_percent": 1, "field_changed_over_percent": 1, "mapping_over_percent": 100})
    document = w.plan(w.export(rows)).document()
    unsettled = w.run("status", "--json").document()["unsettled"]
    assert unsettled >= 1 and document["counts"]["changed"] == 12
    assert guards(document)["changed"]["value"] == round(100 * (12 - unsettled) / 30, 3), document["guards"]


@night
def an_open_intent_without_a_valid_row_today_stays_open_is_listed_and_does_not_count(w):
    w.sandbox()
    w.mapping()
    rows = people(25)
    w.load(rows)
    rows[1]["CITY"] = "Hull"
    counts(w.bad_hour("id=A0000002 reset-after 99\n", w.export(rows)), 7)
    done = w.push(w.export(rows[:1] + rows[2:]))
    assert counts(done)["unchanged"] == 24, "the exit code does not count them"
    assert w.run("status", "--json").document()["unsettled"] == 1
    assert "A0000002" in w.run("status", "--all").out
    said = json.dumps(done.document()) + w.latest("summary.txt").decode()
    assert "unsettled" in said, said
    rows[1]["EMAIL"] = "none"
    counts(w.push(w.export(rows)), 3)
    assert w.run("status", "--json").document()["unsettled"] == 1
    rows[1]["EMAIL"] = "two@example.edu"
    counts(w.push(w.export(rows)))
    assert w.run("status", "--json").document()["unsettled"] == 0


@night
def an_intent_that_never_left_is_withdrawn_at_a_clean_stop(w):
    w.mapping()
    export = w.export(people(3))
    w.url = "http://127.0.0.1:9/api/X/v1"
    done = w.push(export, "--first-load", "--max-duration", "1s")
    found = counts(done, 7)
    assert found["not_reached"] == 3 and found["unknown"] == 0, found
    assert w.run("status", "--json").document()["unsettled"] == 0


# ---------------------------------------------------------------- targets


@night
def the_same_target_may_be_written_in_many_ways(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    rest = w.url.removeprefix("http://")
    for url in ("HTTP://" + rest, w.url + "/", w.url + "//"):
        done = w.push(export, "--url", url)
        assert counts(done)["unchanged"] == 3, url
        assert done.document()["target"]["url"] == w.url
    for url in (w.url + "x", w.url.replace("/v1", "/V1")):
        assert w.push(export, "--url", url).exit == 8, url


@night
def C5_urls_that_are_no_target_are_exit_4_and_leave_nothing(w):
    w.mapping()
    export = w.export(people(2))
    before = listing(w.folder)
    for url in ("http://example.edu/api/X/v1", "http://10.0.0.1/api/X/v1", "ftp://example.edu/api",
                "file:///etc/passwd", "https://", "example.edu/api", "https://user:secret@example.edu/api/X/v1",
                "https://example.edu/api/X/v1?x=1", "https://example.edu/api/X/v1#f",
                "http://localhost.example.edu/v1"):
        done = w.run("push", export, "--first-load", "--url", url)
        assert done.exit == 4, (url, done.exit, done.err)
        assert done.err and "secret" not in done.err
    assert listing(w.folder) == before


# ---------------------------------------------------------------- rules over rows


def raw(w, lines, name="raw.csv", end="\n"):
    return w.write(name, end.join(["ID,FIRST,LAST,EMAIL,CITY", *lines]) + end)


def line(number, **changes):
    row = person(number, **changes)
    return ",".join(row[c] for c in ("ID", "FIRST", "LAST", "EMAIL", "CITY"))


@night
def I10_ragged_rows_cost_themselves_below_25_rows_and_the_file_above_5_percent(w):
    w.sandbox()
    for count, bad, wanted in ((24, 20, 3), (24, 1, 3), (40, 2, 3), (40, 3, 6), (25, 2, 6), (25, 1, 3)):
        w.mapping(name=f"m{count}-{bad}.jsonc")
        mapping = json.load(open(w.path(f"m{count}-{bad}.jsonc"), encoding="utf-8"))
        path = w.write("people.jsonc", json.dumps(mapping | {
            "name": f"f{count}-{bad}", "stop_if": {"rejected_over_percent": 100}}))
        rows = [line(n) for n in range(1, count - bad + 1)]
        ragged = [line(n).rsplit(",", 2)[0] for n in range(200, 200 + bad)]
        done = w.push(raw(w, ragged + rows), "--first-load", "--mapping", path)
        assert done.exit == wanted, (count, bad, done.exit, done.err)
        if wanted == 3:
            assert done.document()["counts"]["rejected"] == bad


@night
def I15_undecodable_rows_follow_the_same_rule(w):
    w.sandbox()
    w.mapping(stop_if={"rejected_over_percent": 100})
    bad = b"A0000900,Fran\xe7ois,Last,f@example.edu,Ottawa"
    for count, wanted in ((10, 3), (40, 3), (24, 6)):
        rows = [line(n).encode() for n in range(1, count + 1)]
        spoiled = [bad.replace(b"900", b"%d" % (900 + i)) for i in range(2 if count == 24 else 1)]
        data = b"\n".join([b"ID,FIRST,LAST,EMAIL,CITY", *spoiled, *rows]) + b"\n"
        done = w.push(w.write("raw.csv", data), "--first-load")
        assert done.exit == wanted, (count, done.exit, done.err)


@night
def I26_damaged_ids_cost_themselves_below_25_rows_and_the_file_above_20_percent(w):
    w.url = "http://127.0.0.1:9/api/X/v1"
    w.mapping(fields={"unique_id": {"from": "ID", "do": ["trim"], "required": True, "pattern": "[0-9]{8}"}},
              stop_if={"rejected_over_percent": 100})
    for count, bad, wanted in ((24, 20, 0), (40, 8, 0), (40, 9, 6), (25, 5, 0), (25, 6, 6)):
        rows = [line(n, ID=f"{n:08d}") for n in range(1, count - bad + 1)]
        damaged = [line(n, ID=f"1.{n}E+08") for n in range(100, 100 + bad)]
        done = w.plan(raw(w, damaged + rows))
        assert done.exit == wanted, (count, bad, done.exit, done.err)


@night
def a_file_whose_people_are_all_left_out_is_refused_from_25_rows_on(w):
    w.url = "http://127.0.0.1:9/api/X/v1"
    w.mapping(people={"keep": [{"column": "CITY", "is": "Ottawa", "because": "our city"}]})
    for count, wanted in ((24, 0), (25, 6)):
        done = w.plan(w.export([person(n, CITY="Hull") for n in range(count)]))
        assert done.exit == wanted, (count, done.exit, done.err)
    rows = [person(n, CITY="Hull") for n in range(30)] + [person(99)]
    assert w.plan(w.export(rows)).exit == 0


@night
def I4_a_last_record_without_line_end_and_too_few_cells_is_truncated_and_a_complete_one_is_fine(w):
    w.sandbox()
    w.mapping()
    whole = "\n".join(["ID,FIRST,LAST,EMAIL,CITY"] + [line(n) for n in range(1, 5)])
    for end in ("\n", "\r\n"):
        done = w.push(w.write("whole.csv", whole.replace("\n", end)), "--first-load")
        assert done.exit == 0, (done.exit, done.err)
    done = w.push(w.write("cut.csv", whole[:-20]), "--first-load")
    assert done.exit == 6, (done.exit, done.err)
    done = w.push(w.write("ragged.csv", whole[:-20] + "\n"), "--first-load")
    assert done.exit == 3, "a ragged row with its line end costs itself alone"


@night
def I2_an_export_without_people_is_exit_6_and_never_everyone_left(w):
    w.sandbox()
    w.mapping()
    w.load(people(3))
    w.reset()
    for name, data in (("empty.csv", ""), ("heading.csv", "ID,FIRST,LAST,EMAIL,CITY\n"), ("blank.csv", "\n\n")):
        done = w.push(w.write(name, data))
        assert done.exit == 6, (name, done.exit, done.err)
    for path in (w.path("absent.csv"), w.folder):
        assert w.push(path).exit == 6
    assert w.run("gone", "--all", "--json").document()["people"] == []
    assert w.pushed_ids() == []


@night
def must_hold_that_does_not_hold_is_exit_6(w):
    w.sandbox()
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "must_hold": [
        {"column": "CITY", "in": ["Ottawa", "Hull"], "because": "our cities"}]})
    assert w.push(w.export(people(3)), "--first-load").exit == 0
    rows = people(3)
    rows[1]["CITY"] = "Paris"
    done = w.push(w.export(rows))
    assert done.exit == 6 and "our cities" in done.err, (done.exit, done.err)


# ---------------------------------------------------------------- one person, several rows


@night
def I20_I21_repeated_rows_collapse_and_contradicting_ones_are_all_rejected(w):
    w.sandbox()
    w.mapping()
    rows = people(4)
    rows += [dict(rows[0]), dict(rows[0]), dict(rows[1], CITY="Hull")]
    found = counts(w.push(w.export(rows), "--first-load"), 3)
    assert (found["rows"], found["new"], found["repeated"], found["rejected"]) == (7, 3, 2, 2), found
    assert sorted(w.pushed_ids()) == ["A0000001", "A0000003", "A0000004"]
    assert sorted(r["line"] for r in w.results() if r["action"] == "rejected") == ["3", "8"]


@night
def rows_lost_to_another_row_of_the_same_person_are_left_out_as_other_row(w):
    w.sandbox()
    for policy, city in (("first", "Ottawa"), ("last", "Hull")):
        mapping = json.load(open(w.mapping(people={"repeated_id": policy}), encoding="utf-8"))
        w.write("people.jsonc", json.dumps(mapping | {"name": policy}))
        w.reset()
        rows = people(2) + [person(1, CITY="Hull")]
        found = counts(w.push(w.export(rows), "--first-load"))
        assert (found["new"], found["left_out"]) == (2, 1), found
        assert w.profiles()["A0000001"]["city"] == city
        assert [r["message"] for r in w.results() if r["action"] == "left_out"] == ["other row"]


@night
def tolerate_counts_people_and_not_their_rows(w):
    w.sandbox()
    w.mapping()
    rows = people(3) + [person(2, CITY="Hull"), person(2, CITY="Paris")]
    done = w.push(w.export(rows), "--first-load")
    assert done.exit == 3 and "1 person (3 rows) of the export is not delivered" in done.err, done.err
    assert w.push(w.export(rows), "--tolerate", "1").exit == 0
    assert w.plan(w.export(rows), "--exit-code", "--tolerate", "1").exit == 0


@night
def a_push_of_a_file_that_cannot_be_read_is_a_run_like_others(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(30))
    done = w.push(w.path("absent.csv"))
    assert done.exit == 6 and done.document()["counts"]["known"] == 30, (done.exit, done.out)
    run = os.readlink(w.path("state", "runs", "latest"))
    assert w.run("status", "--json").document()["last_run"] == run
    assert run in w.run("show", "latest").out
    done = w.push(export)
    assert done.exit == 0 and done.document()["counts"]["unchanged"] == 30


@night
def a_saved_plan_that_is_not_there_is_exit_6_with_a_folder(w):
    w.sandbox()
    w.mapping()
    w.load(people(3))
    before = os.readlink(w.path("state", "runs", "latest"))
    done = w.run("push", "--plan", w.path("absent.plan"))
    assert done.exit == 6 and os.readlink(w.path("state", "runs", "latest")) != before, (done.exit, done.err)


@night
def a_plan_leaves_the_metrics_of_the_last_push_alone(w):
    w.sandbox()
    w.mapping()
    w.load(people(30), "--metrics", w.path("m.prom"))
    before = open(w.path("m.prom"), encoding="utf-8").read()
    assert w.plan(w.export(people(31)), "--metrics", w.path("m.prom")).exit == 0
    assert open(w.path("m.prom"), encoding="utf-8").read() == before


# ---------------------------------------------------------------- map and check: the whole file, without a state


@night
def map_writes_each_person_once_and_nobody_whose_rows_contradict(w):
    w.mapping(people={"prefer": [{"column": "CITY", "order": ["Hull", "Ottawa"]}]})
    rows = people(3) + [person(1, CITY="Hull"), person(2, LAST="Other"), dict(person(3))]
    done = w.run("map", w.export(rows))
    found = list(csv.DictReader(io.StringIO(done.out)))
    assert [(p["unique_id"], p["city"]) for p in found] == [("A0000003", "Ottawa"), ("A0000001", "Hull")], done.out
    assert done.exit == 3 and "several rows of one person differ" in done.err, (done.exit, done.err)


@night
def check_says_what_refuses_the_whole_file_and_still_surveys_it(w):
    def checked(rows, **changes):
        return w.run("check", w.mapping(**changes), w.export(rows))

    whole = {"encoding": "utf-8", "delimiter": ","}
    every = [{"column": "CITY", "is": "Ottawa", "because": "moved"}]
    held = whole | {"must_hold": [{"column": "CITY", "in": ["Hull"], "because": "our city"}]}
    damaged = people(30) + [person(n, ID=f"1.{n}E+08") for n in range(40, 50)]
    for rows, words, changes in ((people(30), "leave out every one of the 30 rows", {"people": {"leave_out": every}}),
                                 (people(30), "our city", {"file": held}),
                                 (damaged, "10 of 40 ids are damaged", {})):
        done = checked(rows, **changes)
        assert done.exit == 6 and words in done.err, (done.exit, done.err)
        assert "columns\n" in done.out, done.out
    done = checked(people(30), file=whole | {"rows_between": [100, 200]})
    assert done.exit == 3 and "guard rows would stop a push" in done.err, (done.exit, done.err)
    done = checked(people(3) + [person(1, CITY="Hull")])
    assert done.exit == 3 and "2 can be sent, 2 rejected" in done.out, (done.exit, done.out)
    assert checked(people(30)).exit == 0
    rows = people(30) + [person(40, FIRST=""), person(41, FIRST="")]
    with open(w.export(rows), "a", encoding="utf-8") as stream:
        stream.write('"open,b,c,d,e')
    done = w.run("check", w.mapping(), w.path("people.csv"))
    assert done.exit == 6 and "first_name is missing" in done.out and "lines 32, 33" in done.out, (done.exit, done.out)


# ---------------------------------------------------------------- exit codes


@night
def exits_2_4_and_9_leave_no_folder_and_do_not_move_latest(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    latest = os.readlink(w.path("state", "runs", "latest"))
    before = sorted(os.listdir(w.path("state", "runs")))
    bad = w.write("bad.jsonc", '{ "version": 1 }')
    for code, words in ((2, ["push", export, "--odd"]), (2, ["push", export, "--limit", "-1"]),
                        (4, ["push", export, "--mapping", bad]), (4, ["push", export, "--url", "http://example.edu/x"]),
                        (4, ["push", export, "--config", w.path("absent")])):
        assert w.run(*words).exit == code, words
    os.unlink(w.token_file)
    assert w.run("push", export).exit == 4
    assert sorted(os.listdir(w.path("state", "runs"))) == before
    assert os.readlink(w.path("state", "runs", "latest")) == latest


@night
def exits_6_8_11_and_12_leave_a_folder_and_move_latest(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    export = w.load(rows)
    assert w.run("plan", export, "--out", w.path("p.plan")).exit == 0
    w.export(people(31))
    seen = {os.readlink(w.path("state", "runs", "latest"))}
    for code, words in ((6, [w.path("absent.csv")]), (6, [w.write("e.csv", "")]),
                        (8, [w.export(rows[:9], name="few.csv")]), (11, ["--plan", w.path("p.plan")]), (12, [export])):
        if code == 12:
            w.write(os.path.join("state", "state.db"), b"not a database at all, and longer than a page" * 200)
        done = w.run("push", *words, "--json")
        assert done.exit == code, (words, done.exit, done.err)
        latest = os.readlink(w.path("state", "runs", "latest"))
        assert latest not in seen, code
        seen.add(latest)
        run = json.loads(w.latest("run.json"))
        assert run["exit"] == code and run["schema"] == "opspush-run-1" and run["command"] == "push"
        assert sorted(os.listdir(w.path("state", "runs", "latest"))) == [
            "rejects.csv", "report.html", "results.csv", "run.json", "summary.txt"], code
        verdicts = {6: "input", 8: "guard", 11: "stale", 12: "state"}
        assert run["verdict"] == verdicts[code]
        assert done.document() == run


@night
def a_first_push_that_cannot_read_its_export_leaves_a_folder_too(w):
    w.sandbox()
    w.mapping()
    assert w.push(w.path("absent.csv"), "--first-load").exit == 6
    assert json.loads(w.latest("run.json"))["exit"] == 6
    assert os.stat(w.path("state")).st_mode & 0o777 == 0o700


@night
def the_worst_event_of_a_run_wins(w):
    w.mapping()
    rows = people(5)
    rows[0]["EMAIL"] = "none"
    done = w.bad_hour("id=A0000002 9033 99\nid=A0000003 reset-after 99\n", w.export(rows), "--first-load")
    found = counts(done, 7)
    assert found["rejected"] == found["refused"] == found["unknown"] == 1, "7 before 3"
    w.sandbox("--token", "another")
    assert w.push(w.export(rows), "--first-load").exit == 5, "5 before 3"
    w.write("cut.csv", "ID,FIRST\n1,2\n3")
    assert w.push(w.path("cut.csv")).exit == 6, "6 before 8"


@night
def limit_and_rejected_is_3_and_limit_and_unknown_is_7(w):
    w.mapping()
    rows = people(5)
    rows[0]["EMAIL"] = "none"
    assert w.bad_hour("1- reset-after\n", w.export(rows), "--first-load", "--limit", "1").exit == 7
    assert w.push(w.export(rows), "--first-load", "--limit", "2").exit == 3


@night
def tolerate_turns_3_into_0_up_to_its_number_or_share(w):
    w.sandbox("--script", w.write("script", "id=A0000020 9033 99\n"))
    w.mapping(stop_if={"rejected_over_percent": 100})
    rows = people(20)
    for row in rows[:3]:
        row["EMAIL"] = "none"
    export = w.export(rows)
    done = w.push(export, "--first-load", "--tolerate", "4")
    assert done.exit == 0 and done.document()["verdict"] == "ok", (done.exit, done.err)
    for tolerate, wanted in (("3", 3), ("4", 0), ("20%", 0), ("19%", 3), ("0", 3), ("0%", 3), ("100%", 0)):
        done = w.push(export, "--tolerate", tolerate)
        found = counts(done, wanted)
        assert found["held"] == 1 and found["rejected"] == 3, (tolerate, found)
    for odd in ("-1", "many", "%", "101%", ""):
        assert w.push(export, "--tolerate", odd).exit == 2, odd


@night
def tolerate_does_not_hide_what_is_unknown(w):
    w.mapping()
    assert w.bad_hour("1- reset-after\n", w.export(people(2)), "--first-load", "--tolerate", "100%").exit == 7


@night
def an_interrupted_push_reports_and_its_rerun_finishes(w):
    import signal
    w.sandbox("--latency", "30")
    w.mapping()
    export = w.export(people(60))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        first = w.start("push", export, "--first-load", "--rate", "none", "--json")
        started = len(w.pushed_ids())
        while len(w.pushed_ids()) < started + 5:
            pass
        first.send_signal(number)
        out, err = first.communicate(timeout=20)
        assert first.returncode == code, (first.returncode, err)
        document = json.loads(out)
        check_sums(document["counts"])
        assert document["exit"] == code and document["verdict"] == "interrupted"
        assert document["counts"]["accepted"] and document["counts"]["not_reached"]
        assert json.loads(w.latest("run.json"))["exit"] == code
    counts(w.push(export, "--first-load"))
    assert len(w.pushed_ids()) == 60, "what was accepted is not sent twice"


@night
def dry_run_is_plan(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(2))
    a = w.run("push", export, "--dry-run", "--json", "--first-load").document()
    b = w.run("plan", export, "--json", "--first-load").document()
    for key in ("run", "started", "ended"):
        a.pop(key, None), b.pop(key, None)
    assert a == b and a["command"] == "plan"
    assert w.run("push", export, "-n", "--exit-code", "--first-load").exit == 10
