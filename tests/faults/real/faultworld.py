"""A world in which things break: the fault server, the preloaded shim, people whose data can be searched for."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "run"))
from world import Outcome, World, check_sums  # noqa: E402, F401

# Every value of the token and of a person holds this word: one search finds any of them.
CANARY = b"canary"
TOKEN = "t0k-canary-7d1e52"

SPEED = 20  # clocks under the shim: a timeout of 60 s takes 3
GROUP = 64 + 2  # settlements that one commit may hold, and what is in flight


class Skip(Exception):
    """What this machine lacks."""


def person(number, **changes):
    row = {
        "ID": f"A{number:07d}",
        "FIRST": f"Firstcanary{number}",
        "LAST": f"Lastcanary{number}",
        "EMAIL": f"canary{number}@example.edu",
        "CITY": "Canaryville",
    }
    row.update(changes)
    return row


def people(count, start=1):
    return [person(number) for number in range(start, start + count)]


def profile_of(row):
    return {"unique_id": row["ID"], "login_source": "SAML", "first_name": row["FIRST"], "last_name": row["LAST"],
            "email": row["EMAIL"].lower(), "city": row["CITY"]}


def quoted(text):
    """As a script of the fault server holds a text."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return '"' + out.replace("\t", "\\t") + '"'


def answer(status="200 OK", body="", *headers, kind="application/json", length=None):
    """A whole answer as the bytes that a rule sends."""
    lines = [f"HTTP/1.1 {status}"] + ([f"Content-Type: {kind}"] if kind else []) + list(headers)
    lines.append(f"Content-Length: {len(body.encode()) if length is None else length}")
    return "\r\n".join(lines) + "\r\n\r\n" + body


SUCCESS = '{"status":"success","reference_id":7}'


class FaultServer:
    def __init__(self, build, journal):
        self.journal = journal
        self.process = subprocess.Popen([os.path.join(build, "faults", "fault-server"), journal, TOKEN],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        _, self.port, self.trespass_port = self.process.stdout.readline().split()
        self.url = f"http://127.0.0.1:{self.port}/api/OC_TEST/v1"
        self.guard = threading.Lock()
        self.mark = 0

    def tell(self, line):
        with self.guard:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip()

    def on(self, *rules):
        for rule in rules:
            reply = self.tell("on " + rule)
            assert reply == "ok", f"{reply}: {rule}"

    def clear(self):
        self.tell("clear")

    def begins(self, requests, seconds=10):
        """Waits until so many requests have begun."""
        reply = self.tell(f"await {requests} {int(seconds * 1000)}")
        assert reply == "ok", f"request {requests} never came: {reply}"

    def holds(self, requests=1, seconds=10):
        reply = self.tell(f"held {requests} {int(seconds * 1000)}")
        assert reply == "ok", f"nothing was held: {reply}"

    def events(self, kind=None):
        """Since the last fresh start; complete lines only."""
        with open(self.journal, encoding="utf-8", errors="replace") as stream:
            stream.seek(self.mark)
            lines = [line for line in stream.read().split("\n")[:-1]]
        events = [json.loads(line) for line in lines]
        return [e for e in events if kind is None or e["event"] == kind]

    def forget(self):
        self.clear()
        self.mark = os.path.getsize(self.journal)

    def deliveries(self):
        """Profiles in the order in which the server took them."""
        bodies, out = {}, []
        for event in self.events():  # read once: the server may be writing
            if event["event"] == "request":
                body = bodies[event["n"]] = json.loads(event["body"])
                assert body.pop("apiToken") == "(token)" and event["token"], "a request without the token"
            elif event["event"] == "applied":
                out.append(bodies[event["n"]])
        return out

    def people(self):
        return {profile["unique_id"]: profile for profile in self.deliveries()}

    def begun(self):
        return len(self.events("begun"))

    def repeated(self):
        """How many deliveries said again what the person's last delivery had said."""
        last, count = {}, 0
        for profile in self.deliveries():
            count += last.get(profile["unique_id"]) == profile
            last[profile["unique_id"]] = profile
        return count

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class FaultWorld(World):
    """With figures: what was injected, for the table of figures."""

    def __init__(self, build, full=False):
        super().__init__(build)
        self.full = full
        self.figures = {}
        self.said = []  # everything that the tool wrote to a terminal
        self.allowed = set()  # artefacts that may hold personal data in this test
        os.chmod(self.token_file, 0o600)
        self.write("token", TOKEN + "\n")
        self.shim = os.path.join(self.build, "faults", "shim.so")
        self.server = None

    def serve(self):
        self.server = FaultServer(self.build, self.path("journal"))
        self.url = self.server.url
        self.mapping()
        return self.server

    def figure(self, name, count=1, most=False):
        old = self.figures.get(name, 0)
        self.figures[name] = max(old, count) if most else old + count

    # ------------------------------------------------------------ running

    def faults(self, speed=SPEED, **settings):
        """The environment of a run under the shim."""
        environment = {"LD_PRELOAD": self.shim, "FAULT_SPEED": str(speed)}
        environment.update({f"FAULT_{name.upper()}": str(value) for name, value in settings.items()})
        return environment

    def run(self, *words, **more):
        done = super().run(*words, **more)
        self.said += [done.out, done.err]
        return done

    def push(self, export, *options, speed=SPEED, environment=None, **more):
        environment = {**(self.faults(speed) if speed else {}), **(environment or {})}
        return self.run("push", export, "--rate", "none", "--first-load", "--json", *options,
                        environment=environment, **more)

    def begin(self, export, *options, speed=SPEED, environment=None):
        environment = {**(self.faults(speed) if speed else {}), **(environment or {})}
        return self.start("push", export, "--rate", "none", "--first-load", "--json", *options,
                          environment=environment)

    def end(self, process, seconds=60):
        out, err = process.communicate(timeout=seconds)
        done = Outcome(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
        self.said += [done.out, done.err]
        return done

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        return self.end(process)

    def tracer(self, trace, speed):
        """strace, with a shim for the traced program alone."""
        if not shutil.which("strace"):
            raise Skip("strace is not installed")
        faults = self.faults(speed) if speed else {}
        return ["strace", "-f", "-qq", "-o", trace] + [f"-E{name}={value}" for name, value in faults.items()]

    def strace(self, export, *injections, options=(), speed=0, seconds=60):
        """A push under strace, which injects. The trace goes nowhere."""
        command = self.tracer("/dev/null", speed)
        for injection in injections:
            command += ["-e", "inject=" + injection]
        command += self.command("push", export, "--rate", "none", "--first-load", "--json", *options)
        done = subprocess.run(command, capture_output=True, env=self.environment(), timeout=seconds, cwd=self.folder)
        check_traced(done)
        out = Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        self.said += [out.out, out.err]
        return out

    def trace_command(self, trace, command):
        return subprocess.run([*self.tracer(trace, 0), "-e", "trace=%file,%network", *command], capture_output=True,
                              env=self.environment(), timeout=60, cwd=self.folder)

    def count_calls(self, export, names, options=(), speed=0):
        """How often a push makes each of these system calls."""
        trace = self.path("trace")
        push = self.command("push", export, "--rate", "none", "--first-load", *options)
        done = subprocess.run([*self.tracer(trace, speed), "-e", "trace=" + ",".join(names), *push],
                              capture_output=True, env=self.environment(), timeout=120, cwd=self.folder)
        check_traced(done)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        counts = {}
        with open(trace, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                name = line.split(None, 1)[1].split("(")[0]
                if name in names:
                    counts[name] = counts.get(name, 0) + 1
        os.unlink(trace)
        return counts

    # ------------------------------------------------------------ beginning again

    def fresh(self):
        """As if nothing had ever run; the server has forgotten all."""
        shutil.rmtree(self.path("state"), ignore_errors=True)
        if self.server:
            self.server.forget()

    def keep_state(self):
        self.kept = self.path("kept")
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.path("state"), self.kept, symlinks=True)

    def restore_state(self):
        shutil.rmtree(self.path("state"), ignore_errors=True)
        shutil.copytree(self.kept, self.path("state"), symlinks=True)
        self.server.forget()

    # ------------------------------------------------------------ judging

    def check_state(self):
        """V11: SQLite finds nothing wrong, and what 'latest' points to is whole."""
        path = self.path("state", "state.db")
        if not os.path.exists(path) or not os.path.getsize(path):
            return
        # a copy: a reader of the state itself would recover its WAL in the tool's place
        copy = self.path("copy")
        os.makedirs(copy, exist_ok=True)
        for suffix in ("", "-wal"):
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, os.path.join(copy, "state.db" + suffix))
        with sqlite3.connect(os.path.join(copy, "state.db")) as db:
            found = db.execute("PRAGMA quick_check").fetchone()[0]
        db.close()
        shutil.rmtree(copy)
        assert found == "ok", found
        latest = self.path("state", "runs", "latest")
        if os.path.islink(latest):
            assert os.path.isdir(latest), "latest points nowhere"
            document = os.path.join(latest, "run.json")
            if os.path.exists(document):
                with open(document, encoding="utf-8") as stream:
                    json.load(stream)
            else:
                with open(os.path.join(latest, "summary.txt"), encoding="utf-8") as stream:
                    assert "incomplete" in stream.read(), "a dead run that does not say so"

    def check_truth(self, document, known_before=None):
        """
        V10 and N4: what the run says against what the server saw of it. 'known_before' are the deliveries that came
        before this run.
        """
        counts = document["counts"]
        check_sums(counts)
        before = known_before or 0
        applied = {profile["unique_id"] for profile in self.server.deliveries()[before:]}
        assert counts["accepted"] <= len(applied), (counts, applied)
        assert len(applied) <= counts["accepted"] + counts["unknown"] + counts["refused"], (counts, applied)
        said = {row["unique_id"]: row["outcome"] for row in self.results()}
        for one in applied:
            assert said[one] in ("accepted", "unknown"), (one, said[one])
        for one, outcome in said.items():
            assert outcome != "accepted" or one in applied, one
        return counts

    def converge(self, export, rows, repeats=GROUP, repeated_before=0, options=()):
        """V1, V4, V5: a push without faults delivers everybody; the next one sends nothing."""
        self.check_state()
        self.server.clear()
        before = len(self.server.deliveries())
        done = self.push(export, *options)
        assert done.exit in (0, 3), f"the next push ended with {done.exit}: {done.err}"
        self.check_truth(done.document(), before)
        got, wanted = self.server.people(), {row["ID"]: profile_of(row) for row in rows}
        for one, profile in wanted.items():
            assert got.get(one) == profile, f"{one}: the server holds {got.get(one)}"
        again = self.server.repeated() - repeated_before
        assert again <= repeats, f"{again} people were sent again"
        self.check_state()
        requests = self.server.begun()
        still = self.push(export, *options)
        assert still.exit in (0, 3), still.err
        assert self.server.begun() == requests, "a push with nothing to do sent something"
        self.search_secrets()
        return done

    def search_secrets(self):
        """V12: neither token nor personal data in anything that the tool leaves or says."""
        for folder, _, names in os.walk(self.path("state")):
            for name in names:
                path = os.path.join(folder, name)
                if name == "rejects.csv" or name in self.allowed or os.path.islink(path):
                    continue
                with open(path, "rb") as stream:
                    holds = stream.read().lower()
                assert CANARY not in holds, f"a secret in {os.path.relpath(path, self.folder)}"
        for text in self.said:
            at = text.lower().find(CANARY.decode())
            assert at < 0 or "output" in self.allowed, "a secret in what was printed: " + text[max(0, at - 80):at + 40]
        self.said.clear()

    def close(self):
        if self.server:
            self.server.end()
        super().close()


def check_traced(done):
    """strace's own words say that it may not trace here."""
    if b"strace: " in done.stderr and (b"ptrace" in done.stderr or b"not permitted" in done.stderr):
        raise Skip("strace may not trace here: " + done.stderr.decode(errors="replace").splitlines()[0])


def wait_until(true, seconds=10, what="it"):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.005)


# ---------------------------------------------------------------- marking tests

def fault(function):
    """Marks a test: function(world)."""
    function.fault_shards = 1
    return function


def sweep(shards):
    """Marks a test whose points are split: function(world, mine), where mine(points) gives the points of one share."""
    def mark(function):
        function.fault_shards = shards
        return function
    return mark


def try_points(w, points, one):
    """Runs one(point) for each; a failure names its point, and the rest goes on, up to three."""
    failures = []
    for point in points:
        try:
            one(point)
        except AssertionError as trouble:
            failures.append(f"at {point}: {trouble}")
            if len(failures) == 3:
                break
    assert not failures, "\n".join(failures)
