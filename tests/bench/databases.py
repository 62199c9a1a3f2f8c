# SPDX-License-Identifier: MIT
"""
Database servers of the bench's own, for peers that store in one: made below the work folder with the server's defaults, reached by a socket in
a folder of this user's only, ended by process id. Each class: begin() gives a server or the word why there is none.
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from measure import WORK


def which(program):
    """Path of a program, administrators' folders too."""
    return shutil.which(program, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/sbin")


def tree_cpu(pid):
    """CPU seconds of a process, its descendants, and those it has waited for."""
    children, used = {}, {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as handle:
                fields = handle.read().rpartition(") ")[2].split()
        except OSError:
            continue  # ended meanwhile
        this = int(path.split("/")[2])
        children.setdefault(int(fields[1]), []).append(this)
        used[this] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    total, waiting = 0.0, [pid]
    while waiting:
        this = waiting.pop()
        total += used.get(this, 0.0)
        waiting += children.get(this, [])
    return total


class Server:
    """What both have in common. `socket` is the folder of the socket, `version` what the server calls itself."""

    def __init__(self, name, user):
        self.data = os.path.abspath(os.path.join(WORK, "peers", name))
        self.socket = tempfile.mkdtemp(prefix="dmarcsift-bench-")
        self.log = open(self.data + ".log", "wb")
        self.process = None
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data)
        self.who = {}
        if os.geteuid() == 0:  # these servers refuse root
            self.who = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
            for folder in (self.data, self.socket):
                shutil.chown(folder, user)

    def call(self, *command):
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.socket, check=False, **self.who).returncode == 0

    def serve(self, *command):
        """Starts the server and waits until it answers; says if it does."""
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.socket, **self.who)
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            if self.ask("SELECT 1") == "1":
                return True
            time.sleep(0.2)
        return False

    def cpu(self):
        time.sleep(0.3)  # a backend whose client has left is still ending
        return tree_cpu(self.process.pid)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.ending)
            self.process.wait(60)
        self.log.close()
        shutil.rmtree(self.socket, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)

    def fresh(self):
        self.ask("DROP DATABASE IF EXISTS peer", base=self.home)
        self.ask("CREATE DATABASE peer", base=self.home)


class Postgres(Server):
    home = "postgres"
    ending = signal.SIGINT

    @classmethod
    def begin(cls):
        initdb = next(iter([p for p in [which("initdb")] if p] + sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)), None)
        if initdb is None:
            return "initdb is not there (package postgresql)"
        tools = os.path.dirname(os.path.realpath(initdb))
        try:
            server = cls("postgresql", "postgres")
        except (KeyError, OSError) as error:
            return f"PostgreSQL cannot be started ({error})"
        server.psql = os.path.join(tools, "psql") if os.path.exists(os.path.join(tools, "psql")) else "psql"
        if not server.call(initdb, "-D", server.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C") or \
                not server.serve(os.path.join(tools, "postgres"), "-D", server.data, "-k", server.socket, "-c", "listen_addresses="):
            server.end()
            return f"PostgreSQL cannot be started: {server.data}.log"
        server.version = "PostgreSQL " + server.ask("SHOW server_version").split()[0]
        return server

    def ask(self, sql, base="postgres"):
        """What the server answers, as text; nothing where it fails."""
        done = subprocess.run([self.psql, "-qAt", "-h", self.socket, "-U", "postgres", "-d", base, "-c", sql], capture_output=True, text=True, check=False)
        return done.stdout.strip()


class MariaDB(Server):
    home = ""
    ending = signal.SIGTERM

    @classmethod
    def begin(cls):
        install, daemon = which("mariadb-install-db"), which("mariadbd")
        if install is None or daemon is None or which("mariadb") is None:
            return "mariadbd is not there (package mariadb-server)"
        try:
            server = cls("mariadb", "mysql")
        except (KeyError, OSError) as error:
            return f"MariaDB cannot be started ({error})"
        server.path = os.path.join(server.socket, "socket")
        if not server.call(install, "--no-defaults", "--datadir=" + server.data, "--skip-test-db") or \
                not server.serve(daemon, "--no-defaults", "--datadir=" + server.data, "--socket=" + server.path, "--skip-networking", "--skip-grant-tables"):
            server.end()
            return f"MariaDB cannot be started: {server.data}.log"
        server.version = "MariaDB " + server.ask("SELECT version()").split("-")[0]
        return server

    def ask(self, sql, base=""):
        done = subprocess.run(["mariadb", "--no-defaults", "-NBS", self.path, "-e", sql] + ([base] if base else []), capture_output=True, text=True, check=False)
        return done.stdout.strip()
