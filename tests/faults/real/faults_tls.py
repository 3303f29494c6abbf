"""Real TLS against certificates made here: who is trusted, what is said when nobody is, and that no byte of a body leaves."""

import os
import shutil
import socket
import ssl
import subprocess
import threading

from faultworld import SUCCESS, Skip, answer, fault, people


def openssl(folder, *words):
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


AUTHORITY = """
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = none
email_in_dn = no
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder)
        with open(os.path.join(folder, "ca.cnf"), "w", encoding="utf-8") as stream:
            stream.write(AUTHORITY)
        for name, content in (("index.txt", ""), ("serial", "1000\n")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                stream.write(content)
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                "-subj", "/CN=Test authority", "-days", "30")
        self.file = os.path.join(folder, "ca.pem")

    def issue(self, name, host="localhost", start="20260101000000Z", end="20400101000000Z", bits=2048):
        """A certificate for 'host'; gives the file of it and its key."""
        with open(os.path.join(self.folder, name + ".ext"), "w", encoding="utf-8") as stream:
            stream.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        openssl(self.folder, "req", "-newkey", f"rsa:{bits}", "-nodes", "-keyout", name + ".key", "-out",
                name + ".csr", "-subj", f"/CN={host}")
        openssl(self.folder, "ca", "-batch", "-config", "ca.cnf", "-in", name + ".csr", "-out", name + ".crt",
                "-cert", "ca.pem", "-keyfile", "ca.key", "-startdate", start, "-enddate", end, "-extfile",
                name + ".ext", "-notext")
        return os.path.join(self.folder, name + ".crt"), os.path.join(self.folder, name + ".key")

    def sign_self(self, name):
        openssl(self.folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out",
                name + ".crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30")
        return os.path.join(self.folder, name + ".crt"), os.path.join(self.folder, name + ".key")


class TlsServer:
    """Answers success to everybody who comes through the handshake; counts what comes."""

    def __init__(self, certificate, key, oldest=None, newest=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.context.minimum_version = oldest or ssl.TLSVersion.MINIMUM_SUPPORTED
        if newest:
            self.context.maximum_version = newest
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = self.bytes = self.requests = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(plain,), daemon=True).start()

    def talk(self, plain):
        try:
            plain.settimeout(20)
            with self.context.wrap_socket(plain, server_side=True) as stream:
                while self.take(stream):
                    stream.sendall(answer(body=SUCCESS).encode())
        except (OSError, ssl.SSLError, ValueError):
            plain.close()

    def take(self, stream):
        got = b""
        while b"\r\n\r\n" not in got:
            piece = stream.recv(4096)
            if not piece:
                return False
            self.bytes += len(piece)
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            body += stream.recv(4096)
        self.bytes += length
        self.requests += 1
        return True

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def against(w, pair, *options, environment=None, host="localhost", **limits):
    server = TlsServer(*pair, **limits)
    try:
        w.fresh()
        w.url = f"https://{host}:{server.port}/api/OC_TEST/v1"
        w.mapping()
        return w.push(w.export(people(3)), *options, speed=0, environment=environment), server
    finally:
        server.close()


def refused(w, pair, words, *options, environment=None, **limits):
    done, server = against(w, pair, *options, environment=environment, **limits)
    assert done.exit == 4, (done.exit, done.err)
    assert server.bytes == 0, "bytes left for somebody who is not trusted"
    assert server.connections <= 2, f"{server.connections} connections: this is not tried again"
    for word in words:
        assert word in done.err, f"not said: {word!r} in {done.err}"
    counts = done.document()["counts"]
    assert counts["accepted"] == counts["unknown"] == 0 and counts["not_reached"] == 3, counts
    w.figure("certificates and handshakes refused")


@fault
def N16_a_certificate_of_an_authority_named_with_ca_file_is_trusted(w):
    own = Authority(w.path("ca"))
    done, server = against(w, own.issue("good"), "--ca-file", own.file)
    assert done.exit == 0, done.err
    assert server.requests == 3 and done.document()["counts"]["accepted"] == 3
    again, server = against(w, own.issue("newer"), "--ca-file", own.file, oldest=ssl.TLSVersion.TLSv1_3)
    assert again.exit == 0, again.err
    again, server = against(w, own.issue("older"), "--ca-file", own.file, newest=ssl.TLSVersion.TLSv1_2)
    assert again.exit == 0, again.err


@fault
def N16_certificates_that_prove_nothing_are_refused_before_a_byte_of_the_body(w):
    own, other = Authority(w.path("ca")), Authority(w.path("other"))
    trust = ("--ca-file", own.file)
    refused(w, own.issue("host", host="other.example"), ["localhost"], *trust)
    refused(w, own.sign_self("self"), ["self"], *trust)
    refused(w, other.issue("untrusted"), ["issuer"], *trust)
    refused(w, own.issue("weak", bits=1024), ["too weak"], *trust)
    refused(w, own.issue("wild", host="*"), ["localhost"], *trust)


@fault
def N16_a_date_that_does_not_fit_names_the_date_of_this_machine_too(w):
    own = Authority(w.path("ca"))
    trust = ("--ca-file", own.file)
    refused(w, own.issue("expired", start="20200101000000Z", end="20210101000000Z"), ["expired", "clock", "20"],
            *trust)
    refused(w, own.issue("early", start="20380101000000Z", end="20390101000000Z"), ["not yet valid", "clock"],
            *trust)
    # a good certificate, and a machine whose clock stands in the year 2001 or 2060
    years = 31556952000
    good = own.issue("good")
    refused(w, good, ["not yet valid", "clock is wrong: it says 200"], *trust,
            environment=w.faults(1, jump=f"{-25 * years}@0"))
    refused(w, good, ["expired", "clock is wrong: it says 206"], *trust,
            environment=w.faults(1, jump=f"{35 * years}@0"))


@fault
def N16_old_protocols_are_refused(w):
    own = Authority(w.path("ca"))
    pair = own.issue("good")
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        refused(w, pair, ["protocol"], "--ca-file", own.file, newest=version)


@fault
def N16_a_plain_server_where_tls_is_expected_gets_no_body(w):
    w.serve()
    w.url = w.server.url.replace("http://127.0.0.1", "https://localhost")
    done = w.push(w.export(people(3)), "--max-duration", "10s")
    assert done.exit in (4, 7), done.err
    for event in w.server.events("request"):
        raise AssertionError(f"a request in clear: {event}")


@fault
def N17_without_a_bundle_that_names_the_authority_nobody_is_trusted(w):
    own = Authority(w.path("ca"))
    pair = own.issue("good")
    refused(w, pair, ["certificate"])
    # the environment adds no trust
    refused(w, pair, ["certificate"], environment={"SSL_CERT_FILE": own.file, "CURL_CA_BUNDLE": own.file,
                                                   "SSL_CERT_DIR": own.folder})
    for name, content in (("missing.pem", None), ("empty.pem", ""), ("junk.pem", "no certificate")):
        if content is not None:
            w.write(name, content)
        done, server = against(w, pair, "--ca-file", w.path(name))
        assert done.exit == 4, (name, done.exit)
        assert server.connections == 0 and name in done.err, done.err


@fault
def N17_no_option_and_no_setting_turns_the_verification_off(w):
    for word in ("--insecure", "-k", "--no-verify", "--no-check-certificate"):
        assert w.run("push", "x.csv", word).exit == 2
    binary = os.path.join(w.build, "opspush")
    with open(binary, "rb") as stream:
        assert b"insecure" not in stream.read()


@fault
def N18_the_keys_of_a_session_are_written_nowhere(w):
    own = Authority(w.path("ca"))
    keys = w.path("keys")
    done, _ = against(w, own.issue("good"), "--ca-file", own.file, environment={"SSLKEYLOGFILE": keys})
    assert done.exit == 0, done.err
    assert not os.path.exists(keys), "the session's keys were written"


@fault
def N3_a_handshake_that_is_cut_sends_nobody_and_is_not_a_refusal(w):
    w.serve()
    w.url = w.server.url.replace("http://127.0.0.1", "https://localhost")
    rows = people(2)
    for k in (0, 1, 60):
        w.fresh()
        w.server.on(f"- read {k} reset")
        done = w.push(w.export(rows), "--max-duration", "30s")
        assert done.exit == 7, (k, done.exit, done.err)
        counts = done.document()["counts"]
        assert counts["unknown"] == 0 and counts["not_reached"] == 2, (k, counts)
