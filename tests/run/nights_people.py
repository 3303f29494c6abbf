"""People over many nights: gone and back, held, adopted, refreshed, left out, piloted."""

import csv
import io
import json
import os
import shutil

from world import check_sums, guards, night, people, person, tripped


def gone(w, *options):
    done = w.run("gone", "--json", *options)
    assert done.exit == 0, (done.exit, done.err)
    return done.document()


def gone_ids(w, *options, group="missing"):
    return sorted(p["unique_id"] for p in gone(w, *options)["people"] if p["group"] == group)


def counts(done, code=0):
    assert done.exit == code, (done.exit, done.err)
    document = done.document()
    check_sums(document["counts"])
    return document["counts"]


# ---------------------------------------------------------------- gone


@night
def gone_names_people_from_the_third_night_and_all_from_the_first(w):
    w.sandbox()
    w.mapping()
    rows = people(10)
    w.load(rows)
    assert gone(w)["people"] == [] and gone(w, "--all")["people"] == []
    since = None
    for nights in (1, 2, 3, 4):
        done = counts(w.push(w.export(rows[1:])))
        assert done["gone"] == (1 if nights == 1 else 0), "counted when newly missing"
        found = gone(w, "--all")["people"]
        assert [(p["unique_id"], p["nights"]) for p in found] == [("A0000001", nights)], found
        since = since or found[0]["since"]
        assert found[0]["since"] == since
        assert gone_ids(w) == (["A0000001"] if nights >= 3 else [])
    text = w.run("gone").out
    assert "A0000001" in text and "4" in text
    assert w.run("status", "--json").document()["known"] == 9


@night
def somebody_who_comes_back_is_told_and_pushed_only_when_changed(w):
    w.sandbox()
    w.mapping()
    rows = people(20)
    w.load(rows)
    for _ in range(3):
        counts(w.push(w.export(rows[2:])))
    w.reset()
    rows[1]["CITY"] = "Hull"
    back = counts(w.push(w.export(rows)))
    assert back["unchanged"] == 19 and back["changed"] == 1 and back["known"] == 18 and back["new"] == 0
    assert w.pushed_ids() == ["A0000002"]
    assert gone_ids(w, "--all") == []
    found = [p for p in gone(w, "--all")["people"] if p["back"]]
    assert sorted(p["unique_id"] for p in found) == ["A0000001", "A0000002"], gone(w, "--all")
    assert counts(w.push(w.export(rows)))["known"] == 20


@night
def runs_that_are_not_finished_leave_the_gone_untouched(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    fewer = w.export(rows[2:], name="fewer.csv")
    assert counts(w.push(fewer, "--limit", "1"))["gone"] == 2, "--limit computes"
    assert gone(w, "--all")["people"] == [], "but does not record"
    assert counts(w.push(fewer, "--only", "A0000005"))["gone"] == 0
    assert w.push(w.export(rows[20:])).exit == 8
    assert gone(w, "--all")["people"] == []
    assert counts(w.push(fewer))["gone"] == 2
    assert counts(w.push(fewer, "--limit", "0"))["gone"] == 0
    assert [p["nights"] for p in gone(w, "--all")["people"]] == [1, 1]


@night
def rejected_held_and_left_out_rows_make_their_people_present(w):
    w.sandbox()
    leave = {"leave_out": [{"column": "CITY", "is": "Secret", "because": "confidentiality requested"}]}
    w.mapping(people=leave)
    rows = people(5)
    w.load(rows)
    rows[0]["EMAIL"] = "none"
    rows[1]["CITY"] = "Secret"
    done = counts(w.push(w.export(rows)), 3)
    assert (done["gone"], done["rejected"], done["left_out"]) == (0, 1, 1)
    document = gone(w, "--all")
    assert [p["unique_id"] for p in document["people"] if p["group"] == "missing"] == []
    left = [p for p in document["people"] if p["group"] == "left_out"]
    assert [p["unique_id"] for p in left] == ["A0000002"], document
    assert left[0]["because"] == "confidentiality requested" and left[0]["since"]
    message = [r["message"] for r in w.results() if r["action"] == "left_out"]
    assert message == ["confidentiality requested"]
    text = w.run("gone", "--all").out
    assert "A0000002" in text and "confidentiality requested" in text
    rows[1]["CITY"] = "Ottawa"
    counts(w.push(w.export(rows)), 3)
    assert gone_ids(w, "--all", group="left_out") == []
    assert w.run("status", "--json").document()["known"] == 5


@night
def somebody_with_a_row_that_counts_is_not_among_those_left_out(w):
    w.sandbox()
    w.mapping(people={"repeated_id": "last", "leave_out": [{"column": "CITY", "is": "Secret", "because": "secret"}]})
    rows = people(3)
    export = w.export(rows + [person(1, CITY="Hull"), person(2, CITY="Secret"), person(3, CITY="Secret")])
    for options in (["--first-load"], [], []):
        assert counts(w.push(export, *options))["left_out"] == 3
    assert gone_ids(w, "--all", group="left_out") == []
    counts(w.push(w.export(rows[:2] + [person(3, CITY="Secret")]), "--ignore", "rows"))
    assert gone_ids(w, "--all", group="left_out") == ["A0000003"]


@night
def gone_is_written_as_csv_and_json_for_the_parking_office(w):
    w.sandbox()
    w.mapping()
    rows = people(10)
    w.load(rows)
    for _ in range(3):
        counts(w.push(w.export(rows[1:])))
    done = w.run("gone", "--csv")
    assert done.exit == 0
    found = list(csv.DictReader(io.StringIO(done.out.lstrip("\ufeff"))))
    assert [(r["unique_id"], r["nights"]) for r in found] == [("A0000001", "3")]
    assert gone(w)["schema"]
    config = w.write("c.jsonc", '{ "gone_nights": 4 }')
    assert w.run("gone", "--json", "--config", config).document()["people"] == []


@night
def nobody_is_gone_from_a_feed_of_another_target_or_name(w):
    w.sandbox()
    w.mapping()
    w.load(people(5))
    other = w.mapping(name="staff.jsonc")
    mapping = json.load(open(other, encoding="utf-8")) | {"name": "staff"}
    w.write("staff.jsonc", json.dumps(mapping))
    export = w.export(people(3, 100), name="staff.csv")
    done = counts(w.push(export, "--mapping", w.path("staff.jsonc"), "--first-load"))
    assert done["gone"] == 0 and done["known"] == 0 and done["new"] == 3
    assert gone_ids(w, "--all") == []


# ---------------------------------------------------------------- held


@night
def somebody_refused_is_held_until_the_payload_changes_or_retry_refused(w):
    script = w.write("script", "id=A0000002 9033 10\n")
    w.sandbox("--script", script)
    w.mapping()
    rows = people(4)
    export = w.export(rows)
    done = counts(w.push(export, "--first-load"), 3)
    assert done["refused"] == 1 and done["accepted"] == 3
    w.reset()
    for options in ([], ["--full"], ["--only", "A0000002"], ["--refresh", "4"], ["--first-load"]):
        done = counts(w.push(export, *options), 3)
        assert done["held"] == 1, (options, done)
    assert "A0000002" not in w.pushed_ids()
    w.mapping(owner="somebody else", fields={"first_name": {"from": "FIRST", "do": ["trim", "one space"],
                                                            "required": True}})
    assert counts(w.push(export), 3)["held"] == 1, "an edit that leaves the payload alone"
    done = counts(w.push(export, "--retry-refused"), 3)
    assert done["refused"] == 1 and done["held"] == 0
    assert w.pushed_ids().count("A0000002") == 1
    rows[1]["CITY"] = "Hull"
    done = counts(w.push(w.export(rows)), 3)
    assert done["refused"] == 1
    assert w.pushed_ids().count("A0000002") == 2
    rows[1]["CITY"] = "Ottawa"
    done = counts(w.push(w.export(rows)), 3)
    assert done["refused"] == 1, "another payload than the one refused last"


@night
def a_person_once_delivered_and_then_refused_is_unchanged_with_the_delivered_payload(w):
    script = w.write("script", "5-6 9033\n")
    w.sandbox("--script", script)
    w.mapping()
    rows = people(4)
    w.load(rows)
    rows[1]["CITY"] = "Hull"
    done = counts(w.push(w.export(rows)), 3)
    assert done["refused"] == 1 and done["changed"] == 1
    assert counts(w.push(w.export(rows)), 3)["held"] == 1
    rows[1]["CITY"] = "Ottawa"
    assert counts(w.push(w.export(rows)))["unchanged"] == 4, "equal to the last delivered payload"
    rows[1]["CITY"] = "Hull"
    assert counts(w.push(w.export(rows)), 3)["held"] == 1


@night
def retry_refused_that_is_accepted_ends_the_hold(w):
    script = w.write("script", "id=A0000002 9033 1\n")
    w.sandbox("--script", script)
    w.mapping()
    export = w.export(people(4))
    assert counts(w.push(export, "--first-load"), 3)["refused"] == 1
    assert counts(w.push(export), 3)["held"] == 1
    assert counts(w.push(export, "--retry-refused"))["accepted"] == 1
    assert counts(w.push(export))["unchanged"] == 4


@night
def held_people_are_reported_with_reason_age_and_who_has_to_act(w):
    script = w.write("script", "id=A0000002 9019 10\n")
    w.sandbox("--script", script)
    w.mapping()
    export = w.export(people(4))
    w.push(export, "--first-load")
    done = w.push(export)
    counts(done, 3)
    held = [r for r in done.document()["reasons"] if r.get("action") == "held"]
    assert len(held) == 1 and held[0]["count"] == 1 and held[0]["lines"] == [3], held
    row = [r for r in w.results() if r["action"] == "held"]
    assert [(r["line"], r["unique_id"]) for r in row] == [("3", "A0000002")]
    assert "refused" in row[0]["message"] and "9019" in row[0]["message"], row
    said = " ".join(w.latest("summary.txt").decode().split())
    assert "held" in said and "refused" in said, said
    assert held[0]["since"] and held[0]["since"] in said and held[0]["nights"] >= 1, said
    assert "9019" in said and "fix: data: another OPS-COM user has this e-mail" in said, said


@night
def a_known_person_under_a_new_id_is_held_where_the_mapping_names_same_person(w):
    w.sandbox()
    heading = ["ID", "FIRST", "LAST", "EMAIL", "CITY", "PIDM"]
    w.mapping(people={"same_person": "PIDM"})
    rows = [person(n, PIDM=str(5000 + n)) for n in range(1, 7)]
    assert w.push(w.export(rows, heading=heading), "--first-load").exit == 0
    w.reset()
    rows[2]["ID"] = "A0009999"
    done = w.push(w.export(rows, heading=heading))
    found = counts(done, 3)
    assert found["held"] == 1 and found["new"] == 0 and found["gone"] == 1, found
    assert w.pushed_ids() == []
    row = [r for r in w.results() if r["action"] == "held"]
    assert row[0]["unique_id"] == "A0009999", row
    held = [r for r in done.document()["reasons"] if r.get("action") == "held"]
    assert "known" in held[0]["message"], held
    w.mapping(people={"same_person": {"columns": ["PIDM"], "then": "report"}})
    done = w.push(w.export(rows, heading=heading))
    assert counts(done)["new"] == 1
    assert "A0009999" in w.pushed_ids()


@night
def somebody_held_as_known_is_released_by_only_with_retry_refused(w):
    w.sandbox()
    w.mapping(people={"same_person": "LAST"})
    rows = people(5)
    w.load(rows)
    rows[3].update(ID="A0009999", EMAIL="other@example.edu")
    export = w.export(rows)
    for options in ([], ["--retry-refused"], ["--only", "A0009999"], ["--full"]):
        done = w.push(export, *options)
        assert counts(done, 3)["held"] == 1, (options, done.document())
        assert "when their data changes" not in w.latest("summary.txt").decode()
    assert "--only ID --retry-refused" in " ".join(w.latest("summary.txt").decode().split())
    twice = ["--only", "A0009999", "--only", "A0009999"]
    assert counts(w.push(export, *twice, "--retry-refused"))["accepted"] == 1
    assert counts(w.push(export))["held"] == 0


@night
def without_same_person_a_probable_new_id_is_only_reported(w):
    w.sandbox()
    w.mapping(fields={"date_of_birth": {"from": "CITY", "type": "date", "if_wrong": "leave out field"},
                      "city": None})
    rows = [person(n, CITY=f"1990-01-{n:02d}") for n in range(1, 7)]
    w.load(rows)
    rows[2].update(ID="A0009999", EMAIL="other@example.edu")
    done = w.push(w.export(rows))
    assert counts(done)["new"] == 1
    said = json.dumps(done.document()) + w.latest("summary.txt").decode() + done.err
    assert "another id" in said or "new id" in said, done.document()


# ---------------------------------------------------------------- adopt


@night
def adopt_marks_everybody_as_delivered_and_the_next_push_sends_nothing(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    export = w.export(rows)
    os.unlink(w.token_file)
    done = w.run("adopt", export, "--json", "--url", w.url, "--mapping", w.path("people.jsonc"),
                 "--state", w.path("state", "state.db"), usual=False)
    assert done.exit == 0, (done.exit, done.err)
    assert w.pushed_ids() == []
    w.write("token", "sandbox-token\n")
    os.chmod(w.token_file, 0o600)
    found = counts(w.push(export))
    assert found["unchanged"] == 30 and found["known"] == 30, found
    rows[4]["CITY"] = "Hull"
    found = counts(w.push(w.export(rows)))
    assert found["changed"] == 1 and w.pushed_ids() == ["A0000005"]
    w.reset()
    assert counts(w.push(w.export(rows), "--refresh", "3"))["accepted"] == 3
    assert "A0000005" not in w.pushed_ids(), "unverified people are refreshed first"


@night
def adopt_judges_rows_age_and_rejected_alone(w):
    w.sandbox()
    file = {"encoding": "utf-8", "delimiter": ",", "max_age_hours": 26, "rows_between": [30, 90]}
    w.mapping(file=file)
    rows = people(40)
    w.load(rows)
    everything = [dict(row, CITY="", LAST="X") for row in rows[:36]] + people(10, 200)
    old = w.export(everything, name="old.csv")
    os.utime(old, (1e9, 1e9))
    done = w.run("adopt", old, "--json")
    assert done.exit == 8 and tripped(done.document()) == ["age"], (done.exit, done.err)
    bad = w.export([dict(row, EMAIL="none") if i < 3 else row for i, row in enumerate(rows)], name="bad.csv")
    done = w.run("adopt", bad, "--json")
    assert done.exit == 8 and tripped(done.document()) == ["rejected"], (done.exit, done.err)
    done = w.run("adopt", w.export(people(20, 300), name="few.csv"), "--json")
    assert done.exit == 8 and tripped(done.document()) == ["rows"], (done.exit, done.err)
    assert w.run("status", "--json").document()["known"] == 40, "a tripped guard adopts nobody"
    done = w.run("adopt", w.export(everything), "--json")
    assert done.exit == 0, (done.exit, done.err)
    assert w.push(w.path("people.csv"), "--ignore", "gone").exit == 0
    assert len(w.pushed_ids()) == 40


@night
def adopt_ends_the_first_load_of_its_feed(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    assert w.run("adopt", w.export(rows)).exit == 0
    document = w.plan(w.export(rows + people(4, 100))).document()
    assert tripped(document) == ["new"], tripped(document)
    assert w.push(w.export(rows + people(2, 100))).exit == 0


@night
def adopt_leaves_a_rejected_person_out_and_says_so_with_exit_3(w):
    w.sandbox()
    w.mapping()
    rows = people(5)
    rows[2]["EMAIL"] = "none"
    done = w.run("adopt", w.export(rows), "--json")
    assert done.exit == 3, (done.exit, done.err)
    rows[2]["EMAIL"] = "three@example.edu"
    assert counts(w.push(w.export(rows)))["new"] == 1
    assert w.pushed_ids() == ["A0000003"]


@night
def adopt_settles_what_was_unsettled_and_leaves_who_is_held(w):
    w.mapping()
    done = w.bad_hour("id=A0000002 9033 99\nid=A0000003 reset-after 99\n", w.export(people(4)), "--first-load")
    found = counts(done, 7)
    assert found["refused"] == 1 and found["unknown"] == 1, found
    done = w.run("adopt", w.path("people.csv"), "--json")
    assert done.exit == 3 and done.document()["counts"]["held"] == 1, (done.exit, done.err)
    found = counts(w.push(w.path("people.csv")), 3)
    assert found["unchanged"] == 3 and found["held"] == 1, found
    assert w.pushed_ids() == []


# ---------------------------------------------------------------- refresh, full, only, limit


@night
def refresh_takes_the_longest_unrefreshed_and_goes_round(w):
    w.sandbox()
    w.mapping()
    rows = people(9)
    export = w.load(rows)
    w.reset()
    seen = []
    for turn in range(3):
        done = w.push(export, "--refresh", "3")
        found = counts(done)
        assert found["changed"] == found["accepted"] == 3 and found["unchanged"] == 6
        assert {r["fields"] for r in w.results()} == {"refresh"}, w.results()
        new = w.pushed_ids()[len(seen):]
        assert not set(new) & set(seen), (turn, new, seen)
        seen += new
    assert sorted(seen) == [row["ID"] for row in rows]
    assert counts(w.push(export, "--refresh", "99"))["changed"] == 9
    assert counts(w.push(export))["unchanged"] == 9


@night
def full_sends_everybody_valid_and_says_full(w):
    w.sandbox()
    w.mapping()
    rows = people(6)
    rows[2]["EMAIL"] = "none"
    w.push(w.export(rows), "--first-load")
    w.reset()
    rows[1]["CITY"] = "Hull"
    found = counts(w.push(w.export(rows), "--full"), 3)
    assert found["changed"] == 5 and found["accepted"] == 5
    fields = {r["unique_id"]: r["fields"] for r in w.results()}
    assert fields["A0000001"] == "full" and "city" in fields["A0000002"], fields
    assert len(w.pushed_ids()) == 5


@night
def only_pushes_one_person_and_leaves_baselines_and_gone(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    w.reset()
    before = w.run("status", "--json").document()["last_success"]
    for row in rows[:20]:
        row["CITY"] = "Hull"
    done = w.push(w.export(rows[:21]), "--only", "A0000003", "--only", "A0000021")
    assert w.pushed_ids() == ["A0000003"], (done.exit, done.err)
    document = done.document()
    check_sums(document["counts"])
    assert document["counts"]["gone"] == 0
    assert w.run("status", "--json").document()["last_success"] == before
    assert guards(w.plan(w.export(rows)).document())["rows"]["limit"] == 36
    assert gone_ids(w, "--all") == []
    assert w.push(w.export(rows), "--only", "A0009999").exit == 6, "nobody has this id"


@night
def limit_alone_leaves_exit_0_and_the_baselines_alone(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    w.reset()
    before = w.run("status", "--json").document()["last_success"]
    for row in rows[:6]:
        row["CITY"] = "Hull"
    found = counts(w.push(w.export(rows[:38]), "--limit", "2"))
    assert found["accepted"] == 2 and found["not_reached"] == 4 and found["gone"] == 2
    assert w.pushed_ids() == ["A0000001", "A0000002"]
    assert w.run("status", "--json").document()["last_success"] == before
    assert guards(w.plan(w.export(rows)).document())["rows"]["limit"] == 36
    outcomes = [r["outcome"] for r in w.results() if r["action"] == "changed"]
    assert outcomes == ["accepted"] * 2 + ["not_reached"] * 4
    assert counts(w.push(w.export(rows), "--limit", "2"))["accepted"] == 2
    assert counts(w.push(w.export(rows)))["accepted"] == 2


@night
def limit_0_reaches_nobody(w):
    w.sandbox()
    w.mapping()
    found = counts(w.push(w.export(people(3)), "--first-load", "--limit", "0"))
    assert found["not_reached"] == 3 and w.pushed_ids() == []


# ---------------------------------------------------------------- fields for new people only, clear


TYPE = {"user_type_id": {"value": "1", "send": "new people only"}}


@night
def T43_fields_for_new_people_only_go_with_every_attempt_until_accepted_and_never_later(w):
    w.mapping(fields=TYPE)
    done = w.bad_hour("id=A0000002 cut 99\nid=A0000003 9033 99\n", w.export(people(4)), "--first-load")
    found = counts(done, 7)
    assert found["accepted"] == 2 and found["refused"] == 1 and found["unknown"] == 1
    rows = people(4)
    found = counts(w.push(w.export(rows), "--first-load", "--retry-refused"))
    assert found["accepted"] == 2 and found["new"] == 2, found
    assert [p["user_type_id"] for p in w.profiles().values()] == ["1", "1"], w.profiles()
    w.reset()
    rows[1]["CITY"] = rows[2]["CITY"] = "Hull"
    assert counts(w.push(w.export(rows)))["changed"] == 2
    assert not any("user_type_id" in p for p in w.profiles().values()), w.profiles()


@night
def fields_for_new_people_only_stay_out_of_updates_full_refresh_and_the_comparison(w):
    w.sandbox()
    w.mapping(fields=TYPE)
    rows = people(3)
    w.load(rows)
    assert all(p["user_type_id"] == "1" for p in w.profiles().values())
    w.reset()
    w.mapping(fields={"user_type_id": {"value": "9", "send": "new people only"}})
    assert counts(w.push(w.export(rows)))["unchanged"] == 3, "not in the digest"
    rows[0]["CITY"] = "Hull"
    counts(w.push(w.export(rows)))
    counts(w.push(w.export(rows), "--full"))
    counts(w.push(w.export(rows), "--refresh", "3"))
    assert len(w.pushed_ids()) == 7
    assert not any("user_type_id" in p for p in w.profiles().values()), w.profiles()


@night
def fields_for_new_people_only_never_go_after_adopt(w):
    w.sandbox()
    w.mapping(fields=TYPE)
    rows = people(3)
    assert w.run("adopt", w.export(rows)).exit == 0
    rows[0]["CITY"] = "Hull"
    counts(w.push(w.export(rows)))
    counts(w.push(w.export(rows), "--full"))
    assert len(w.profiles()) == 3
    assert not any("user_type_id" in p for p in w.profiles().values()), w.profiles()


@night
def clear_sends_an_empty_value_only_when_the_last_delivered_was_not_empty(w):
    w.sandbox()
    w.mapping(fields={"city": {"from": "CITY", "do": ["trim"], "if_empty": "clear"}})
    rows = people(3)
    rows[2]["CITY"] = ""
    w.load(rows)
    assert "city" not in w.profiles()["A0000003"], w.profiles()
    assert counts(w.push(w.export(rows)))["unchanged"] == 3
    w.reset()
    rows[0]["CITY"] = ""
    rows[2]["LAST"] = "Other"
    counts(w.push(w.export(rows)))
    assert w.profiles()["A0000001"]["city"] == ""
    assert "city" not in w.profiles()["A0000003"]
    w.reset()
    assert counts(w.push(w.export(rows)))["unchanged"] == 3, "one form in the digest, sent or not"
    rows[0]["LAST"] = "Other"
    counts(w.push(w.export(rows)))
    assert "city" not in w.profiles()["A0000001"], "cleared before"
    counts(w.push(w.export(rows), "--full"))
    assert "city" not in w.profiles()["A0000001"]


# ---------------------------------------------------------------- feeds


def two_feeds(w):
    w.sandbox()
    w.mapping()
    w.load(people(5))
    mapping = json.load(open(w.path("people.jsonc"), encoding="utf-8"))
    w.write("staff.jsonc", json.dumps(mapping | {"name": "staff"}))


@night
def a_renamed_mapping_is_another_feed_and_check_warns_of_it(w):
    two_feeds(w)
    export = w.export(people(5))
    done = w.push(export, "--mapping", w.path("staff.jsonc"))
    assert done.exit == 8 and tripped(done.document()) == ["first-load"]
    assert done.document()["counts"]["new"] == 5


@night
def with_two_feeds_in_a_state_the_commands_that_read_it_need_a_name(w):
    two_feeds(w)
    export = w.export(people(3, 100), name="staff.csv")
    counts(w.push(export, "--mapping", w.path("staff.jsonc"), "--first-load"))
    state = ["--state", w.path("state", "state.db")]
    for command in ("status", "gone"):
        bare = w.run(command, *state, usual=False)
        named = w.run(command, *state, "--feed", "staff", usual=False)
        mapped = w.run(command, *state, "--mapping", w.path("staff.jsonc"), usual=False)
        assert named.exit == 0 and mapped.exit == 0, (command, named.err, mapped.err)
        assert bare.exit == 2 and "--mapping" in bare.err and "--url" in bare.err, (command, bare.err)
    shown = w.run("status", *state, "--feed", "staff", "--json", usual=False).document()
    assert shown["known"] == 3 and shown["feed"] == "staff"
    both = w.run("status", *state, "--all", usual=False)
    assert both.exit == 0 and "staff" in both.out and "people" in both.out
    assert w.run("gone", *state, "--feed", "nobody", usual=False).exit != 0


@night
def with_one_feed_in_a_state_no_name_is_needed(w):
    w.sandbox()
    w.mapping()
    w.load(people(3))
    state = ["--state", w.path("state", "state.db")]
    for words in (["status"], ["history"], ["gone"], ["show", "latest"], ["backup", w.path("copy.db")]):
        done = w.run(*words, *state, usual=False)
        assert done.exit == 0, (words, done.exit, done.err)


@night
def a_person_in_two_feeds_is_counted_and_warned_of_once_a_run(w):
    two_feeds(w)
    export = w.export(people(3), name="staff.csv")
    done = w.run("push", export, "--mapping", w.path("staff.jsonc"), "--first-load", "--rate", "none")
    assert done.exit == 0, done.err
    said = done.out + done.err
    assert "feed" in said and "3" in said
    lines = [line for line in said.splitlines() if "another feed" in line or "other feed" in line]
    assert len(lines) == 1, said


@night
def C6_another_target_is_a_first_load_of_its_own(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(5))
    first = w.url
    w.sandbox()
    done = w.push(export)
    assert done.exit == 8 and tripped(done.document()) == ["first-load"]
    counts(w.push(export, "--first-load"))
    assert len(w.pushed_ids()) == 5
    state = w.path("state", "state.db")
    done = w.run("plan", export, "--mapping", w.path("people.jsonc"), "--state", state, usual=False)
    assert done.exit == 4 and "--url" in done.err, "which of the two?"
    w.url = first
    assert counts(w.push(export))["unchanged"] == 5


@night
def D9_a_state_restored_from_an_old_copy_is_refused_before_anything_is_sent(w):
    w.sandbox()
    w.mapping()
    rows = people(5)
    w.load(rows)
    kept = w.path("kept.db")
    shutil.copy(w.path("state", "state.db"), kept)
    rows[0]["CITY"] = "Hull"
    counts(w.push(w.export(rows)))
    w.reset()
    shutil.copy(kept, w.path("state", "state.db"))
    done = w.push(w.export(rows))
    assert done.exit == 12 and w.pushed_ids() == [], (done.exit, done.err)


@night
def check_warns_of_a_renamed_mapping(w):
    two_feeds(w)
    assert w.run("check", w.path("people.jsonc")).err == ""
    done = w.run("check", w.path("staff.jsonc"))
    assert done.exit == 0 and "staff" in done.err and "people" in done.err, done.err


@night
def somebody_gone_back_and_gone_again_counts_the_nights_anew(w):
    w.sandbox()
    w.mapping()
    rows = people(20)
    w.load(rows)
    for today in (rows[1:], rows[1:], rows, rows[1:]):
        counts(w.push(w.export(today)))
    found = [(p["unique_id"], p["nights"]) for p in gone(w, "--all")["people"] if p["group"] == "missing"]
    assert found == [("A0000001", 1)], found


@night
def a_payload_that_changes_while_somebody_is_gone_is_sent_when_they_are_back(w):
    w.sandbox()
    w.mapping()
    rows = people(20)
    w.load(rows)
    counts(w.push(w.export(rows[1:])))
    rows[0]["CITY"] = "Hull"
    found = counts(w.push(w.export(rows)))
    assert found["changed"] == 1 and found["new"] == 0, "never new again"
    assert w.profiles()["A0000001"]["city"] == "Hull"


@night
def unsettled_new_people_do_not_count_for_the_guard_new(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    done = w.bad_hour("1- reset-after\n", w.export(rows + people(3, 100)))
    assert done.exit == 7, done.err
    unsettled = w.run("status", "--json").document()["unsettled"]
    document = w.plan(w.export(rows + people(3, 100))).document()
    assert document["counts"]["new"] == 3
    assert guards(document)["new"]["value"] == round(100 * (3 - unsettled) / 30, 3), (unsettled, document["guards"])
