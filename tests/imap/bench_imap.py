#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Fetching against mbsync (package isync), same mails, same Dovecot, on loopback and behind a proxy that holds every byte 50 ms each way.
Not part of the tests. usage: bench_imap.py [MAILS]. Prints medians of 3 runs and ratios; ours also parses and stores.
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

MAILS = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
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


def median(function):
    return statistics.median(function() for _ in range(3))


def ours(port):
    box = FetchBox(account(server=f"imaps://localhost:{port}", user="u", password="p", ca_file=certificate()[0]))
    began = time.monotonic()
    run = box.run("fetch")
    seconds = time.monotonic() - began
    assert run.returncode == 0 and f"{MAILS:,} mails" in run.out, (run.out, run.err)
    return seconds


def mbsync(port):
    folder = tempfile.mkdtemp()
    config = os.path.join(folder, "rc")
    with open(config, "w", encoding="ascii") as handle:
        handle.write(f"FSync no\nIMAPAccount a\nHost localhost\nPort {port}\nUser u\nPass p\nSSLType IMAPS\nCertificateFile {certificate()[0]}\nSystemCertificates no\n\n"
                     f"IMAPStore far\nAccount a\n\nMaildirStore near\nPath {folder}/m/\nInbox {folder}/m/INBOX\n\nChannel c\nFar :far:INBOX\nNear :near:INBOX\n"
                     "Sync Pull\nCreate Near\nSyncState *\n")
    os.mkdir(os.path.join(folder, "m"))
    began = time.monotonic()
    subprocess.run(["mbsync", "-q", "-c", config, "c"], check=True)
    seconds = time.monotonic() - began
    assert sum(len(files) for _, _, files in os.walk(os.path.join(folder, "m"))) >= MAILS
    shutil.rmtree(folder)
    return seconds


server = Dovecot()
try:
    server.put(*(mail(n) for n in range(MAILS)))
    proxy = Proxy(server.tls_port)
    for name, port in (("loopback", server.tls_port), ("100 ms round trip", proxy.port)):
        a = median(lambda port=port: ours(port))
        b = median(lambda port=port: mbsync(port)) if shutil.which("mbsync") else None
        print(f"{name}: {MAILS} mails fetched, parsed and stored in {a:.2f} s ({MAILS / a:,.0f} mails/s)" +
              (f"; mbsync fetches and writes them in {b:.2f} s; ratio {a / b:.2f}" if b else "; mbsync is not installed"), flush=True)
finally:
    server.stop()
    cleanup_certificate()
