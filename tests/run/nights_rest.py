"""What belongs to no other group: numbers of failures.list that the real program shows by itself."""

import os
import re
import subprocess

from world import check_sums, night, people, person


@night
def A8_another_reference_id_than_before_is_told(w):
    sandbox = w.sandbox()
    w.mapping()
    rows = people(3)
    assert w.push(w.export(rows), "--first-load").exit == 0
    sandbox.terminate()
    sandbox.wait()
    old = w.url
    w.sandbox("--port", re.search(r":(\d+)/", old).group(1))
    for number in (900, 901, 902):  # other people take the first reference ids
        w.reset()
    rows[2]["CITY"] = "Hull"
    done = w.push(w.export(rows), "--values")
    assert done.exit == 0, done.err
    assert any("another reference_id" in warning for warning in done.document()["warnings"])


@night
def A9_an_answer_for_another_person_cannot_be_told_so_never_two_share_a_connection_at_once(w):
    w.sandbox("--latency", "5-40")
    w.mapping()
    assert w.push(w.export(people(60)), "--first-load", "--connections", "6").exit == 0
    assert w.page("/sandbox/stats")["overlaps"] == 0


@night
def A12_refresh_sends_the_longest_unrefreshed_again(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(6))
    assert w.push(export, "--first-load").exit == 0
    for _ in range(3):
        assert w.push(export, "--refresh", "2").document()["counts"]["changed"] == 2
    counts = {i: w.pushed_ids().count(i) for i in w.pushed_ids()}
    assert set(counts.values()) == {2}, counts


@night
def D12_full_sends_everybody_again_whatever_the_state_says(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(5))
    assert w.push(export, "--first-load").exit == 0
    w.reset()
    done = w.push(export, "--full")
    assert done.exit == 0 and done.document()["counts"]["changed"] == 5
    assert len(w.profiles()) == 5


@night
def H11_the_versions_of_the_libraries_are_told(w):
    out = w.run("--version", usual=False).out
    assert out.startswith("opspush ")
    for library in ("libcurl", "SQLite", "cJSON", "libsodium", "utf8proc", "libcsv"):
        assert library in out, out


@night
def H13_the_timer_catches_up_and_spreads(w):
    with open(os.path.join(w.root, "samples", "systemd", "opspush.timer"), encoding="utf-8") as stream:
        timer = stream.read()
    assert "Persistent=true" in timer and "RandomizedDelaySec=" in timer and "FixedRandomDelay=true" in timer
    with open(os.path.join(w.root, "samples", "systemd", "opspush.service"), encoding="utf-8") as stream:
        service = stream.read()
    options = re.findall(r"--([a-z-]+)", next(line for line in service.splitlines() if line.startswith("ExecStart")))
    shown = w.run("help", "push", usual=False).out
    assert all(f"--{option}" in shown for option in options), options


@night
def O1_the_plan_comes_first_in_help_and_the_target_is_named(w):
    assert "Try first:  opspush plan" in w.run("help", usual=False).out
    w.sandbox()
    w.mapping()
    assert w.url in w.run("push", w.export(people(2)), "--first-load", "--rate", "none").out


@night
def O12_every_exit_code_is_in_the_table_of_the_help(w):
    out = w.run("help", "exit-codes", usual=False).out
    for code in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "130, 143"):
        assert re.search(rf"^ +{code}  ", out, re.M), code
    assert "unknown code means failure" in out


@night
def V6_a_fault_free_run_sends_exactly_the_new_and_changed_once_each(w):
    w.sandbox()
    w.mapping()
    rows = people(50)
    assert w.push(w.export(rows), "--first-load").exit == 0
    w.reset()
    for number in (3, 17, 31):
        rows[number]["LAST"] = "Changed"
    rows.append(person(777))
    done = w.push(w.export(list(reversed(rows))), "--connections", "4")
    assert done.exit == 0
    check_sums(done.document()["counts"])
    assert sorted(w.pushed_ids()) == ["A0000004", "A0000018", "A0000032", "A0000777"]


@night
def V9_of_many_racing_starts_one_sends(w):
    w.sandbox("--latency", "30")
    w.mapping()
    export = w.export(people(10))
    started = [w.start("push", export, "--first-load", "--rate", "none", "--quiet") for _ in range(12)]
    codes = []
    for process in started:
        process.communicate(timeout=60)
        codes.append(process.returncode)
    assert set(codes) <= {0, 9} and 0 in codes, codes
    assert len(w.pushed_ids()) == 10


@night
def C6_another_target_is_a_first_load_of_its_own(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3))
    assert w.push(export, "--first-load").exit == 0
    other = w.url.replace("/sandbox/v1", "/other/v1")
    done = w.push(export, "--url", other)
    assert done.exit == 8 and "first-load" in done.err
    assert w.push(export, "--url", w.url + "/").document()["counts"]["unchanged"] == 3


@night
def the_samples_are_what_the_generator_writes(w):
    with open(os.path.join(w.root, "tests", "bench", "generate.c"), encoding="utf-8") as stream:
        commands = re.findall(r"\*     generate (.*?) +> (samples/\S+)", stream.read())
    assert len(commands) == 2, commands
    for words, sample in commands:
        made = subprocess.run([os.path.join(w.build, "generate"), *words.split()], capture_output=True, check=True)
        with open(os.path.join(w.root, sample), "rb") as stream:
            assert stream.read() == made.stdout, sample


@night
def V2_a_payload_that_was_refused_or_not_answered_never_counts_as_delivered(w):
    script = w.write("script", "id=A0000002 9033 1\nid=A0000003 cut 5\n")
    w.sandbox("--script", script)
    w.mapping()
    rows = people(4)
    first = w.push(w.export(rows), "--first-load")
    counts = first.document()["counts"]
    check_sums(counts)
    assert first.exit == 7 and (counts["accepted"], counts["refused"], counts["unknown"]) == (2, 1, 1), counts
    second = w.push(w.export(rows), "--first-load", "--retry-refused")
    assert second.exit == 0, second.err
    assert second.document()["counts"]["unchanged"] == 2
    assert len(w.profiles()) == 4
