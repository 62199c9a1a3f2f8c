# SPDX-License-Identifier: MIT
"""Servers for the tests of fetching: a real Dovecot, a scripted IMAP server for faults, a token endpoint. All on 127.0.0.1, ended by process id."""
import base64
import getpass
import grp
import http.server
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from kit import BIN, Box, report  # noqa: E402


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


_certificate = None


def certificate():
    """A certificate for localhost made now: (file of the certificate, which is its own authority, file of the key)."""
    global _certificate
    if _certificate is None:
        folder = tempfile.mkdtemp(prefix="dmarcsift-cert")
        cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
        _certificate = (cert, key)
    return _certificate


def cleanup_certificate():
    if _certificate is not None:
        shutil.rmtree(os.path.dirname(_certificate[0]), ignore_errors=True)


def mail(ident, body=None, subject="Report Domain: example.org", size=0):
    """A mail with a gzipped report attached, as receivers send it; body: another attachment's bytes."""
    import gzip
    data = gzip.compress(report(str(ident)), mtime=0) if body is None else body
    text = base64.encodebytes(data).decode().replace("\n", "\r\n")
    pad = ("x" * 70 + "\r\n") * (size // 72)
    return (f"From: r@receiver.example\r\nTo: dmarc@example.org\r\nSubject: {subject} {ident}\r\nMessage-ID: <{ident}@receiver.example>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n{pad}--b\r\n"
            f"Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}\r\n--b--\r\n").encode()


def plain_mail(ident):
    return f"From: a@example.com\r\nSubject: lunch {ident}\r\n\r\nNo report at all.\r\n".encode()


# What Dovecot is told, before 2.4 (Debian 12) and since, when its settings got other names.
COMMON = """
base_dir = {dir}/run
state_dir = {dir}/run
instance_name = t
log_path = {dir}/log
listen = 127.0.0.1
ssl = yes
auth_mechanisms = {mechanisms}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
mail_home = {dir}
{users}
service anvil {{
 chroot =
}}
service imap-login {{
 chroot =
 inet_listener imap {{
  port = {port}
 }}
 inet_listener imaps {{
  port = {tls_port}
  ssl = yes
 }}
}}
service imap {{
 process_limit = 50
}}
service stats {{
 chroot =
}}
"""
BEFORE_2_4 = COMMON + """
protocols = imap
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = yes
mail_location = maildir:{mails}
passdb {{
 driver = static
 args = password=p
}}
userdb {{
 driver = static
 args = uid={uid} gid={gid} home={dir}
}}
"""
SINCE_2_4 = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
""" + COMMON + """
protocols {{
 imap = yes
}}
ssl_server_cert_file = {cert}
ssl_server_key_file = {key}
auth_allow_cleartext = no
mail_driver = maildir
mail_path = {mails}
passdb static {{
 password = p
}}
userdb static {{
 fields {{
  uid = {uid}
  gid = {gid}
  home = {dir}
 }}
}}
"""
OAUTH_BEFORE_2_4 = """passdb {{
 driver = oauth2
 mechanisms = xoauth2 oauthbearer
 args = {dir}/oauth.conf
}}
"""
OAUTH_FILE = """introspection_mode = post
introspection_url = {oauth}
username_attribute = username
active_attribute = active
active_value = true
tokeninfo_url =
"""
OAUTH_SINCE_2_4 = """oauth2 {{
 introspection_mode = post
 introspection_url = {oauth}
 username_attribute = username
 active_attribute = active
 active_value = true
}}
"""
ACL_BEFORE_2_4 = """mail_plugins = acl
protocol imap {
 mail_plugins = acl imap_acl
}
plugin {
 acl = vfile
}
"""
ACL_SINCE_2_4 = """mail_plugins {
 acl = yes
}
protocol imap {
 mail_plugins {
  imap_acl = yes
 }
}
acl_driver = vfile
"""
PREFIX = """namespace inbox {{
 inbox = yes
 prefix = {prefix}
 separator = .
}}
"""
NO_IDLE = "IMAP4rev1 SASL-IR LITERAL+ ID UIDPLUS MOVE NAMESPACE"
NO_MOVE = "IMAP4rev1 SASL-IR LITERAL+ ID IDLE UIDPLUS NAMESPACE"


def dovecot_program():
    return shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin")


def is_since_2_4():
    said = subprocess.run([dovecot_program(), "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(int(n) for n in re.findall(r"\d+", said)[:2]) >= (2, 4)


class Dovecot:
    """
    A Dovecot of its own: user u, password p; its mails lie in self.mails. oauth: where it asks about tokens; mechanisms: ways to log in; capability: what it
    says it can; acl: rights by dovecot-acl files; prefix: of all folders; keys: certificate and key.
    """

    def __init__(self, oauth=None, mechanisms=None, capability=None, acl=False, prefix=None, keys=None):
        self.dir = tempfile.mkdtemp(prefix="dmarcsift-dovecot")
        os.chmod(self.dir, 0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.mails = os.path.join(self.dir, "Maildir")
        root = os.geteuid() == 0
        me = getpass.getuser()
        self.uid, self.gid = (pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid) if root else (os.getuid(), os.getgid())
        os.makedirs(self.mails)
        os.makedirs(os.path.join(self.dir, "run"))
        new = is_since_2_4()
        cert, key = keys or certificate()
        values = dict(vars(self), cert=cert, key=key, oauth=oauth, prefix=prefix,
                      mechanisms=mechanisms or "plain login" + (" xoauth2 oauthbearer" if oauth else ""),
                      users="" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {grp.getgrgid(self.gid).gr_name}\n")
        parts = [OAUTH_BEFORE_2_4] if oauth and not new else []
        parts += [SINCE_2_4 if new else BEFORE_2_4]
        parts += [OAUTH_SINCE_2_4] if oauth and new else []
        parts += [PREFIX] if prefix else []
        config = "".join(part.format(**values) for part in parts)
        if acl:
            config += ACL_SINCE_2_4 if new else ACL_BEFORE_2_4
        if capability:
            config += f"imap_capability = {capability}\n"
        self.config = os.path.join(self.dir, "dovecot.conf")
        for path, text in ((self.config, config), (os.path.join(self.dir, "oauth.conf"), OAUTH_FILE.format(**values))):
            with open(path, "w", encoding="ascii") as handle:
                handle.write(text)
        self._own()
        self.start()

    def start(self):
        self.process = subprocess.Popen([dovecot_program(), "-F", "-c", self.config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.tls_port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
            if self.process.poll() is not None:
                break
        raise RuntimeError("dovecot does not start: " + self.log())

    def log(self):
        try:
            with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as handle:
                return handle.read()[-2000:]
        except OSError:
            return "no log"

    def _own(self):
        if os.geteuid() != 0:
            return
        for folder, _, files in os.walk(self.mails):
            for name in [folder] + [os.path.join(folder, f) for f in files]:
                try:
                    os.chown(name, self.uid, self.gid)
                except FileNotFoundError:  # the server renames while we look
                    pass

    def put(self, *messages, folder=""):
        """Into INBOX, or a folder as Maildir++ names it (".A.B")."""
        base = os.path.join(self.mails, folder)
        for sub in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(base, sub), exist_ok=True)
        for message in messages:
            self.count = getattr(self, "count", 0) + 1
            name = f"{1700000000 + self.count}.M{self.count:06d}P1.test"
            with open(os.path.join(base, "tmp", name), "wb") as handle:
                handle.write(message)
            os.utime(os.path.join(base, "tmp", name), (1700000000 + self.count,) * 2)  # when it arrived
            os.rename(os.path.join(base, "tmp", name), os.path.join(base, "new", name))
        self._own()

    def files(self, folder=""):
        """Bytes of the mails in a folder."""
        base, found = os.path.join(self.mails, folder), []
        for sub in ("new", "cur"):
            path = os.path.join(base, sub)
            for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
                with open(os.path.join(path, name), "rb") as handle:
                    found.append(handle.read())
        return found

    def flags(self, folder=""):
        """Flag letters of each mail in cur; '' for those in new."""
        base = os.path.join(self.mails, folder)
        new, cur = os.path.join(base, "new"), os.path.join(base, "cur")
        return [""] * len(os.listdir(new)) + [name.rpartition("2,")[2] if "2," in name else "" for name in os.listdir(cur)]

    def halt(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()

    def restart(self):
        self.halt()
        self.start()

    def stop(self):
        self.halt()
        shutil.rmtree(self.dir, ignore_errors=True)

    def account(self, name="main", tls=True, **keys):
        settings = dict(user="u", password="p", ca_file=certificate()[0])
        settings["server"] = f"imaps://localhost:{self.tls_port}" if tls else f"imap://localhost:{self.port}"
        settings.update(keys)
        return account(name, **settings)


def account(name="main", **settings):
    """A configuration section; a value that begins with { or is a bare word is taken as it is."""
    lines = []
    for key, value in settings.items():
        if value is None:
            continue
        if key == "oauth":
            lines.append(f"\toauth {{ {value} }}\n")
        else:
            bare = isinstance(value, (int, bool)) or str(value).startswith("{") or key == "after"
            lines.append(f"\t{key} = {str(value).lower() if isinstance(value, bool) else value}\n" if bare else f'\t{key} = "{value}"\n')
    return f'account "{name}" {{\n' + "".join(lines) + "}\n"


class FetchBox(Box):
    """A box with a configuration."""

    def __init__(self, *sections):
        super().__init__()
        self.configure(*sections)

    def configure(self, *sections):
        self.put("dmarcsift/dmarcsift.conf", "".join(sections), 0o600)

    def reports(self):
        return sorted(int(i) for (i,) in self.ask("SELECT report_id FROM v_reports WHERE counted = 1"))


class Running(subprocess.Popen):
    """The program left running on a box; ended with the block where it has not ended by itself. said: what it told on stderr so far."""

    def __init__(self, box, *args):
        env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path, TZ="UTC")
        self.words = os.path.join(box.path, "stderr")
        with open(self.words, "wb") as err:
            super().__init__([BIN, "--db", box.db, *args], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)

    def said(self):
        with open(self.words, "rb") as err:
            return err.read()

    def __exit__(self, *_):
        if self.poll() is None:
            self.kill()
        self.wait()
        self.stdout.close()


def until(condition, seconds=30):
    """Waits for it; fails where it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come in time")
        time.sleep(0.05)


class Scripted:
    """
    A server that answers as the test wishes: mails is a dict of UID to bytes; on(command, session) may return bytes to send
    instead of the usual answer, None for the usual one, or "drop" to close. Plain text on loopback.
    """

    capability = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS MOVE IDLE"
    uidnext = None  # not told

    def __init__(self, mails, on=None, greeting=b"* OK ready\r\n", uidvalidity=7):
        self.mails, self.on, self.greeting, self.uidvalidity = dict(mails), on, greeting, uidvalidity
        self.moved, self.commands, self.sessions, self.by_session = [], [], 0, {}
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def account(self, name="main", **keys):
        return account(name, **dict(dict(server=f"imap://127.0.0.1:{self.port}", user="u", password="p", plain=True), **keys))

    def stop(self):
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._serve, args=(connection, self.sessions), daemon=True).start()

    def dribble(self, connection, answer):
        """To be overridden: what a hook answers is sent by this where `slow` is set."""
        connection.sendall(answer)

    def _serve(self, connection, number):
        try:
            connection.sendall(self.greeting)
            pending = b""
            while True:
                while b"\r\n" not in pending:
                    data = connection.recv(65536)
                    if not data:
                        return
                    pending += data
                line, _, pending = pending.partition(b"\r\n")
                text = line.decode("utf-8", "replace")
                self.commands.append(text)
                self.by_session.setdefault(number, []).append(text)
                answer = self.on(text, self) if self.on is not None else None
                if answer == "drop":
                    return
                if isinstance(answer, tuple):  # bytes, then drop
                    connection.sendall(answer[0])
                    return
                if answer is None:
                    connection.sendall(self.usual(text))
                else:
                    self.dribble(connection, answer)
        except OSError:
            pass
        finally:
            connection.close()

    def uids(self, text):
        """UIDs of a set such as 3,5:9,12:*."""
        found, top = [], max(self.mails, default=0)
        for part in text.split(","):
            first, _, last = part.partition(":")
            low = int(first)
            high = top if last == "*" else int(last or first)
            found += [u for u in sorted(self.mails) if min(low, high) <= u <= max(low, high)]
        return found

    def body(self, number, uid):
        data = self.mails[uid]
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (number, uid, len(data), data)

    def usual(self, text):
        tag, _, rest = text.partition(" ")
        word = rest.upper()
        ok = f"{tag} OK done\r\n".encode()
        if word.startswith("CAPABILITY"):
            return f"* CAPABILITY {self.capability}\r\n".encode() + ok
        if word.startswith("LIST"):
            name = rest.split(" ", 2)[2]
            return f'* LIST () "/" {name if name != chr(34) * 2 else chr(34) * 2}\r\n'.encode() + ok
        if word.startswith(("SELECT", "EXAMINE")):
            told = f"* OK [UIDNEXT {self.uidnext}] next\r\n" if self.uidnext else ""
            return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] valid\r\n{told}".encode() + ok
        if word.startswith("UID FETCH"):
            uids = self.uids(rest.split()[2])
            order = sorted(self.mails)
            if word.endswith("(UID INTERNALDATE)"):
                return b"".join(b'* %d FETCH (UID %d INTERNALDATE "24-Nov-2026 06:00:%02d +0000")\r\n' % (order.index(u) + 1, u, sum(self.mails[u]) % 60) for u in uids) + ok
            if "RFC822.SIZE" in word:
                return b"".join(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (order.index(u) + 1, u, self.size(u)) for u in uids) + ok
            return b"".join(self.body(order.index(u) + 1, u) for u in uids) + ok
        if word.startswith("UID MOVE"):
            for uid in self.uids(rest.split()[2]):
                self.moved.append(uid)
                del self.mails[uid]
            return ok
        if word.startswith("LOGOUT"):
            return b"* BYE\r\n" + ok
        return ok

    def size(self, uid):
        return len(self.mails[uid])


class TokenEndpoint:
    """An HTTPS endpoint: answer(path, form) gives (status, object). Keeps what was asked in self.asked."""

    def __init__(self, answer, tls=True):
        outer = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
                outer.asked.append((self.path, form))
                status, value = answer(self.path, form)
                data = json.dumps(value).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except (ssl.SSLError, ConnectionError):
                    self.close_connection = True    # who asked was killed by the test

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate())
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
