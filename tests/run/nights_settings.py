"""Settings and manners: layers of configuration, environment, --newest, JSON on standard output, help, completion."""

import json
import os
import re
import shutil
import subprocess
import time

from world import TOKEN, check_sums, night, people


# ---------------------------------------------------------------- layers


@night
def each_layer_of_settings_gives_way_to_the_one_before(w):
    own = w.path("home", ".config", "opspush")
    os.makedirs(own)
    w.write(os.path.join("home", ".config", "opspush", "opspush.jsonc"),
            '// mine\n{ "rate": 3, "connections": 4, "wait": "5m", "full": true }')
    given = w.write("c.jsonc", '{ "connections": 6 }')

    def shown(*words, **environment):
        done = w.run("config", "--json", *words, usual=False, environment=environment)
        assert done.exit == 0, done.err
        return {k: (v["value"], v["from"]) for k, v in done.document().items()}

    mine = os.path.join(own, "opspush.jsonc")
    found = shown()
    assert found["rate"] == ("3", mine) and found["connections"] == ("4", mine) and found["full"][0] == "on", found
    found = shown("--config", given)
    assert found["connections"] == ("6", given) and found["rate"] in (("3", mine), ("5", "built-in"))
    found = shown("--config", given, OPSPUSH_CONNECTIONS="8")
    assert found["connections"] == ("8", "environment") or found["connections"] == ("6", given), found
    found = shown(OPSPUSH_CONNECTIONS="8", OPSPUSH_RATE="none", OPSPUSH_FIRST_LOAD="1")
    assert found["connections"] == ("8", "environment") and found["rate"][0] == "none"
    assert found["first_load"] == ("on", "environment")
    other = w.path("xdg")
    os.makedirs(os.path.join(other, "opspush"))
    w.write("xdg/opspush/opspush.jsonc", '{ "rate": 2 }')
    assert shown(XDG_CONFIG_HOME=other)["rate"][0] == "2"


@night
def an_option_wins_over_the_environment_and_a_file(w):
    config = w.write("c.jsonc", '{ "rate": 3, "limit": 9 }')
    done = w.run("config", "--json", "--config", config, "--url", "http://127.0.0.1:1/a", usual=False,
                 environment={"OPSPUSH_RATE": "7", "OPSPUSH_URL": "http://127.0.0.1:2/a"})
    found = done.document()
    assert (found["rate"]["value"], found["url"]["value"]) == ("7", "http://127.0.0.1:1/a"), found
    w.sandbox()
    w.mapping()
    done = w.push(w.export(people(6)), "--first-load", "--limit", "2", environment={"OPSPUSH_LIMIT": "4"})
    assert done.document()["counts"]["accepted"] == 2
    done = w.push(w.path("people.csv"), "--first-load", environment={"OPSPUSH_LIMIT": "1"})
    assert done.document()["counts"]["accepted"] == 1


@night
def the_order_is_option_environment_config_file(w):
    config = w.write("c.jsonc", '{ "connections": 3 }')
    done = w.run("config", "--json", "--config", config, usual=False, environment={"OPSPUSH_CONNECTIONS": "7"})
    assert done.document()["connections"] == {"value": "7", "from": "environment"}


@night
def unknown_and_wrong_settings_are_exit_4_with_their_place(w):
    w.mapping()
    export = w.export(people(2))
    for text in ('{ "conections": 3 }', '{ "rate": "fast" }', '{ "connections": 0 }', '{ "limit": -1 }',
                 '{ "first_load": "yes" }', '{ "rate": 3, "rate": 4 }', '[]', '{', '{ "wait": "5" }',
                 '{ "url": "http://example.edu/api" }', '{ "token": "secret" }'):
        config = w.write("c.jsonc", text)
        done = w.run("plan", export, "--config", config)
        assert done.exit == 4, (text, done.exit, done.err)
        assert "c.jsonc" in done.err or "url" in text, (text, done.err)
        assert "secret" not in done.err
    assert w.run("plan", export, "--config", w.path("absent.jsonc")).exit == 4


@night
def a_wrong_value_in_the_environment_is_an_error_that_names_the_variable(w):
    w.mapping()
    done = w.run("plan", w.export(people(2)), environment={"OPSPUSH_RATE": "fast"})
    assert done.exit in (2, 4) and "OPSPUSH_RATE" in done.err, (done.exit, done.err)


@night
def every_option_of_plan_and_push_has_a_key_and_a_variable(w):
    names = ("mapping url token-file proxy ca-file state runs rate connections limit only full retry-refused refresh "
             "first-load ignore wait max-duration out report exit-code tolerate values all json metrics quiet verbose "
             "progress color").split()
    found = w.run("config", "--json", usual=False).document()
    for name in names:
        assert name.replace("-", "_") in found, name
    flags = {"full", "retry-refused", "first-load", "exit-code", "values", "all", "quiet", "verbose"}
    values = {"rate": "4", "connections": "3", "limit": "2", "refresh": "1", "wait": "1s", "max-duration": "1h",
              "tolerate": "2%", "progress": "none", "color": "never", "only": "A1", "ignore": "new"}
    for name in sorted(flags | set(values)):
        variable = "OPSPUSH_" + name.upper().replace("-", "_")
        done = w.run("config", "--json", usual=False, environment={variable: values.get(name, "1")})
        assert done.exit == 0, (name, done.err)
        assert done.document()[name.replace("-", "_")]["from"] == "environment", name
        value = values.get(name, "1")
        value = True if name in flags else int(value) if value.isdigit() else value
        text = json.dumps({name.replace("-", "_"): value})
        done = w.run("config", "--json", "--config", w.write("c.jsonc", text), usual=False)
        assert done.exit == 0, (text, done.err)
        assert done.document()[name.replace("-", "_")]["from"].endswith("c.jsonc"), name


@night
def O4_the_token_comes_from_a_file_a_credential_or_the_environment_never_an_option(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(2))
    common = ["push", export, "--rate", "none", "--state", w.path("state", "s.db"), "--url", w.url, "--mapping",
              w.path("people.jsonc"), "--first-load"]
    assert w.run(*common, usual=False).exit == 4
    done = w.run(*common, usual=False, environment={"OPSPUSH_TOKEN": TOKEN})
    assert done.exit == 0 and "warning" in done.err.lower() and TOKEN not in done.err + done.out, done.err
    os.mkdir(w.path("credentials"), 0o700)
    shutil.copy(w.token_file, w.path("credentials", "opscom-token"))
    done = w.run(*common, usual=False, environment={"CREDENTIALS_DIRECTORY": w.path("credentials")})
    assert done.exit == 0 and "OPSPUSH_TOKEN" not in done.err, done.err
    assert w.run(*common, "--token", TOKEN, usual=False).exit == 2


@night
def the_state_lies_where_the_service_manager_or_xdg_says(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(2))
    common = ["push", export, "--rate", "none", "--url", w.url, "--mapping", w.path("people.jsonc"), "--token-file",
              w.token_file, "--first-load"]
    for environment, folder in (({"STATE_DIRECTORY": w.path("service")}, w.path("service")),
                                ({"XDG_STATE_HOME": w.path("xdg")}, w.path("xdg", "opspush")),
                                ({}, w.path("home", ".local", "state", "opspush"))):
        done = w.run(*common, usual=False, environment=environment)
        assert done.exit == 0, (environment, done.err)
        assert sorted(os.listdir(folder))[-5:] and os.path.exists(os.path.join(folder, "state.db.key")), folder
        assert os.path.exists(os.path.join(folder, "runs", "latest", "run.json"))


@night
def paths_in_a_configuration_are_relative_to_it(w):
    w.sandbox()
    w.mapping()
    os.mkdir(w.path("etc"))
    config = w.write("etc/c.jsonc", json.dumps({"mapping": "../people.jsonc", "token_file": "../token", "url": w.url,
                                               "state": "../state/state.db", "runs": "../elsewhere", "rate": "none"}))
    done = w.run("push", w.export(people(2)), "--config", config, "--first-load", usual=False, cwd="/")
    assert done.exit == 0, (done.exit, done.err)
    assert os.path.exists(w.path("elsewhere", "latest", "run.json"))


@night
def proxies_of_the_environment_are_ignored(w):
    w.sandbox()
    w.mapping()
    bad = "http://127.0.0.1:9"
    done = w.push(w.export(people(2)), "--first-load",
                  environment={"http_proxy": bad, "https_proxy": bad, "ALL_PROXY": bad, "HTTP_PROXY": bad})
    assert done.exit == 0, (done.exit, done.err)


# ---------------------------------------------------------------- newest, standard input and output


@night
def newest_takes_the_newest_file_of_a_pattern(w):
    w.mapping()
    os.mkdir(w.path("feeds"))
    now = time.time()
    for number, (name, age) in enumerate((("people-1.csv", 300), ("people-3.csv", 900), ("people-2.csv", 600),
                                          ("other.csv", 60)), 2):
        path = w.export(people(number), name=os.path.join("feeds", name))
        os.utime(path, (now - age, now - age))
    done = w.plan(w.path("feeds", "people-*.csv"), "--newest")
    assert done.exit == 0 and done.document()["counts"]["rows"] == 2, (done.exit, done.err)
    assert done.document()["input"]["path"].endswith("people-1.csv")
    assert w.plan(w.path("feeds", "nobody-*.csv"), "--newest").exit == 6
    assert w.plan(w.path("feeds", "people-*.csv")).exit == 6, "a pattern without --newest is a name"


@night
def newest_waits_for_a_file_that_still_grows(w):
    w.mapping()
    w.export(people(2), name="people-1.csv")
    os.utime(w.path("people-1.csv"), (time.time() - 900,) * 2)
    growing = w.export(people(3), name="people-2.csv")
    line = "printf 'B%d,a,b,b%d@x.ca,C\\n' $i $i"
    grow = subprocess.Popen(["/bin/sh", "-c", f"for i in 1 2 3 4 5 6; do sleep 0.2; {line} >> {growing}; done"])
    done = w.plan(w.path("people-*.csv"), "--newest", timeout=30)
    grow.wait()
    assert done.exit in (0, 6), (done.exit, done.err)
    if done.exit == 0:
        assert done.document()["counts"]["rows"] in (2, 9), "the old one, or the new one whole"


@night
def map_check_and_suggest_read_standard_input(w):
    mapping = w.mapping()
    with open(w.export(people(3)), "rb") as stream:
        data = stream.read()
    done = w.run("map", "-", stdin=data)
    assert done.exit == 0 and done.out.splitlines()[0].startswith("unique_id,login_source"), (done.exit, done.err)
    assert len(done.out.splitlines()) == 4
    done = w.run("suggest", "-", stdin=data, usual=False)
    assert done.exit == 0 and '"version": 1' in done.out, (done.exit, done.err)
    named = w.run("suggest", w.path("people.csv"), usual=False).out
    assert done.out.split('"fields"')[1] == named.split('"fields"')[1], (done.out, named)
    assert w.run("check", mapping, "-", stdin=data).exit == 0
    done = w.run("suggest", "-", stdin=b"", usual=False)
    assert (done.exit, done.err) == (6, "opspush: standard input: is empty\n"), (done.exit, done.err)


@night
def a_draft_for_a_report_with_titles_echoes_and_french_feedback_reads_its_rows(w):
    report = "SQL> select * from people;\n\nSat Nov 22      page    1\n    Active Students\n\n"
    heading = "ID      |LAST_NAME |FIRST_NAME |EMAIL\n--------|----------|-----------|-----------\n"
    rows = ["A%07d|Roy       |Ann        |p%d@x.ca\n" % (i, i) for i in range(4)]
    report += heading + "".join(rows[:2]) + "\f\nSat Nov 22      page   12\n    Active Students\n\n" + heading + "".join(rows[2:])
    with open(w.path("spool.lst"), "w") as stream:
        stream.write(report + "\n4 lignes sélectionnées.\n\nSQL> spool off\n")
    draft = w.run("suggest", w.path("spool.lst"), usual=False)
    assert draft.exit == 0 and "CHECK: lines above" in draft.out, (draft.exit, draft.err, draft.out)
    with open(w.path("draft.jsonc"), "w") as stream:
        stream.write(draft.out)
    done = w.run("check", w.path("draft.jsonc"), w.path("spool.lst"), usual=False)
    assert done.exit == 0 and "can be sent         4" in done.out, (done.exit, done.err, done.out)
    with open(w.path("spool.lst"), "w") as stream:
        stream.write(report + "\n60 lignes sélectionnées.\n")
    done = w.run("check", w.path("draft.jsonc"), w.path("spool.lst"), usual=False)
    assert done.exit == 6 and "the file says that it has 60 rows; 4 were read" in done.err, (done.exit, done.err)


# ---------------------------------------------------------------- JSON


@night
def every_command_with_json_writes_one_valid_document(w):
    w.sandbox()
    w.mapping()
    rows = people(5)
    rows[2]["EMAIL"] = "none"
    export = w.export(rows)
    for words in (["plan", export], ["push", export, "--first-load", "--rate", "none"], ["push", export], ["status"],
                  ["history"], ["gone", "--all"], ["show", "latest"], ["explain", export, "--id", "A0000001"],
                  ["config"], ["adopt", export], ["plan", w.path("absent.csv")], ["push", w.path("absent.csv")]):
        done = w.run(*words, "--json")
        assert done.exit in (0, 3, 6), (words, done.exit, done.err)
        json.loads(done.out)
    done = w.run("map", export, "--json")
    documents = [json.loads(line) for line in done.out.splitlines()]
    assert len(documents) == 4 and documents[0]["unique_id"] == "A0000001", documents
    assert list(documents[0]) == ["unique_id", "login_source", "first_name", "last_name", "email", "city"]


@night
def a_push_that_cannot_start_has_a_json_document_or_words(w):
    w.mapping()
    done = w.run("push", w.export(people(2)), "--json", "--url", "http://example.edu/x")
    assert done.exit == 4 and done.err
    if done.out:
        assert json.loads(done.out)["exit"] == 4


# ---------------------------------------------------------------- help, completion


@night
def help_knows_every_command_topic_and_exit_code(w):
    commands = "check suggest plan push show map explain status history gone adopt doctor backup config help completion"
    general = w.run("help", usual=False)
    assert general.exit == 0
    for command in commands.split():
        assert command in general.out
        assert w.run("help", command, usual=False).exit == 0, command
        assert w.run(command, "--help", usual=False).exit == 0, command
    for topic in ("exit-codes", "steps", "fields", "files", "environment"):
        done = w.run("help", topic, usual=False)
        assert done.exit == 0 and len(done.out) > 100, topic
    codes = w.run("help", "exit-codes", usual=False).out
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130, 143):
        assert str(code) in codes.split() or f"{code}," in codes, code
    fields = w.run("help", "fields", usual=False).out
    for field in ("unique_id", "login_source", "driver_licence_prov", "locker_user_type_id", "state2"):
        assert field in fields, field
    for step in ("one space", "excel guards", "phone MASK", "add TEXT before"):
        assert step in w.run("help", "steps", usual=False).out, step
    assert w.run("--version", usual=False).exit == 0
    assert w.run("--help", usual=False).exit == 0


@night
def O12_the_manual_page_has_every_command_option_and_exit_code(w):
    page = w.run("help", "man", usual=False).out
    plain = page.replace("\\-", "-")
    for line in w.run("help", usual=False).out.split("Commands:")[1].split("More:")[0].strip().splitlines():
        command = line.split()[0]
        assert f'\n.BI "{command} "' in plain, command
        for option in re.findall(r"^ +(?:-\w, )?--([a-z-]+)", w.run("help", command, usual=False).out, re.M):
            assert f"--{option}" in plain, option
    for line in w.run("help", "exit-codes", usual=False).out.splitlines():
        assert line in plain, line
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-Kutf8"], input=page.encode(), capture_output=True)
        assert done.returncode == 0 and not done.stderr, done.stderr.decode()


@night
def C8_no_command_or_option_is_abbreviated(w):
    w.mapping()
    export = w.export(people(2))
    for words in (["stat"], ["hist"], ["plan", export, "--ful"], ["plan", export, "--first"], ["pla", export],
                  ["plan", export, "--limit"], ["plan", export, "--limit", "x"], ["plan", export, "--rate", "0"],
                  ["plan", export, "--rate", "-1"], ["plan", export, "--connections", "0"],
                  ["plan", export, "--wait", "5"], ["plan", export, "--max-duration", "5x"],
                  ["plan", export, "--ignore", "all"], ["plan", export, "--progress", "some"], ["plan", export, "--quiet", "--verbose"],
                  ["plan", export, "--full=yes"], ["completion", "tcsh"], ["status", "extra"], ["backup"],
                  ["plan", export, "--yes"], ["push", export, "--insecure"]):
        done = w.run(*words)
        assert done.exit == 2 and done.err, (words, done.exit, done.err)


@night
def completion_is_a_script_that_its_shell_can_read(w):
    for shell in ("bash", "zsh", "fish"):
        done = w.run("completion", shell, usual=False)
        assert done.exit == 0 and "opspush" in done.out and "first-load" in done.out, shell
        if shutil.which(shell) and shell == "bash":
            assert subprocess.run(["bash", "-n"], input=done.out.encode()).returncode == 0


@night
def H5_a_closed_or_full_standard_output_does_not_stop_a_push(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(w.command("push", export, "--first-load", "--rate", "none"), stdout=full,
                              stderr=subprocess.PIPE, env=w.environment(), cwd=w.folder)
    assert len(w.pushed_ids()) == 3 and done.returncode != 0, "what was not told is no complete success"
    assert json.loads(w.latest("run.json"))["counts"]["accepted"] == 3


@night
def H3_an_empty_environment_is_enough(w):
    w.sandbox()
    w.mapping()
    export = w.export(people(3))
    done = subprocess.run(w.command("push", export, "--first-load", "--rate", "none", "--json"), capture_output=True,
                          env={}, cwd="/")
    assert done.returncode == 0, done.stderr
    check_sums(json.loads(done.stdout)["counts"])


# ---------------------------------------------------------------- samples


@night
def the_shipped_samples_go_through_their_mappings(w):
    pairs = {"banner-students": ["students-day1.csv", "students-day2.csv"], "banner-staff": ["staff.csv"],
             "argos": ["argos.csv"], "cognos": ["cognos.txt"], "sqlplus": ["sqlplus.csv"]}
    for mapping, samples in pairs.items():
        path = os.path.join(w.root, "mappings", mapping + ".jsonc")
        assert w.run("check", path, usual=False).exit == 0, mapping
        for sample in samples:
            export = os.path.join(w.root, "samples", sample)
            os.utime(export) if os.access(export, os.W_OK) else None
            done = w.run("plan", export, "--mapping", path, "--json", usual=False)
            assert done.exit == 0, (sample, done.err)
            check_sums(done.document()["counts"], push=False)
            assert done.document()["counts"]["new"] > 0, sample


@night
def a_second_day_of_the_samples_sends_the_differences_alone(w):
    w.sandbox()
    mapping = os.path.join(w.root, "mappings", "banner-students.jsonc")
    days = []
    for day in (1, 2):
        days.append(shutil.copy(os.path.join(w.root, "samples", f"students-day{day}.csv"), w.path(f"day{day}.csv")))
    first = w.push(days[0], "--mapping", mapping, "--first-load", "--connections", "4")
    assert first.exit in (0, 3), first.err
    second = w.push(days[1], "--mapping", mapping)
    assert second.exit in (0, 3, 8), second.err
    check_sums(second.document()["counts"])
    assert second.document()["counts"]["unchanged"] > second.document()["counts"]["changed"]


@night
def wait_waits_for_another_run_to_end_instead_of_exit_9(w):
    w.sandbox("--latency", "100")
    w.mapping()
    export = w.export(people(6))
    first = w.start("push", export, "--first-load", "--rate", "none", "--connections", "1")
    while not w.pushed_ids():
        pass
    busy = w.push(export, "--first-load")
    assert busy.exit == 9 and str(first.pid) in busy.err, (busy.exit, busy.err)
    latest = os.readlink(w.path("state", "runs", "latest"))
    done = w.push(export, "--first-load", "--wait", "30s")
    assert first.wait() == 0
    assert done.exit == 0 and done.document()["counts"]["unchanged"] == 6, (done.exit, done.err)
    assert os.readlink(w.path("state", "runs", "latest")) != latest
