"""The main job, end to end: what is sent, what is not, and what is left behind."""

import json
import os
import stat

from world import check_sums, night, people, person


@night
def a_first_load_sends_everybody_once_and_a_second_push_sends_nothing(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(30))
    first = w.push(export, "--first-load")
    assert first.exit == 0, first.err
    counts = first.document()["counts"]
    check_sums(counts)
    assert counts["new"] == counts["accepted"] == 30
    assert sorted(w.pushed_ids()) == sorted(row["ID"] for row in people(30))
    again = w.push(export)
    assert again.exit == 0, again.err
    assert again.document()["counts"]["unchanged"] == 30
    assert again.document()["http"]["requests"] == 0
    assert len(w.pushed_ids()) == 30


@night
def the_second_day_sends_the_new_and_the_changed_once_each(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    assert w.push(w.export(rows), "--first-load").exit == 0
    w.reset()
    rows[3]["CITY"] = "Gatineau"
    rows[7]["EMAIL"] = "seven@example.edu"
    rows = rows[:38] + people(2, start=100)
    second = w.push(w.export(rows))
    assert second.exit == 0, second.err
    document = second.document()
    assert document["counts"]["new"] == 2 and document["counts"]["changed"] == 2
    assert document["counts"]["gone"] == 2 and document["counts"]["known"] == 40
    assert document["fields_changed"] == {"city": 1, "email": 1}, document["fields_changed"]
    assert sorted(w.pushed_ids()) == ["A0000004", "A0000008", "A0000100", "A0000101"]


@night
def a_value_that_goes_a_b_a_is_sent_each_time(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    for city in ("Ottawa", "Gatineau", "Ottawa"):
        rows[0]["CITY"] = city
        assert w.push(w.export(rows), "--first-load").exit == 0
        assert w.profiles()["A0000001"]["city"] == city
    assert w.pushed_ids().count("A0000001") == 3


@night
def C8_unknown_words_are_exit_2_and_change_nothing(w):
    w.mapping()
    export = w.export(people(2))
    for words in (["pusj", export], ["push", export, "--firstload"], ["push"], ["push", export, export],
                  ["push", export, "--rate", "fast"], ["push", export, "--first"], ["help", "nothing"],
                  ["push", export, "--ignore", "everything"], []):
        done = w.run(*words, usual=False)
        assert done.exit == 2, (words, done.exit, done.err)
        assert done.err
    assert not os.path.exists(w.path("state"))


@night
def O2_a_plan_leaves_no_trace(w):
    w.mapping()
    export = w.export(people(5))
    done = w.plan(export)
    assert done.exit == 0, done.err
    assert done.document()["counts"]["new"] == 5
    assert "accepted" not in done.document()["counts"]
    assert not os.path.exists(w.path("state"))
    assert w.run("push", export, "--dry-run").exit == 0
    assert not os.path.exists(w.path("state"))


@night
def H4_every_file_is_private_whatever_the_umask(w):
    w.sandbox()
    w.mapping()
    old = os.umask(0)
    try:
        assert w.push(w.export(people(3)), "--first-load").exit == 0
    finally:
        os.umask(old)
    for folder, folders, files in os.walk(w.path("state")):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, folder
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path


@night
def a_push_leaves_the_five_files_and_the_link(w):
    w.sandbox()
    w.mapping()
    rows = people(4)
    rows[2]["EMAIL"] = ""
    done = w.push(w.export(rows), "--first-load")
    assert done.exit == 3, (done.exit, done.err)
    names = sorted(os.listdir(w.path("state", "runs", "latest")))
    assert names == ["rejects.csv", "report.html", "results.csv", "run.json", "summary.txt"], names
    run = json.loads(w.latest("run.json"))
    assert run["schema"] == "opspush-run-1" and run["command"] == "push" and run["exit"] == 3
    assert run["verdict"] == "partial"
    check_sums(run["counts"])
    rows = w.results()
    assert [row["line"] for row in rows] == ["2", "3", "4", "5"]
    assert [row["outcome"] for row in rows] == ["accepted", "accepted", "", "accepted"]
    assert rows[2]["action"] == "rejected"
    lines = w.latest("rejects.csv").decode().splitlines()
    assert lines[0] == "ID,FIRST,LAST,EMAIL,CITY,_line,_field,_code,_reason,_fix"
    assert lines[1].startswith("A0000003,First3,Last3,,Ottawa,4,email,required,")
    assert w.latest("results.csv").startswith(b"\xef\xbb\xbfline,unique_id,action,fields,outcome,attempts,")


@night
def O3_a_wrong_token_stops_at_once_with_exit_5(w):
    w.sandbox("--token", "another")
    w.mapping()
    done = w.push(w.export(people(200)), "--first-load", "--connections", "4")
    assert done.exit == 5, (done.exit, done.err)
    counts = done.document()["counts"]
    check_sums(counts)
    assert counts["not_reached"] == 200
    assert done.document()["http"]["requests"] <= 4
    assert w.run("status").exit == 0


@night
def C1_a_bad_mapping_is_exit_4_with_place_and_caret(w):
    w.write("people.jsonc", '{\n "version": 1,\n "name": "x",\n "fields": {\n'
                            '  "city": { "from": "CITY", "do": ["trimm"] }\n }\n}\n')
    done = w.run("plan", w.export(people(2)))
    assert done.exit == 4, (done.exit, done.err)
    assert "people.jsonc:5:" in done.err and "^" in done.err and 'did you mean "trim"' in done.err


@night
def I12_a_missing_column_is_exit_6_and_names_the_nearest(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3), heading=["ID", "FIRST", "LAST", "EMAIL", "CITTY"])
    done = w.push(export, "--first-load")
    assert done.exit == 6, (done.exit, done.err)
    assert "CITY" in done.err and "CITTY" in done.err
    assert json.loads(w.latest("run.json"))["exit"] == 6
    assert w.pushed_ids() == []


@night
def I4_a_truncated_export_is_exit_6_and_sends_nothing(w):
    w.sandbox()
    w.mapping()
    path = w.export(people(30))
    with open(path, "rb") as stream:
        whole = stream.read()
    done = w.push(w.write("cut.csv", whole[:-20]), "--first-load")
    assert done.exit == 6, (done.exit, done.err)
    assert w.pushed_ids() == []


@night
def D3_a_second_push_while_one_runs_is_exit_9(w):
    import subprocess
    w.sandbox("--latency", "200")
    w.mapping()
    export = w.export(people(50))
    first = w.start("push", export, "--first-load", "--rate", "none", "--json")
    while not os.path.exists(w.path("state", "state.db.lock")):
        pass
    for _ in range(200):
        second = w.push(export, "--first-load")
        if second.exit == 9:
            break
    assert second.exit == 9, (second.exit, second.err)
    assert str(first.pid) in second.err
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err


@night
def D1_V4_killed_in_the_middle_the_next_run_finishes_the_work(w):
    import signal
    import time
    w.sandbox("--latency", "20")
    w.mapping()
    rows = people(120)
    export = w.export(rows)
    first = w.start("push", export, "--first-load", "--rate", "none", "--connections", "4")
    while len(w.pushed_ids()) < 30:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = w.pushed_ids()
    assert len(before) < 120
    done = w.push(export, "--first-load", "--connections", "4")
    assert done.exit == 0, (done.exit, done.err)
    assert len(w.profiles()) == 120
    twice = [i for i in set(w.pushed_ids()) if w.pushed_ids().count(i) > 1]
    assert len(twice) <= 64 + 4, len(twice)
    assert "incomplete" in w.run("history").out


@night
def D11_a_missing_state_needs_first_load(w):
    w.sandbox()
    w.mapping()
    done = w.push(w.export(people(5)))
    assert done.exit == 8, (done.exit, done.err)
    assert "--first-load" in done.err
    assert w.pushed_ids() == []
    guards = {g["name"]: g for g in done.document()["guards"]}
    assert guards["first-load"]["passed"] is False


@night
def quiet_prints_not_one_byte_on_success(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(5))
    done = w.run("push", export, "--first-load", "--quiet", "--rate", "none")
    assert (done.exit, done.out, done.err) == (0, "", ""), (done.exit, done.out, done.err)
    done = w.run("push", export, "--quiet")
    assert (done.exit, done.out, done.err) == (0, "", "")


@night
def C7_a_token_file_that_others_can_read_is_refused(w):
    w.sandbox()
    w.mapping()
    os.chmod(w.token_file, 0o644)
    done = w.push(w.export(people(2)), "--first-load")
    assert done.exit == 4 and "chmod" in done.err, (done.exit, done.err)


@night
def settings_come_from_option_environment_and_file_in_this_order(w):
    config = w.write("c.jsonc", '{ "rate": 3, // a note\n "connections": 7, "tolerate": "2%", }')
    done = w.run("config", "--json", "--config", config, usual=False,
                 environment={"OPSPUSH_CONNECTIONS": "9"})
    assert done.exit == 0, done.err
    shown = done.document()
    assert shown["rate"]["value"] == "3" and shown["rate"]["from"] == config
    assert shown["connections"] == {"value": "9", "from": "environment"}
    assert shown["wait"]["from"] == "built-in"
    bad = w.write("bad.jsonc", '{ "raet": 3 }')
    done = w.run("config", "--config", bad, usual=False)
    assert done.exit == 4 and "rate" in done.err, done.err


@night
def only_sends_one_person_and_a_limit_is_a_pilot(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(10))
    done = w.push(export, "--first-load", "--limit", "3")
    assert done.exit == 0, (done.exit, done.err)
    counts = done.document()["counts"]
    check_sums(counts)
    assert counts["accepted"] == 3 and counts["not_reached"] == 7
    done = w.push(export, "--first-load", "--only", "A0000009")
    assert done.exit == 0, (done.exit, done.err)
    check_sums(done.document()["counts"])
    assert w.pushed_ids() == ["A0000001", "A0000002", "A0000003", "A0000009"]


@night
def a_saved_plan_sends_exactly_what_it_says_or_is_stale(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(6))
    assert w.run("plan", export, "--out", w.path("p.plan")).exit == 0
    shown = w.run("show", w.path("p.plan"))
    assert shown.exit == 0 and "A0000004" in shown.out, shown.err + shown.out
    with open(w.path("p.plan"), encoding="utf-8") as stream:
        assert "A0000004" not in stream.read()
    done = w.run("push", "--plan", w.path("p.plan"), "--rate", "none", "--json")
    assert done.exit == 0, (done.exit, done.err)
    assert len(w.pushed_ids()) == 6
    done = w.run("push", "--plan", w.path("p.plan"), "--rate", "none", "--json")
    assert done.exit == 11, (done.exit, done.err)
    assert w.run("show", w.path("p.plan")).exit == 0


@night
def all_lists_the_unchanged_rows_too(w):
    w.sandbox()
    w.mapping()
    rows = people(6)
    assert w.push(w.export(rows), "--first-load").exit == 0
    rows[2]["CITY"] = "Hull"
    rows[4]["EMAIL"] = ""
    assert w.push(w.export(rows), "--all").exit == 3
    assert [(r["line"], r["action"]) for r in w.results()] == [
        ("2", "unchanged"), ("3", "unchanged"), ("4", "changed"), ("5", "unchanged"), ("6", "rejected"),
        ("7", "unchanged")]
    assert all(r["unique_id"] for r in w.results())
