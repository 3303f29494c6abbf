"""A small world for whole-run tests: a folder, a sandbox, the real program. Standard library alone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request

TOKEN = "sandbox-token"

MAPPING = {
    "version": 1,
    "name": "people",
    "file": {"encoding": "utf-8", "delimiter": ","},
    "fields": {
        "unique_id": {"from": "ID", "do": ["trim"], "required": True},
        "login_source": {"value": "SAML"},
        "first_name": {"from": "FIRST", "do": ["trim"], "required": True},
        "last_name": {"from": "LAST", "do": ["trim"], "required": True},
        "email": {"from": "EMAIL", "do": ["trim", "lower"], "type": "email", "required": True},
        "city": {"from": "CITY", "do": ["trim"]},
    },
}

HEADING = ["ID", "FIRST", "LAST", "EMAIL", "CITY"]


def person(number, **changes):
    row = {
        "ID": f"A{number:07d}",
        "FIRST": f"First{number}",
        "LAST": f"Last{number}",
        "EMAIL": f"p{number}@example.edu",
        "CITY": "Ottawa",
    }
    row.update(changes)
    return row


def people(count, start=1):
    return [person(number) for number in range(start, start + count)]


class Outcome:
    def __init__(self, exit_code, out, err):
        self.exit, self.out, self.err = exit_code, out, err

    def document(self):
        return json.loads(self.out)


class World:
    """One test's folder. Programs are killed and the folder removed when it ends."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # many small synced files
        self.folder = tempfile.mkdtemp(prefix="opspush-test-", dir=memory)
        self.started = []
        self.url = None
        self.home = self.path("home")
        os.mkdir(self.home)
        self.token_file = self.write("token", TOKEN + "\n")
        os.chmod(self.token_file, 0o600)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        path = self.path(name)
        data = content if isinstance(content, bytes) else content.encode()
        with open(path, "wb") as stream:
            stream.write(data)
        return path

    def mapping(self, name="people.jsonc", fields=None, **changes):
        mapping = json.loads(json.dumps(MAPPING))
        mapping["fields"].update(fields or {})
        for key in [k for k, v in mapping["fields"].items() if v is None]:
            del mapping["fields"][key]
        mapping.update(changes)
        return self.write(name, json.dumps(mapping, indent=1))

    def export(self, rows, name="people.csv", heading=None, end="\n"):
        heading = heading or HEADING
        lines = [",".join(heading)]
        for row in rows:
            lines.append(",".join(quote(row.get(column, "")) for column in heading))
        return self.write(name, end.join(lines) + end)

    # ------------------------------------------------------------ programs

    def sandbox(self, *options):
        port_file = self.path(f"port-{len(self.started)}")
        process = subprocess.Popen(
            [os.path.join(self.build, "opspush-sandbox"), "--port", "0", "--port-file", port_file,
             "--die-with-parent", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.started.append(process)
        line = process.stdout.readline().strip()
        assert line.startswith("listening on "), line
        self.url = line.removeprefix("listening on ")
        return process

    def bad_hour(self, script, export, *options):
        """A push while the script rules the server, which is then well again at the same address."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = str(one.getsockname()[1] if not self.url else self.url.split(":")[2].split("/")[0])
        if self.url:
            self.started[-1].kill()
            self.started[-1].wait()
        server = self.sandbox("--port", port, "--script", self.write("script", script))
        done = self.push(export, "--max-duration", "1s", *options)
        self.during = self.received()
        server.kill()
        server.wait()
        self.sandbox("--port", port)
        return done

    def page(self, name, data=None):
        base = self.url.split("/api/")[0]
        with urllib.request.urlopen(base + name, data=data, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def received(self):
        return self.page("/sandbox/received")

    def pushed_ids(self):
        """The ids of all push requests, in their order."""
        return [entry["unique_id"] for entry in self.received()["requests"]]

    def profiles(self):
        return {entry["unique_id"]: entry["profile"] for entry in self.received()["people"]}

    def reset(self):
        self.page("/sandbox/reset", data=b"")

    def environment(self, extra=None):
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.home, "TZ": "UTC"}
        environment.update(extra or {})
        return environment

    def command(self, *words, usual=True):
        command = [os.path.join(self.build, "opspush"), *words]
        if usual:
            command += ["--state", self.path("state", "state.db"), "--token-file", self.token_file]
            if self.url and "--url" not in words:
                command += ["--url", self.url]
            if "--mapping" not in words and os.path.exists(self.path("people.jsonc")):
                command += ["--mapping", self.path("people.jsonc")]
        return command

    def run(self, *words, usual=True, environment=None, stdin=None, timeout=60, cwd=None):
        done = subprocess.run(self.command(*words, usual=usual), input=stdin, capture_output=True,
                              env=self.environment(environment), timeout=timeout, cwd=cwd or self.folder)
        return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def start(self, *words, environment=None):
        process = subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(environment), cwd=self.folder)
        self.started.append(process)
        return process

    def push(self, export, *options, **more):
        """A push without a rate limit, as JSON."""
        return self.run("push", export, "--rate", "none", "--json", *options, **more)

    def plan(self, export, *options, **more):
        return self.run("plan", export, "--json", *options, **more)

    def load(self, rows, *options):
        """A first load of these people that must go well; gives the export's path."""
        export = self.export(rows)
        done = self.push(export, "--first-load", *options)
        assert done.exit == 0, (done.exit, done.err)
        return export

    def show(self, *options):
        """The rows of the latest run, from the state."""
        done = self.run("show", "latest", "--json", *options)
        assert done.exit == 0, done.err
        return done.document()

    def latest(self, name):
        path = self.path("state", "runs", "latest", name)
        with open(path, "rb") as stream:
            return stream.read()

    def results(self):
        import csv
        import io
        return list(csv.DictReader(io.StringIO(self.latest("results.csv").decode("utf-8-sig"))))

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def quote(cell):
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\r\n') else cell


def guards(document):
    return {guard["name"]: guard for guard in document["guards"]}


def tripped(document):
    """The names of the guards that stopped this plan or run."""
    return sorted(g["name"] for g in document["guards"] if not g["passed"] and not g["ignored"])


def listing(folder):
    """Everything below a folder, so that the smallest trace shows."""
    seen = {}
    for path, folders, files in os.walk(folder):
        for name in [*folders, *files, "."]:
            found = os.lstat(os.path.join(path, name))
            seen[os.path.join(path, name)] = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode)
    return seen


def rewrite(path, old, new):
    """Replaces bytes in a file and keeps its times."""
    found = os.stat(path)
    with open(path, "rb") as stream:
        data = stream.read()
    assert old in data, (path, old)
    with open(path, "wb") as stream:
        stream.write(data.replace(old, new, 1))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def check_sums(counts, push=True):
    actions = ["new", "changed", "unchanged", "left_out", "rejected", "repeated", "held"]
    assert counts["rows"] == sum(counts[a] for a in actions), counts
    if push:
        outcomes = ["accepted", "refused", "unknown", "not_reached"]
        assert counts["new"] + counts["changed"] == sum(counts[o] for o in outcomes), counts


def night(function):
    """Marks a whole-run test; its name is a sentence about behaviour."""
    function.is_night = True
    return function
