"""Guards: what trips at which figure, what stays untouched, and how a person goes on."""

import json
import os
import time

from world import check_sums, guards, night, people, person, rewrite, tripped


def changed(rows, first, count, **values):
    """The rows with these values in 'count' of them, from 'first' on."""
    return [dict(row, **values) if first <= i < first + count else row for i, row in enumerate(rows)]


def judged(w, rows, *options):
    """The guards that a plan of these rows trips."""
    done = w.plan(w.export(rows), "--exit-code", *options)
    document = done.document()
    names = tripped(document)
    assert (done.exit == 8) == bool(names), (done.exit, names, done.err)
    return names


# ---------------------------------------------------------------- limits


@night
def each_guard_passes_at_its_limit_and_trips_just_over_it(w):
    w.sandbox()
    w.mapping()
    rows = people(100)
    w.load(rows)
    cases = [
        ("new", rows + people(10, 200), []),
        ("new", rows + people(11, 200), ["new"]),
        ("changed", changed(changed(rows, 0, 13, LAST="Other"), 13, 12, FIRST="Other"), []),
        ("changed", changed(changed(rows, 0, 13, LAST="Other"), 13, 13, FIRST="Other"), ["changed"]),
        ("gone", rows[10:], []),
        ("gone", rows[11:] + people(5, 200), ["gone"]),
        ("rows", rows[10:], []),
        ("rows", rows[11:], ["gone", "rows"]),
        ("rejected", changed(rows, 0, 5, EMAIL="none"), []),
        ("rejected", changed(rows, 0, 6, EMAIL="none"), ["rejected"]),
        ("field", changed(rows, 0, 20, CITY="Hull"), []),
        ("field", changed(rows, 0, 21, CITY="Hull"), ["field"]),
        ("emptied", changed(rows, 0, 10, CITY=""), []),
        ("emptied", changed(rows, 0, 11, CITY=""), ["field"]),
    ]
    for name, export, wanted in cases:
        assert judged(w, export) == wanted, (name, len(export), wanted)


@night
def the_mapping_guard_counts_apart_from_changes_in_the_data(w):
    w.sandbox()
    rows = changed(people(100), 0, 11, CITY="Hull")
    w.mapping()
    w.load(rows)
    w.mapping(fields={"city": {"from": "CITY", "do": ["trim", "replace Hull by Gatineau"]}})
    today = changed(rows, 50, 20, CITY="Aylmer")
    document = w.plan(w.export(today)).document()
    assert tripped(document) == ["mapping"], tripped(document)
    verdicts = guards(document)
    assert verdicts["mapping"]["value"] == 11 and verdicts["mapping"]["limit"] == 10
    assert verdicts["changed"]["value"] == 20 and verdicts["field"]["value"] == 20, verdicts
    assert judged(w, changed(rows, 0, 1, CITY="Aylmer")) == []


@night
def below_25_known_the_guards_of_the_known_do_not_trip(w):
    w.sandbox()
    w.mapping()
    rows = people(24)
    w.load(rows)
    assert judged(w, changed(rows, 0, 24, CITY="")) == []
    assert judged(w, changed(rows, 0, 24, LAST="Other")) == []
    assert judged(w, rows + people(24, 100)) == []
    assert judged(w, people(24, 100)) == []
    assert judged(w, changed(rows, 0, 24, EMAIL="none")) == []


@night
def from_25_known_they_do(w):
    w.sandbox()
    w.mapping()
    rows = people(25)
    w.load(rows)
    assert judged(w, changed(rows, 0, 3, CITY="")) == ["field"]
    assert judged(w, changed(rows, 0, 2, CITY="")) == []
    assert judged(w, changed(rows, 0, 6, LAST="Other")) == ["field"]
    assert judged(w, changed(changed(rows, 0, 4, LAST="X"), 4, 3, FIRST="X")) == ["changed"]
    assert judged(w, rows + people(3, 100)) == ["new"]
    assert judged(w, rows + people(2, 100)) == []
    assert judged(w, rows[3:] + people(2, 100)) == ["gone"]
    assert judged(w, changed(rows, 0, 2, EMAIL="none")) == ["rejected"]


@night
def rejected_is_judged_from_25_rows_on_also_in_a_first_load(w):
    w.mapping()
    w.url = "http://127.0.0.1:9/api/X/v1"
    assert judged(w, changed(people(24), 0, 24, EMAIL="none"), "--first-load") == []
    assert judged(w, changed(people(25), 0, 2, EMAIL="none"), "--first-load") == ["rejected"]
    assert judged(w, changed(people(25), 0, 1, EMAIL="none"), "--first-load") == []


@night
def every_limit_of_stop_if_is_obeyed_and_100_turns_it_off(w):
    w.sandbox()
    w.mapping()
    rows = changed(people(100), 60, 11, CITY="Hull")
    w.load(rows)
    cases = [
        ("rows_fewer_over_percent", 2, rows[3:], ["rows"]),
        ("rows_fewer_over_percent", 3, rows[3:], []),
        ("new_over_percent", 1, rows + people(2, 200), ["new"]),
        ("new_over_percent", 100, rows + people(60, 200), []),
        ("changed_over_percent", 1, changed(rows, 0, 2, LAST="X"), ["changed"]),
        ("changed_over_percent", 2, changed(rows, 0, 2, LAST="X"), []),
        ("gone_over_percent", 1, rows[2:], ["gone"]),
        ("gone_over_percent", 1.5, rows[1:], []),
        ("rejected_over_percent", 1, changed(rows, 0, 2, EMAIL="none"), ["rejected"]),
        ("rejected_over_percent", 100, changed(rows, 0, 100, EMAIL="none"), []),
        ("field_changed_over_percent", {"city": 1}, changed(rows, 0, 2, CITY="X"), ["field"]),
        ("field_changed_over_percent", {"last_name": 1}, changed(rows, 0, 2, CITY="X"), []),
        ("field_changed_over_percent", 1, changed(rows, 0, 2, CITY="X"), ["field"]),
        ("field_changed_over_percent", 100, changed(rows, 0, 25, CITY="X"), []),
        ("field_emptied_over_percent", {"city": 1}, changed(rows, 0, 2, CITY=""), ["field"]),
        ("field_emptied_over_percent", 1, changed(rows, 0, 2, CITY=""), ["field"]),
        ("field_emptied_over_percent", 100, changed(rows, 0, 20, CITY=""), []),
    ]
    for key, limit, export, wanted in cases:
        w.mapping(stop_if={key: limit})
        assert judged(w, export) == wanted, (key, limit, wanted)
    replaced = {"city": {"from": "CITY", "do": ["trim", "replace Hull by Gatineau"]}}
    for limit, wanted in ((10.5, ["mapping"]), (11, []), (100, [])):
        w.mapping(fields=replaced, stop_if={"mapping_over_percent": limit})
        assert judged(w, rows) == wanted, limit


@night
def rows_between_holds_at_both_ends_also_in_a_first_load(w):
    w.url = "http://127.0.0.1:9/api/X/v1"
    for count, wanted in ((9, ["rows"]), (10, []), (12, []), (13, ["rows"])):
        w.mapping(file={"encoding": "utf-8", "delimiter": ",", "rows_between": [10, 12]})
        assert judged(w, people(count), "--first-load") == wanted, count


@night
def age_trips_when_the_file_is_older_than_the_mapping_allows(w):
    w.url = "http://127.0.0.1:9/api/X/v1"
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "max_age_hours": 26})
    export = w.export(people(3))
    for hours, wanted in ((25.9, []), (26.1, ["age"])):
        moment = time.time() - hours * 3600
        os.utime(export, (moment, moment))
        assert tripped(w.plan(export, "--first-load").document()) == wanted, hours
    w.mapping()
    assert tripped(w.plan(export, "--first-load").document()) == []


@night
def I27_the_same_file_is_a_notice_or_a_stop_where_the_mapping_says_so(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(5))
    again = w.run("push", export)
    assert again.exit == 0 and "byte" in again.out, again.out
    assert "byte" in w.latest("summary.txt").decode()
    assert len(w.pushed_ids()) == 5
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "same_file": "refuse"})
    again = w.push(export)
    assert again.exit == 8 and tripped(again.document()) == ["same"], again.err
    assert w.push(export, "--ignore", "same").exit == 0
    assert w.push(export, "--only", "A0000002").exit == 0
    w.export(people(6))
    assert w.push(export).exit == 0


@night
def the_same_file_is_compared_with_the_last_finished_run_alone(w):
    w.sandbox()
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "same_file": "refuse"})
    w.load(people(5))
    export = w.export(people(6))
    assert w.push(export, "--limit", "1").exit == 0
    assert w.push(export).exit == 0
    assert w.push(export).exit == 8


# ---------------------------------------------------------------- first load


@night
def first_load_stays_required_until_a_whole_run_has_finished(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(30))
    assert w.push(export).exit == 8
    assert w.push(export, "--limit", "3").exit == 8
    assert w.push(export, "--only", "A0000001").exit == 8
    assert w.pushed_ids() == []
    assert w.push(export, "--first-load", "--limit", "3").exit == 0
    assert w.push(export).exit == 8
    assert w.push(export, "--first-load", "--only", "A0000009").exit == 0
    done = w.push(export)
    assert done.exit == 8 and tripped(done.document()) == ["first-load"]
    assert len(w.pushed_ids()) == 4
    assert w.push(export, "--first-load").exit == 0
    assert w.push(export).exit == 0
    assert w.push(export, "--first-load").exit == 0
    assert len(w.pushed_ids()) == 30


@night
def a_first_load_has_no_baseline_for_the_guards_of_the_known(w):
    w.sandbox()
    w.mapping()
    rows = people(60)
    assert w.push(w.export(rows), "--first-load", "--limit", "40").exit == 0
    other = changed(rows, 0, 40, CITY="", LAST="Other")[:40] + people(5, 300)
    assert judged(w, other, "--first-load") == []
    assert judged(w, other[20:], "--first-load") == []
    assert judged(w, other) == ["first-load"]


@night
def a_first_load_that_ends_partial_counts_as_finished(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    rows[1]["EMAIL"] = ""
    assert w.push(w.export(rows), "--first-load").exit == 3
    assert w.push(w.export(rows)).exit == 3


@night
def a_first_load_that_was_not_reached_to_the_end_is_not_finished(w):
    w.sandbox("--misbehave", "500=100%")
    w.mapping()
    export = w.export(people(3))
    done = w.push(export, "--first-load", "--max-duration", "2s", timeout=120)
    assert done.exit == 7, (done.exit, done.err)
    assert tripped(w.plan(export).document()) == ["first-load"]


# ---------------------------------------------------------------- what a tripped guard does


@night
def V15_a_tripped_guard_sends_nothing_and_changes_only_the_record_of_the_run(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    w.reset()
    good = w.export(changed(rows, 0, 2, CITY="Hull"), name="good.csv")
    assert w.run("plan", good, "--out", w.path("good.plan")).exit == 0
    before = w.run("status", "--json").document()
    done = w.push(w.export(rows[20:] + people(3, 100)))
    assert done.exit == 8, (done.exit, done.err)
    document = done.document()
    check_sums(document["counts"])
    assert document["counts"]["new"] == document["counts"]["not_reached"] == 3
    assert document["counts"]["gone"] == 20
    assert document["verdict"] == "guard" and document["exit"] == 8
    assert document["http"]["requests"] == 0 and w.pushed_ids() == []
    assert json.loads(w.latest("run.json"))["run"] == document["run"]
    assert os.readlink(w.path("state", "runs", "latest")).rstrip("/").endswith(document["run"])
    assert w.run("gone", "--all", "--json").document()["people"] == []
    after = w.run("status", "--json").document()
    assert after["last_run"] == document["run"] and after["last_exit"] == 8
    assert (after["last_success"], after["known"]) == (before["last_success"], before["known"])
    assert guards(w.plan(w.export(rows)).document())["rows"]["limit"] == 36
    assert w.run("push", "--plan", w.path("good.plan"), "--rate", "none").exit == 0
    assert sorted(w.pushed_ids()) == ["A0000001", "A0000002"]


@night
def a_tripped_guard_of_a_first_load_leaves_nobody_known(w):
    w.sandbox()
    w.mapping()
    done = w.push(w.export(people(5)))
    assert done.exit == 8
    assert os.path.exists(w.path("state", "runs", "latest", "summary.txt"))
    assert w.run("plan", w.path("people.csv"), "--out", w.path("p")).exit == 0
    assert w.push(w.path("people.csv")).exit == 8
    assert w.run("push", "--plan", w.path("p")).exit == 0, "the plan recorded the guard that had tripped"


@night
def a_tripped_guard_names_its_figures_its_limit_and_the_ways_on(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    for done in (w.run("plan", w.export(rows[5:])), w.run("push", w.export(rows[5:]))):
        said = " ".join((done.out + done.err).split())
        for words in ("gone", "5", "40", "12.5", "10 %", "--ignore gone", "--plan", "--ignore rows", "--out"):
            assert words in said, (words, said)
    assert done.exit == 8
    summary = " ".join(w.latest("summary.txt").decode().split())
    assert "--ignore gone" in summary and "12.5" in summary, summary


@night
def ignore_passes_the_named_guard_alone_and_this_once(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    export = w.export(rows[5:])
    done = w.push(export, "--ignore", "gone")
    assert done.exit == 8 and tripped(done.document()) == ["rows"]
    assert guards(done.document())["gone"] == guards(done.document())["gone"] | {"passed": False, "ignored": True}
    assert w.push(export, "--ignore", "rows").exit == 8
    done = w.push(export, "--ignore", "gone", "--ignore", "rows")
    assert done.exit == 0, done.err
    assert w.push(w.export(rows[10:])).exit == 8, "the next run is judged again"
    assert w.run("push", export, "--yes").exit == 2


@night
def a_partial_file_is_exempt_from_the_guards_of_whole_files_only(w):
    w.sandbox()
    w.mapping(file={"encoding": "utf-8", "delimiter": ",", "max_age_hours": 1, "same_file": "refuse",
                    "rows_between": [30, 50]})
    rows = people(40)
    export = w.load(rows)
    os.utime(export, (1e9, 1e9))
    assert w.push(export, "--only", "A0000002").exit == 0
    small = w.export(changed(rows[:1], 0, 1, EMAIL="none"), name="small.csv")
    os.utime(small, (1e9, 1e9))
    done = w.push(small, "--only", "A0000001")
    assert done.exit == 3, done.err
    assert tripped(done.document()) == []
    crowd = w.export(people(5, 200), name="crowd.csv")
    only = [word for row in people(5, 200) for word in ("--only", row["ID"])]
    done = w.push(crowd, *only)
    assert done.exit == 8 and tripped(done.document()) == ["new"], (done.exit, done.err)


@night
def refreshed_full_and_unsettled_people_do_not_count_as_changed(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    export = w.load(rows)
    done = w.push(export, "--full")
    assert done.exit == 0 and done.document()["counts"]["changed"] == 40, done.err
    assert guards(done.document())["changed"]["value"] == 0
    done = w.push(export, "--refresh", "30")
    assert done.exit == 0 and done.document()["counts"]["changed"] == 30
    assert guards(done.document())["changed"]["value"] == 0
    assert done.document()["fields_changed"] == {}


@night
def a_rejected_row_whose_id_cannot_be_read_counts_nobody_gone_that_night(w):
    w.sandbox()
    w.mapping()
    rows = people(60)
    w.load(rows)
    today = rows[5:]
    today[0] = dict(today[0], ID="")
    done = w.push(w.export(today))
    assert done.exit == 3, (done.exit, done.err)
    assert done.document()["counts"]["gone"] == 0
    assert w.run("gone", "--all", "--json").document()["people"] == []
    done = w.push(w.export(rows[5:]))
    assert done.exit == 0 and done.document()["counts"]["gone"] == 5, (done.exit, done.err)
    assert len(w.run("gone", "--all", "--json").document()["people"]) == 5


# ---------------------------------------------------------------- learned bands, damage, ordinary nights

FIELDS = {
    "phone_cell": {"from": "PHONE", "do": ["trim"]},
    "date_of_birth": {"from": "BORN", "type": "date", "written": ["DD/MM/YYYY"], "if_wrong": "leave out field"},
}
COLUMNS = ["ID", "FIRST", "LAST", "EMAIL", "CITY", "PHONE", "BORN"]


def town(count, start=1):
    cities = ["Ottawa", "Hull", "Gatineau", "Montréal", "Québec"]
    return [person(n, FIRST=["Zoë", "Anne", "José"][n % 3] + str(n), CITY=cities[n % 5],
                   PHONE=f"613-555-{n % 10000:04d}", BORN=f"{13 + n % 15}/{1 + n % 12:02d}/{1960 + n % 40}")
            for n in range(start, start + count)]


@night
def a_field_that_leaves_the_range_of_the_last_finished_runs_trips_field(w):
    w.sandbox()
    w.mapping(fields=FIELDS, stop_if={"changed_over_percent": 100})
    rows = town(60)
    rows[0]["PHONE"] = ""
    w.push(w.export(rows, heading=COLUMNS), "--first-load")
    for turn in range(14):
        rows[turn]["CITY"] = f"Town {turn}"
        rows[0]["PHONE"] = "613-555-0000" if turn > 7 else ""
        assert w.push(w.export(rows, heading=COLUMNS)).exit == 0
    rows[0]["PHONE"] = ""
    nearly = changed(rows, 0, 6, PHONE="")
    assert tripped(w.plan(w.export(nearly, heading=COLUMNS)).document()) == []
    blank = changed(rows, 0, 56, PHONE="")
    document = w.plan(w.export(blank, heading=COLUMNS)).document()
    assert tripped(document) == ["field"], document["guards"]
    text = guards(document)["field"]["text"]
    assert "phone_cell is empty in 93 % of rows where it was 0 to 2 %" in text, text
    w.mapping(fields=FIELDS, stop_if={"changed_over_percent": 100, "field_emptied_over_percent": 99,
                                      "field_changed_over_percent": 99})
    document = w.plan(w.export(blank, heading=COLUMNS)).document()
    assert tripped(document) == ["field"], "a wide limit leaves what was learned"


@night
def a_field_that_was_always_mostly_empty_trips_nothing(w):
    w.sandbox()
    w.mapping(fields=FIELDS)
    rows = changed(town(60), 0, 55, PHONE="")
    w.push(w.export(rows, heading=COLUMNS), "--first-load")
    for _ in range(4):
        assert w.push(w.export(rows, heading=COLUMNS)).exit == 0
    assert tripped(w.plan(w.export(changed(rows, 55, 3, PHONE=""), heading=COLUMNS)).document()) == []


@night
def I28_every_damaged_copy_of_a_good_export_is_caught_and_sends_nothing(w):
    w.sandbox()
    w.mapping(fields=dict(FIELDS, unique_id={"from": "ID", "do": ["trim"], "required": True,
                                             "pattern": "[0-9]{8}"}),
              file={"encoding": "utf-8", "delimiter": ",", "max_age_hours": 26, "same_file": "refuse"})
    rows = town(200)
    for row in rows:
        row["ID"] = f"{int(row['ID'][1:]):08d}"
    good = w.export(rows, heading=COLUMNS)
    assert w.push(good, "--first-load").exit == 0
    with open(good, "rb") as stream:
        whole = stream.read()
    w.reset()

    def copy(**change):
        return [dict(row, **{k: f(row) for k, f in change.items()}) for row in rows]

    def turned(row):
        day, month, year = row["BORN"].split("/")
        return f"{month}/{day}/{year}"

    damaged = {
        "a blank column": copy(CITY=lambda r: ""),
        "a blank e-mail column": copy(EMAIL=lambda r: ""),
        "a blank date column": copy(BORN=lambda r: ""),
        "two columns swapped": copy(FIRST=lambda r: r["LAST"], LAST=lambda r: r["FIRST"]),
        "e-mail and city swapped": copy(EMAIL=lambda r: r["CITY"], CITY=lambda r: r["EMAIL"]),
        "dates turned round": copy(BORN=turned),
        "names in capitals": copy(FIRST=lambda r: r["FIRST"].upper(), LAST=lambda r: r["LAST"].upper()),
        "ids without zeros": copy(ID=lambda r: r["ID"].lstrip("0")),
        "shifted rows": [dict(row, CITY=rows[i - 1]["CITY"]) for i, row in enumerate(rows)],
        "accents as question marks": copy(FIRST=lambda r: r["FIRST"].encode("ascii", "replace").decode()),
        "nobody": [],
        "half of the people": rows[:100],
        "other people": town(200, 5000),
    }
    for name, copied in damaged.items():
        done = w.push(w.export(copied, name="bad.csv", heading=COLUMNS))
        assert done.exit in (6, 8), (name, done.exit, done.err, [r for r in copied[:2]])
    bytes_of = {
        "latin-1 bytes": whole.decode().encode("latin-1"),
        "doubly encoded": whole.decode().encode().decode("latin-1").encode(),
        "utf-16": whole.decode().encode("utf-16"),
        "half of the bytes": whole[:len(whole) // 2],
        "another delimiter": whole.replace(b",", b";"),
        "no heading": whole.split(b"\n", 1)[1],
        "yesterday's": whole,
        "empty": b"",
    }
    for name, data in bytes_of.items():
        done = w.push(w.write("bad.csv", data))
        assert done.exit in (6, 8), (name, done.exit, done.err)
    old = w.write("old.csv", whole + whole.split(b"\n")[1].replace(b"00000001", b"00009999") + b"\n")
    os.utime(old, (time.time() - 27 * 3600,) * 2)
    assert w.push(old).exit == 8
    assert w.pushed_ids() == []


@night
def sixty_ordinary_nights_trip_nothing_but_what_the_limits_say(w):
    import random
    chance = random.Random(60)
    w.sandbox()
    w.mapping(fields=FIELDS)
    rows, top = town(150), 1000
    assert w.push(w.export(rows, heading=COLUMNS), "--first-load").exit == 0
    stops = []
    for turn in range(60):
        for row in chance.sample(rows, 3):
            row["CITY"] = chance.choice(["Ottawa", "Hull", "Aylmer", ""])
        for row in chance.sample(rows, 2):
            row["PHONE"] = chance.choice(["", f"819-555-{chance.randrange(10000):04d}"])
        chance.choice(rows)["EMAIL"] = f"q{turn}@example.edu"
        rows = rows[:-1] + town(1, top)
        top += 1
        chance.shuffle(rows)
        if turn == 20:  # a term starts
            rows = rows + town(40, top)
            top += 40
        if turn == 45:  # and ends
            rows = rows[40:]
        done = w.push(w.export(rows, heading=COLUMNS))
        if done.exit == 8:
            stops.append((turn, tripped(done.document())))
            ignored = [word for name in stops[-1][1] for word in ("--ignore", name)]
            done = w.push(w.export(rows, heading=COLUMNS), *ignored)
        assert done.exit == 0, (turn, done.exit, done.err)
    assert stops == [(20, ["new"]), (45, ["gone", "rows"])], stops


@night
def C4_changes_by_the_mapping_are_told_apart_and_only_data_leaves_them_out(w):
    w.sandbox()
    w.mapping()
    rows = town(40)
    assert w.push(w.export(rows, heading=COLUMNS), "--first-load").exit == 0
    w.reset()
    w.mapping(fields={"phone_cell": {"from": "PHONE", "do": ["trim"]}})
    rows = changed(rows, 0, 3, CITY="Elsewhere")
    export = w.export(rows, heading=COLUMNS)
    shown = w.run("plan", export)
    said = " ".join(shown.out.split())
    assert "3 people changed in the data; 37 would change only because" in said, shown.out
    assert "phone_cell" in said and "is now mapped" in said, shown.out
    done = w.push(export)
    assert done.exit == 8 and tripped(done.document()) == ["mapping"], (done.exit, done.err)
    done = w.push(export, "--only-data")
    assert done.exit == 0, (done.exit, done.err)
    check_sums(done.document()["counts"])
    assert sorted(w.pushed_ids()) == [r["ID"] for r in rows[:3]]
    assert done.document()["counts"]["accepted"] == 3
    rest = w.plan(export).document()
    assert rest["counts"]["changed"] == 37, rest["counts"]
    assert tripped(rest) == ["mapping"]
    done = w.push(export, "--ignore", "mapping")
    assert done.exit == 0 and done.document()["counts"]["accepted"] == 37
    assert w.push(export).document()["counts"]["unchanged"] == 40


@night
def an_edited_list_or_a_new_comment_is_told_from_a_change_that_matters(w):
    w.sandbox()
    path = w.mapping()
    rows = people(40)
    export = w.load(rows)
    with open(path, "a", encoding="utf-8") as stream:
        stream.write("\n// a note for people\n")
    document = w.plan(export).document()
    assert document["counts"]["unchanged"] == 40 and tripped(document) == []


@night
def a_code_list_in_a_file_belongs_to_the_mapping(w):
    w.sandbox()
    w.write("cities.csv", "CODE,NAME\nOTT,Ottawa\nHUL,Hull\n")
    w.mapping(lists={"city": {"file": "cities.csv", "find": "CODE", "give": "NAME"}},
              fields={"city": {"from": "CITY", "do": ["trim"], "list": "city"}})
    rows = [person(n, CITY="OTT") for n in range(1, 41)]
    export = w.load(rows)
    rewrite(w.path("cities.csv"), b"Ottawa", b"OTTAWA")
    document = w.plan(export).document()
    assert document["counts"]["changed"] == 40
    assert tripped(document) == ["mapping"], document["guards"]
    assert guards(document)["changed"]["value"] == 0
