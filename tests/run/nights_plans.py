"""Plans: what `plan` leaves behind (nothing), what a saved plan is bound to, and what its push sends."""

import json
import os
import shlex
import shutil

from world import check_sums, guards, listing, night, people, person, rewrite, tripped


def town(w, count=40):
    """A loaded feed, a second day's export, and a saved plan of it."""
    w.sandbox()
    w.mapping()
    rows = people(count)
    w.load(rows)
    w.reset()
    rows[3]["CITY"] = "Gatineau"
    rows[7]["EMAIL"] = "seven@example.edu"
    rows[9]["EMAIL"] = "none"
    export = w.export(rows + people(2, 100))
    return rows, export


def save(w, export, *options):
    done = w.run("plan", export, "--out", w.path("p.plan"), *options)
    assert done.exit == 0, (done.exit, done.err)
    return w.path("p.plan")


def push_plan(w, *options):
    return w.run("push", "--plan", w.path("p.plan"), "--rate", "none", "--json", *options)


def is_stale(w, *options):
    done = push_plan(w, *options)
    assert done.exit == 11, (done.exit, done.err)
    assert w.pushed_ids() == [], "nothing was sent"
    assert "plan" in done.err
    shown = w.run("show", w.path("p.plan"))
    assert shown.exit == 0 and "A0000004" in shown.out, "show works on stale plans"
    return done


SENT = ["A0000004", "A0000008", "A0000100", "A0000101"]


# ---------------------------------------------------------------- plan leaves no trace


def steps(screen):
    """The commands of the next steps: each whole on a line of its own."""
    return [line.strip() for line in screen.splitlines() if line.startswith("           opspush ")]


@night
def the_next_step_of_a_plan_is_the_push_of_just_that_plan(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3), name="people of today.csv")
    config = w.write("c.jsonc", json.dumps({"mapping": "people.jsonc", "url": w.url, "state": "state/state.db",
                                            "token_file": "token"}))
    options = ["--config", config, "--first-load", "--only", "A0000002"]
    done = w.run("plan", export, *options, usual=False, environment={"COLUMNS": "40"})
    words = steps(done.out)[0]
    assert words == f"opspush push '{export}' " + " ".join(options), words
    assert w.run("push", export, *options, usual=False).exit == 0
    assert w.pushed_ids() == ["A0000002"]
    export = w.export(people(200), name="people of today.csv")
    many = [word for n in range(100, 200) for word in ("--only", f"A0000{n}")]
    said = w.run("plan", export, *options, *many, usual=False).out
    assert steps(said) == [] and "with the options of this call" in said, said
    assert len(steps(w.run("plan", export, *options, *many[:80], usual=False).out)[0]) > 600


@night
def the_next_step_of_a_push_with_rejects_can_be_run_as_it_is_printed(w):
    w.sandbox()
    w.mapping()
    rows = people(60)
    rows[0]["EMAIL"] = rows[4]["EMAIL"] = "none"
    export = w.export(rows)
    runs = w.path("runs of 'banner'")
    usual = ["--mapping", w.path("people.jsonc"), "--url", w.url, "--token-file", w.token_file, "--state",
             w.path("state", "state.db"), "--runs", runs]
    plan = w.path("p.json")
    assert w.run("plan", export, *usual, "--first-load", "--only", "A0000001", "--out", plan, usual=False).exit == 0
    for words in (["--plan", plan, *usual[4:]], [export, *usual[2:], "--first-load", "--limit", "3", *usual[:2]]):
        done = w.run("push", *words, "--rate", "none", usual=False)
        assert done.exit == 3, (done.exit, done.out, done.err)
        words = shlex.split(steps(done.out)[0])
        fixed = words[2]
        assert words[:2] == ["opspush", "push"] and fixed.endswith("/rejects.csv"), words
        assert "--limit" not in words and "--only" not in words and words[-1] == "--first-load", words
        before = len(w.pushed_ids())
        rewrite(fixed, b"none", f"mended{before}@example.edu".encode())
        done = w.run(*words[1:], usual=False)
        assert len(w.pushed_ids()) == before + 1, (words, done.out, done.err)


@night
def O2_a_plan_changes_no_file_with_a_state_either(w):
    rows, export = town(w)
    before = listing(w.folder)
    for options in ([], ["--json"], ["--exit-code"], ["--full"], ["--only", "A0000004"], ["--limit", "1"],
                    ["--refresh", "5"], ["--verbose"], ["--all"], ["--retry-refused"]):
        w.run("plan", export, *options)
        assert listing(w.folder) == before, options
    w.run("push", export, "--dry-run")
    w.run("push", export, "-n", "--json")
    assert listing(w.folder) == before
    assert w.pushed_ids() == []


@night
def a_plan_writes_only_what_out_and_report_name(w):
    rows, export = town(w)
    before = listing(w.path("state"))
    save(w, export, "--report", w.path("look"))
    assert listing(w.path("state")) == before
    assert sorted(os.listdir(w.path("look"))) == ["rejects.csv", "report.html", "results.csv", "run.json"]
    assert json.load(open(w.path("look", "run.json"), encoding="utf-8"))["command"] == "plan"
    assert os.stat(w.path("look")).st_mode & 0o77 == 0
    for name in os.listdir(w.path("look")):
        assert os.stat(w.path("look", name)).st_mode & 0o777 == 0o600
    assert os.stat(w.path("p.plan")).st_mode & 0o777 == 0o600


@night
def a_plan_needs_no_token_no_url_and_no_first_load(w):
    w.mapping()
    os.unlink(w.token_file)
    done = w.run("plan", w.export(people(3)), "--mapping", w.path("people.jsonc"), "--json", usual=False)
    assert done.exit == 0, (done.exit, done.err)
    assert tripped(done.document()) == ["first-load"]
    assert os.listdir(w.home) == []


@night
def a_plan_takes_no_lock(w):
    w.sandbox("--latency", "300")
    w.mapping()
    export = w.export(people(6))
    first = w.start("push", export, "--first-load", "--rate", "none")
    while not w.pushed_ids():
        pass
    done = w.run("plan", export, "--json")
    assert done.exit == 0, (done.exit, done.err)
    assert first.wait() == 0


@night
def the_plan_and_the_push_agree_in_every_action(w):
    rows, export = town(w)
    planned = w.plan(export).document()
    pushed = w.push(export).document()
    outcomes = ("accepted", "refused", "unknown", "not_reached")
    assert not any(name in planned["counts"] for name in outcomes), planned["counts"]
    check_sums(planned["counts"], push=False)
    assert planned["counts"] == {k: v for k, v in pushed["counts"].items() if k not in outcomes}
    for key in ("schema", "fields_changed", "input", "mapping", "target", "guards"):
        assert planned[key] == pushed[key], key
    assert planned["command"] == "plan" and pushed["command"] == "push"


@night
def exit_code_of_a_plan_prefers_8_to_3_to_10(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    export = w.load(rows)
    bad, new = dict(rows[0], EMAIL="none"), people(1, 100)
    cases = [(rows, 0), (rows + new, 10), ([bad] + rows[1:], 3), ([bad] + rows[1:] + new, 3),
             (rows[6:], 8), ([bad] + rows[7:] + new, 8)]
    for today, wanted in cases:
        export = w.export(today)
        assert w.run("plan", export, "--exit-code").exit == wanted, (len(today), wanted)
        assert w.run("plan", export).exit == 0
        document = w.plan(export, "--exit-code").document()
        assert document["exit"] == wanted, (document["exit"], wanted)
    export = w.export([bad] + rows[1:] + new)
    assert w.run("plan", export, "--exit-code", "--tolerate", "1").exit == 10


@night
def exit_code_of_a_first_plan_is_8_without_first_load_and_10_with_it(w):
    w.mapping()
    export = w.export(people(3))
    assert w.run("plan", export, "--exit-code").exit == 8
    assert w.run("plan", export, "--exit-code", "--first-load").exit == 10


@night
def a_plan_that_cannot_be_made_is_no_exit_0(w):
    w.mapping()
    assert w.run("plan", w.path("absent.csv")).exit == 6
    assert w.run("plan", w.write("empty.csv", "")).exit == 6
    assert w.run("plan", w.write("heading.csv", "ID,FIRST,LAST,EMAIL,CITY\n")).exit == 6
    assert w.run("plan", w.export(people(2)), "--mapping", w.path("absent.jsonc")).exit == 4
    assert w.run("plan", w.export(people(2)), "--mapping", w.write("bad.jsonc", "{")).exit == 4


# ---------------------------------------------------------------- a saved plan


@night
def a_saved_plan_sends_exactly_its_list(w):
    rows, export = town(w)
    plan = save(w, export)
    done = push_plan(w)
    assert done.exit == 3, (done.exit, done.err)
    check_sums(done.document()["counts"])
    assert sorted(w.pushed_ids()) == SENT
    again = push_plan(w)
    assert again.exit == 11 and len(w.pushed_ids()) == 4
    assert json.loads(w.latest("run.json"))["exit"] == 11
    assert again.document()["verdict"] == "stale"
    assert w.run("show", plan).exit == 0


@night
def a_saved_plan_holds_no_id_and_no_value_in_clear(w):
    rows, export = town(w)
    with open(save(w, export), "rb") as stream:
        plan = stream.read()
    for secret in (b"A0000004", b"Gatineau", b"seven@example", b"First4", b"Last4", b"sandbox-token"):
        assert secret not in plan, secret


@night
def touched_times_alone_leave_a_plan_valid(w):
    rows, export = town(w)
    save(w, export)
    os.utime(export, (1e9, 1e9))
    os.utime(w.path("people.jsonc"), (1e9, 1e9))
    assert push_plan(w).exit == 3
    assert sorted(w.pushed_ids()) == SENT


@night
def one_byte_changed_in_the_export_makes_a_plan_stale(w):
    rows, export = town(w)
    save(w, export)
    rewrite(export, b"First30,", b"First3O,")
    is_stale(w)
    rewrite(export, b"First3O,", b"First30,")
    with open(export, "ab") as stream:
        stream.write(b"\n")
    is_stale(w)


@night
def one_byte_changed_in_the_mapping_makes_a_plan_stale(w):
    rows, export = town(w)
    save(w, export)
    mapping = w.path("people.jsonc")
    with open(mapping, "ab") as stream:
        stream.write(b" ")
    is_stale(w)


@night
def one_byte_changed_in_a_list_of_the_mapping_makes_a_plan_stale(w):
    w.sandbox()
    w.write("cities.csv", "CODE,NAME\nOttawa,Ottawa\nHull,Hull\n")
    w.mapping(lists={"city": {"file": "cities.csv", "find": "CODE", "give": "NAME"}},
              fields={"city": {"from": "CITY", "do": ["trim"], "list": "city"}})
    save(w, w.export(people(5)), "--first-load")
    rewrite(w.path("cities.csv"), b"Hull,Hull", b"Hull,Hul1")
    is_stale(w)


@night
def any_byte_changed_in_the_plan_itself_is_stale_and_sends_nothing(w):
    rows, export = town(w, 12)
    with open(save(w, export), "rb") as stream:
        whole = stream.read()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        broken = bytearray(whole)
        broken[at] ^= 1
        w.write("p.plan", bytes(broken))
        done = push_plan(w, "--ignore", "new")
        assert done.exit in (6, 11), (at, whole[at:at + 20], done.exit, done.err)
    for cut in (1, 2, 40, len(whole) // 2, len(whole) - 1):
        w.write("p.plan", whole[:-cut])
        assert push_plan(w).exit in (6, 11)
    w.write("p.plan", whole + b" ")
    assert push_plan(w).exit in (6, 11)
    assert w.pushed_ids() == []


@night
def another_target_makes_a_plan_stale_and_the_same_one_written_otherwise_does_not(w):
    rows, export = town(w)
    save(w, export)
    is_stale(w, "--url", w.url + "x")
    host, rest = w.url.removeprefix("http://").split("/", 1)
    done = push_plan(w, "--url", f"HTTP://{host}/{rest}/")
    assert done.exit == 3, (done.exit, done.err)
    assert sorted(w.pushed_ids()) == SENT


@night
def another_mapping_or_export_named_beside_a_plan_makes_it_stale(w):
    rows, export = town(w)
    save(w, export)
    other = w.export(rows, name="other.csv")
    done = w.run("push", "--plan", w.path("p.plan"), other, "--rate", "none")
    assert done.exit == 11 and w.pushed_ids() == [], (done.exit, done.err)
    mapping = w.mapping(name="other.jsonc", owner="somebody else")
    is_stale(w, "--mapping", mapping)


@night
def a_state_that_moved_on_makes_a_plan_stale(w):
    rows, export = town(w)
    save(w, export)
    today = w.export(rows + people(1, 300), name="today.csv")
    assert w.push(today, "--only", "A0000300").exit == 0
    w.reset()
    is_stale(w)


@night
def runs_that_sent_nothing_leave_a_plan_valid(w):
    rows, export = town(w)
    save(w, export)
    yesterday = w.export(people(40), name="yesterday.csv")
    assert w.push(yesterday).exit == 0
    assert w.push(w.export(people(3), name="three.csv")).exit == 8
    assert w.push(w.write("empty.csv", "")).exit == 6
    assert w.run("status").exit == 0
    done = push_plan(w)
    assert done.exit == 3, (done.exit, done.err)
    assert sorted(w.pushed_ids()) == SENT


@night
def adopt_makes_a_plan_stale(w):
    rows, export = town(w)
    save(w, export)
    assert w.run("adopt", w.export(people(40), name="yesterday.csv")).exit == 0
    is_stale(w)


@night
def a_plan_of_another_state_is_stale(w):
    rows, export = town(w)
    save(w, export)
    os.rename(w.path("state"), w.path("old"))
    w.load(people(40))
    w.reset()
    done = push_plan(w)
    assert done.exit == 11 and w.pushed_ids() == [], (done.exit, done.err)
    shutil.rmtree(w.path("state"))
    done = push_plan(w)
    assert done.exit == 11 and w.pushed_ids() == [], (done.exit, done.err)


@night
def a_plan_made_without_a_state_holds_until_there_is_one(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(6))
    save(w, export)
    assert not os.path.exists(w.path("state"))
    rewrite(export, b"Ottawa", b"ottawa")
    is_stale(w)
    rewrite(export, b"ottawa", b"Ottawa")


@night
def a_plan_made_without_a_state_passes_first_load_and_is_stale_afterwards(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(6))
    save(w, export)
    done = push_plan(w)
    assert done.exit == 0, (done.exit, done.err)
    assert guards(done.document())["first-load"]["ignored"] is True
    assert len(w.pushed_ids()) == 6
    w.reset()
    is_stale(w)


@night
def a_plan_made_without_a_state_is_stale_when_somebody_else_pushed_first(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(6))
    save(w, export)
    assert w.push(export, "--first-load", "--only", "A0000001").exit == 0
    w.reset()
    is_stale(w)


@night
def a_saved_plan_passes_the_guards_that_it_recorded_and_no_other(w):
    w.sandbox()
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "max_age_hours": 26})
    rows = people(40)
    w.load(rows)
    w.reset()
    export = w.export(rows[6:] + people(1, 100))
    save(w, export)
    shown = w.run("show", w.path("p.plan")).out
    assert "gone" in shown and "rows" in shown, shown
    os.utime(export, (1e9, 1e9))
    done = push_plan(w)
    assert done.exit == 8 and tripped(done.document()) == ["age"], (done.exit, done.err)
    done = push_plan(w, "--ignore", "age")
    assert done.exit == 0, (done.exit, done.err)
    assert w.pushed_ids() == ["A0000100"]
    verdicts = guards(done.document())
    assert verdicts["gone"]["ignored"] and verdicts["rows"]["ignored"] and verdicts["age"]["ignored"]


@night
def a_plan_that_ignored_a_guard_passes_it_at_its_push(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    save(w, w.export(rows[3:] + people(5, 100)), "--ignore", "new")
    done = push_plan(w)
    assert done.exit == 0, (done.exit, done.err)


@night
def the_options_that_shape_a_plan_go_with_it(w):
    rows, export = town(w)
    cases = [(["--full"], 41), (["--only", "A0000004"], 1), (["--limit", "2"], 2), (["--refresh", "3"], 7)]
    shutil.copytree(w.path("state"), w.path("kept"), symlinks=True)
    for options, count in cases:
        w.reset()
        shutil.rmtree(w.path("state"))
        shutil.copytree(w.path("kept"), w.path("state"), symlinks=True)
        save(w, export, *options)
        done = push_plan(w)
        assert done.exit in (0, 3), (options, done.exit, done.err)
        assert len(w.pushed_ids()) == count, (options, w.pushed_ids())
    for words in (["--full"], ["--only", "A0000004"], ["--limit", "1"], ["--refresh", "1"]):
        w.reset()
        assert push_plan(w, *words).exit in (2, 11)
        assert w.pushed_ids() == []


@night
def settings_of_a_configuration_do_not_reshape_a_saved_plan(w):
    rows, export = town(w)
    save(w, export)
    config = w.write("c.jsonc", '{ "refresh": 3, "limit": 1 }')
    done = push_plan(w, "--config", config)
    assert done.exit == 3, (done.exit, done.err)
    assert sorted(w.pushed_ids()) == SENT


@night
def a_saved_plan_finds_its_files_from_any_folder(w):
    rows, export = town(w)
    done = w.run("plan", "people.csv", "--out", "p.plan", "--mapping", "people.jsonc", cwd=w.folder)
    assert done.exit == 0, done.err
    done = w.run("push", "--plan", w.path("p.plan"), "--rate", "none", "--state", w.path("state", "state.db"),
                 "--token-file", w.token_file, usual=False, cwd="/")
    assert done.exit == 3, (done.exit, done.err)
    assert sorted(w.pushed_ids()) == SENT


@night
def show_lists_a_plan_whole_and_filters_it(w):
    rows, export = town(w)
    plan = save(w, export)
    before = listing(w.folder)

    def ids(*options):
        done = w.run("show", plan, "--json", *options)
        assert done.exit == 0, (done.exit, done.err)
        return [(row["unique_id"], row["action"]) for row in done.document()]

    assert ids() == [("A0000004", "changed"), ("A0000008", "changed"), ("A0000010", "rejected"),
                     ("A0000100", "new"), ("A0000101", "new")]
    assert ids("--action", "new") == [("A0000100", "new"), ("A0000101", "new")]
    assert ids("--action", "rejected") == [("A0000010", "rejected")]
    assert ids("--field", "city") == [("A0000004", "changed")]
    assert ids("--id", "A0000008") == [("A0000008", "changed")]
    assert ids("--id", "A0000001") == []
    assert w.run("show", plan, "--action", "odd").exit == 2
    assert w.run("show", plan, "--field", "odd").exit == 2
    text = w.run("show", plan)
    assert "2 new" in text.out and "A0000010" in text.out and "email" in text.out
    assert listing(w.folder) == before
    assert w.run("show", w.path("absent.plan")).exit != 0
    assert w.run("show", export).exit != 0, "an export is no plan"


@night
def a_plan_of_nothing_to_send_can_be_pushed(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(5))
    w.reset()
    save(w, export)
    done = push_plan(w)
    assert done.exit == 0 and w.pushed_ids() == [], (done.exit, done.err)


@night
def a_missing_plan_or_export_is_no_success(w):
    rows, export = town(w, 12)
    assert w.run("push", "--plan", w.path("absent.plan")).exit in (4, 6)
    save(w, export)
    os.unlink(export)
    done = push_plan(w)
    assert done.exit in (6, 11), (done.exit, done.err)
    assert w.pushed_ids() == []


@night
def a_plan_on_standard_output_is_a_plan(w):
    rows, export = town(w)
    done = w.run("plan", export, "--out", "-")
    assert done.exit == 0, (done.exit, done.err)
    w.write("p.plan", done.out)
    assert push_plan(w).exit == 3
    assert sorted(w.pushed_ids()) == SENT


@night
def standard_input_can_be_planned_and_pushed_but_not_saved(w):
    rows, export = town(w)
    with open(export, "rb") as stream:
        data = stream.read()
    before = sorted(listing(w.path("state")))
    done = w.run("plan", "-", "--json", stdin=data)
    assert done.exit == 0 and done.document()["counts"]["new"] == 2, (done.exit, done.err)
    assert sorted(listing(w.path("state"))) == before
    assert w.run("plan", "-", "--out", w.path("x.plan"), stdin=data).exit in (0, 2)
    done = w.run("push", "-", "--rate", "none", "--json", stdin=data)
    assert done.exit == 3, (done.exit, done.err)
    assert sorted(w.pushed_ids()) == SENT
    assert "A0000010" in w.latest("rejects.csv").decode()


@night
def a_summary_names_the_fields_that_change_and_what_to_do_next(w):
    rows, export = town(w)
    said = w.run("plan", export).out
    for words in ("city 1", "email 1", "2 new", "2 changed", "1 rejected", "37 unchanged", "next", "opspush push"):
        assert words in " ".join(said.split()), (words, said)
    assert all(len(line) <= 80 or line.startswith("           opspush ") for line in said.splitlines()), said
    assert len(said.splitlines()) <= 40, "one screen"
    assert person(4)["EMAIL"] not in said and "Gatineau" not in said


@night
def a_plan_of_a_first_load_that_was_allowed_needs_no_second_word(w):
    w.sandbox()
    w.mapping()
    save(w, w.export(people(4)), "--first-load")
    done = push_plan(w)
    assert done.exit == 0 and len(w.pushed_ids()) == 4, (done.exit, done.err)


@night
def a_plan_of_changes_in_the_data_alone_sends_those_alone(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    w.reset()
    w.mapping(fields={"city": {"from": "CITY", "do": ["trim", "upper"]}})
    rows[2]["LAST"] = "Other"
    save(w, w.export(rows), "--only-data")
    done = push_plan(w)
    assert done.exit == 0, (done.exit, done.err)
    check_sums(done.document()["counts"])
    assert w.pushed_ids() == ["A0000003"]


@night
def an_ignored_first_load_is_a_first_load_that_was_allowed(w):
    w.sandbox()
    w.mapping()
    assert w.push(w.export(people(2)), "--ignore", "first-load").exit == 0
    assert len(w.pushed_ids()) == 2
