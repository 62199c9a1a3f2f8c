#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Fetching against mbsync (package isync), same mails, same Dovecot, on loopback and behind a proxy that holds every byte 50 ms each way.
Not part of the tests. usage: bench_imap.py [MAILS [RUNS]]. Prints medians of 3 runs in turns and the median of their ratios; ours also parses and stores.
"""
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import Dovecot, FetchBox, account, certificate, cleanup_certificate, mail  # noqa: E402
from kit import BIN  # noqa: E402

MAILS = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
DELAY = 0.05


class Proxy:
    """Passes bytes on after DELAY, in both directions."""

    def __init__(self, port):
        self.port_to = port
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.socket.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port_to))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(a, b), daemon=True).start()

    @staticmethod
    def _pass(a, b):
        held, ended = [], False
        chooser = selectors.DefaultSelector()
        chooser.register(a, selectors.EVENT_READ)
        while not ended or held:
            wait = max(0, held[0][0] - time.monotonic()) if held else None
            if not ended and chooser.select(wait):
                try:
                    data = a.recv(262144)
                except OSError:
                    data = b""
                held.append((time.monotonic() + DELAY, data))
                ended = not data
            elif ended and held:
                time.sleep(wait)
            while held and held[0][0] <= time.monotonic():
                _, data = held.pop(0)
                try:
                    b.sendall(data) if data else b.shutdown(socket.SHUT_WR)
                except OSError:
                    return


def timed(command, env=None):
    """(seconds, seconds of processor) of a command that ends well."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def ours(port):
    box = FetchBox(account(server=f"imaps://localhost:{port}", user="u", password="p", ca_file=certificate()[0]))
    env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
    result = timed([BIN, "--db", box.db, "fetch"], env)
    assert len(box.reports()) == MAILS
    return result


def mbsync(port):
    folder = tempfile.mkdtemp()
    config = os.path.join(folder, "rc")
    with open(config, "w", encoding="ascii") as handle:
        handle.write(f"FSync no\nIMAPAccount a\nHost localhost\nPort {port}\nUser u\nPass p\nSSLType IMAPS\nCertificateFile {certificate()[0]}\nSystemCertificates no\n\n"
                     f"IMAPStore far\nAccount a\n\nMaildirStore near\nPath {folder}/m/\nInbox {folder}/m/INBOX\n\nChannel c\nFar :far:INBOX\nNear :near:INBOX\n"
                     "Sync Pull\nCreate Near\nSyncState *\n")
    os.mkdir(os.path.join(folder, "m"))
    result = timed(["mbsync", "-q", "-c", config, "c"])
    assert sum(len(files) for _, _, files in os.walk(os.path.join(folder, "m"))) >= MAILS
    shutil.rmtree(folder)
    return result


def middle(pairs, part):
    return statistics.median(pair[part] for pair in pairs)


def compare(name, port):
    """In turns, so that what else the machine does meets both."""
    have = shutil.which("mbsync") is not None
    a, b = [], []
    for _ in range(RUNS):
        a.append(ours(port))
        if have:
            b.append(mbsync(port))
    print(f"{name}: {MAILS} mails fetched, parsed and stored in {middle(a, 0):.2f} s ({MAILS / middle(a, 0):,.0f} mails/s; processor {middle(a, 1):.2f} s)", flush=True)
    if have:
        ratio = statistics.median(x[0] / y[0] for x, y in zip(a, b))
        print(f"  mbsync fetches and writes them in {middle(b, 0):.2f} s (processor {middle(b, 1):.2f} s); ratio {ratio:.2f}", flush=True)
    else:
        print("  mbsync is not installed (package isync)", flush=True)


server = Dovecot()
try:
    server.put(*(mail(n) for n in range(MAILS)))
    proxy = Proxy(server.tls_port)
    for name, port in (("loopback", server.tls_port), ("100 ms round trip", proxy.port)):
        compare(name, port)
finally:
    server.stop()
    cleanup_certificate()
