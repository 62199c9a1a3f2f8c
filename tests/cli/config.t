#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The configuration file: keys, places, refusals, and what follows from it in the database."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, holds, main, report, same, test  # noqa: E402

ACCOUNT = 'account "main" { server = "imaps://imap.example.org" user = "u" password_env = "P" %s }\n'


def with_config(text, mode=0o600):
    box = Box()
    box.conf = box.put("dmarcsift/dmarcsift.conf", text, mode)
    return box


@test
def every_key_has_a_default_and_an_empty_file_is_fine():
    box = with_config("# nothing\n")
    same(box.run("ingest", box.put("a.xml", report())).returncode, 0)


@test
def no_configuration_may_be_named_too():
    box = with_config("keep = broken\n")
    same(box.run("--config", "/dev/null", "ingest", box.put("a.xml", report())).err, "")
    same(box.states(), ["stored"])


@test
def a_byte_order_mark_before_the_first_key_is_passed_over():
    box = with_config(b'\xef\xbb\xbfdomains = { "example.net" }\r\nkeeep = "3d"\r\n')
    holds(":2: unknown key keeep; did you mean keep?" in box.run("status").err, box.run("status").err)
    box.put("dmarcsift/dmarcsift.conf", b'\xef\xbb\xbfdomains = { "example.net" }\n', 0o600)
    run = box.run("ingest", box.put("a.xml", report()))
    same((run.returncode, run.err), (0, ""))
    same(box.ask('SELECT "foreign" FROM v_reports'), [(1,)])
    for text in (b"\xef\xbb\xbf", b"\xef\xbb\xbf# nothing"):
        box.put("dmarcsift/dmarcsift.conf", text, 0o600)
        same(box.run("status").returncode, 0)
    box.put("dmarcsift/dmarcsift.conf", b"\xef\xbc\xa1 = 1\n", 0o600)
    run = box.run("status")
    holds(run.returncode == 4 and "dmarcsift.conf:1: " in run.err, run.err)


@test
def every_key_is_taken():
    box = with_config('''
database = "/nowhere/else.db"
domains  = { "example.org", "example.net" }
account "main" {
	server = "imaps://imap.example.org:993"
	user = "dmarc@example.org"
	password_command = "pass show dmarc"
	folder = "INBOX"
	after = keep
	move_to = "Archive/DMARC"
	ca_file = ""
	proxy = ""
	connections = 2
	authserv_id = "mx.example.org"
}
account "second" {
	server = "imap://imap.example.net"
	user = "u"
	oauth { tenant = "t" client_id = "i" client_secret_env = "S" }
	folder = { "A", "B" }
	after = delete
	plain = true
}
output { html = "/var/www/dmarc/index.html"  csv = "/var/lib/dmarcsift/csv"  csv_records = no  json = ""  since = "30d" }
digest { to = "postmaster@example.org"  command = "/usr/sbin/sendmail -t -i" }
keep   = "400d"
label "203.0.113.8" { class = mine  name = "payroll" }
limits { mail_bytes = 1000000 records = 1000 }
thresholds { judge_messages = 30 gate_reject = 99.9 }
''')
    run = box.run("ingest", box.put("a.xml", report()))
    same((run.returncode, run.err), (0, ""))


@test
def comments_stand_anywhere_and_do_not_move_the_lines_that_are_told():
    for before in ("# a\n", "// a\n### b\n", "/* a\n# b */\n", 'keep = "3d" # c\n', "keep = 3d#c\n", 'domains = { "a.example", # main "x\n\n# "b.example",\n"c.example" } // d\n',
                   "keep = # c\n '3d' /* d */\n", 'database = "a#b//c/* \\"# d" # e\n', "database = 'a\\'#' # b\n", "database = a//b\n", 'digest { # c\n}\n'):
        box = with_config(before + "keeep = 1\n")
        line = before.count("\n") + 1
        holds(f":{line}: unknown key keeep; did you mean keep?" in box.run("status").err, (before, box.run("status").err))
    box = with_config('domains = { "example.net", # ours\n # "example.com",\n "example.org" } # all\nkeep = "3d" /* open')
    run = box.run("ingest", box.put("a.xml", report()), box.put("b.xml", report(domain="example.com")))
    same((run.returncode, run.err), (0, ""))
    same(box.ask('SELECT domain, "foreign" FROM v_reports ORDER BY 1'), [("example.com", 1), ("example.org", 0)])


@test
def comments_and_blanks_of_any_length_keep_lines_and_values():
    box = Box()
    for long in ("# " + "x" * 6_000_000, " " * 6_000_000, "/*" + "x " * 3_000_000 + "*/", "\t \t" * 2_000_000):
        run = box.run("status", before=("--config", box.put("c.conf", f'{long}\n\nkeep = "400d"{long}\nkeeep = "1d"\n', 0o600)))
        holds("c.conf:4: " in run.err and "keep" in run.err, run.err[:300])


@test
def values_keep_what_looks_like_a_comment():
    for text, value in (('"a#b//c/*d*/\\\\e"', "a#b//c/*d*/\\e"), ("'a#\\e\\'\"//'", "a#\\e'\"//"), ("a//b", "a//b"), ('"\\""', '"'), ('"\\${#}"', "${#}"),
                        ('"${NOT_SET:-#1 "a" // b}c" # d', '#1 "a" // bc'), ("${NOT_SET:-#1} # d", "#1"), ("'${#' # }", "${#"), ('"${#" # ', "${#"), ("a* # b", "a"),
                        ('"' + "a#" * 50000 + '"', "a#"), ("a\r\n# b\r\n", "a")):
        box = with_config(f"keep = {text}\n")
        err = box.run("status").err
        holds(f':1: keep wants days such as "400d", or "" for ever, not {value}' in err, (text, err))


@test
def what_is_wrong_is_told_with_line_and_what_is_allowed():
    for text, words in (("\nkeeep = \"3d\"\n", (":2:", "unknown key keeep", "did you mean keep?")),
                        ("account \"a\" {\n server = \"imaps://h\"\n folde = \"x\"\n}", (":3:", "folde", "folder")),
                        ("keep = \"3 weeks\"", ("400d", "3 weeks")),
                        (ACCOUNT % "after = burn", ("keep, seen, move or delete", "burn")),
                        (ACCOUNT % "after = move", ("move_to",)),
                        (ACCOUNT % "after = move\n move_to = \"inbox\"", ("moves mails to inbox, which it reads",)),
                        (ACCOUNT % "folder = { \"a\", \"B\" }\n after = move\n move_to = \"B\"", ("moves mails to B, which it reads",)),
                        (ACCOUNT % "folder = \"\"", ("account main wants a folder",)),
                        (ACCOUNT % "connections = 9", ("1 to 4",)),
                        (ACCOUNT % "password_file = \"/x\"", ("several",)),
                        (ACCOUNT.replace("imaps:", "https:") % "", ("imaps://HOST",)),
                        (ACCOUNT.replace('"main"', '"a/b"') % "", ("name of an account",)),
                        ('account "x" { server = "imaps://h" }', ("server and a user",)),
                        ('label "192.0.2.1" { class = friend }', ("mine, not_mine, forwarder or ignore",)),
                        ('label "192.0.2.300" { class = mine }', ("192.0.2.300", "no address, network, sender or signing domain")),
                        ('label "Mandrill" { class = mine }\nlabel "mandrill" { class = not_mine }', (":2:", "has a label already")),
                        ('label "192.0.2.7/24" { class = mine }\nlabel "192.0.2.0/24" { class = not_mine }', (":2:", "has a label already")),
                        ("limits { records = 0 }", ("above 0",)),
                        ("limits { count = 1000000000001 }", ("count is 1 to 1000000000000, not 1000000000001",)),
                        ("limits { count = 9223372036854775807 }", ("count is 1 to 1000000000000, not 9223372036854775807",)),
                        ("thresholds { gate_reject = 101 }", ("0 to 100",)),
                        ("output { since = \"lately\" }", ("30d",)),
                        ("database = \"unfinished", ("dmarcsift.conf:",)),
                        ("keep = '9d' # {\n" + (ACCOUNT % "")[:-2], (":2: what { begins here has no } at its end",)),
                        ("digest {\n to = 'x'\n}\noutput { html = '/x'", (":4: what { begins here",)),
                        ("output { html = '/x' json = '/x' }", ("html of output and json of output name one file, /x; name another",)),
                        ("output { json = 'x' }\ndigest { file = 'x' }", ("json of output and file of digest name one file",)),
                        ("output { html = 'x' json = './x' }", ("html of output and json of output name one file",)),
                        ("database = '/x'\noutput { html = '/x' }", ("database and html of output name one file",))):
        box = with_config(text)
        run = box.run("status")
        same(run.returncode, 4, text)
        for word in words:
            holds(word in run.err, (text, run.err))
        same(run.err.count("\n"), 1, run.err)
        holds(not os.path.exists(box.db), "nothing is made")
    holds("name one file" not in with_config("output { html = '/dev/null' json = '/dev/null' }").run("status").err, "a device takes both")


@test
def a_named_file_must_be_there_and_wins():
    box = with_config("wrong =")
    same(box.run("status", before=("--config", "/nonexistent.conf")).returncode, 4)
    same(box.run("ingest", box.put("a.xml", report()), before=("--config", box.put("other.conf", "", 0o600))).returncode, 0)


@test
def the_database_is_the_configurations_unless_named():
    box = Box()
    other = os.path.join(box.path, "other.db")
    conf = box.put("c.conf", f'database = "{other}"\n', 0o600)
    env = dict(os.environ, HOME=box.path, XDG_CONFIG_HOME=box.path)
    same(subprocess.run([BIN, "--config", conf, "ingest", box.put("a.xml", report())], env=env, capture_output=True, check=False).returncode, 0)
    holds(os.path.exists(other), "made there")


@test
def paths_begin_in_the_folder_of_the_configuration_or_at_home():
    box = Box()
    box.put("home/x", "")
    box.put("conf/pw", "p\n", 0o600)
    conf = box.put("conf/c.conf", 'database = "x.db"\noutput { html = "page.html" csv = "../tables" json = "~/r.json" }\ndigest { file = "digest" }\n'
                   'account "main" { server = "imap://127.0.0.1:1" user = "u" plain = true password_file = "pw" }\n', 0o600)

    def run(where, *args):
        env = {"HOME": box.path + "/home", "PATH": os.environ["PATH"]}
        return subprocess.run([BIN, "--now", "2026-11-24", *args], cwd=where, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    for where, name in (("/", conf), (box.path, "conf/c.conf"), (box.path + "/conf", "c.conf")):
        done = run(where, "--config", name, "run")
        same((done.returncode, "password" in done.stderr, "onnect" in done.stderr), (4, False, True), done.stderr)
        for made in ("conf/x.db", "conf/page.html", "tables/daily.csv", "home/r.json", "conf/digest"):
            holds(os.path.exists(os.path.join(box.path, made)), (where, made))
            os.remove(os.path.join(box.path, made))
    same(sorted(os.listdir(box.path)), ["conf", "home", "tables"])
    done = run(box.path + "/conf", "init", "--file", "../home/new.conf", "--server", "imaps://127.0.0.1:1", "--user", "u", "--password-file", "pw", "--ca-file", "/ca.pem")
    with open(box.path + "/home/new.conf", encoding="utf-8") as handle:
        written = handle.read()
    holds(f'password_file = "{box.path}/conf/pw"' in written and 'ca_file = "/ca.pem"' in written, written)
    for text, words in (('database = "~other/x.db"', "database begins with ~ and a name; only ~/ is known: ~other/x.db"),
                        ('account "a" { server = "imap://h" user = "u" oauth { client_secret_file = "~x" } }', "client_secret_file begins with ~")):
        done = with_config(text).run("status")
        same((done.returncode, words in done.stderr.decode()), (4, True), done.stderr)


@test
def a_file_others_may_write_or_secrets_they_may_read_are_refused():
    for text, mode, refused in (("", 0o664, True), ("", 0o646, True), ("", 0o644, False), (ACCOUNT % "", 0o644, False),
                                (ACCOUNT.replace("password_env", "password") % "", 0o644, True),
                                (ACCOUNT.replace("password_env", "password") % "", 0o600, False)):
        box = with_config(text, mode)
        run = box.run("ingest", box.put("a.xml", report()))
        same(run.returncode, 4 if refused else 0, (text, oct(mode), run.err))
        holds(not refused or ("refused" in run.err and "chmod" in run.err), run.err)
    if os.geteuid() == 0:
        box = with_config("")
        os.chown(box.conf, 65534, 65534)
        holds("neither root nor you" in box.run("status").err, "a stranger's file")


@test
def a_file_of_tokens_that_others_may_read_is_refused_one_that_holds_a_secret_only_is_not():
    account = 'account "main" { server = "imaps://127.0.0.1:1" user = "u" %s }\n'
    secret = 'oauth { token_url = "https://127.0.0.1:1/" client_id = "i" client_secret_file = "%s" }'
    token = '{"for": "u i", "access_token": "a", "refresh_token": "r", "expires_at": 9999999999}'
    for text, name, content in ((account % 'password_file = "%s"', "secret", "p\n"), (account % secret, "secret", "s\n"),
                                (account % 'oauth { client_id = "i" }', "dmarcsift/tokens/main.json", token)):
        for mode, refused in ((0o644, True), (0o604, True), (0o666, True), (0o600, False), (0o400, False), (0o640, os.geteuid() != 0)):
            box = Box()
            path = box.put(name, content, mode)
            box.put("dmarcsift/dmarcsift.conf", text % path if "%s" in text else text, 0o600)
            run = box.run("fetch")
            same(run.returncode, 4, run.err)  # nobody listens there
            refused = refused and name != "secret"  # as containers mount them
            same(f"refused. chmod 600 {path}\n" in run.err, refused, (name, oct(mode), run.err))
            holds(refused or "onnect" in run.err, run.err)
            warned = name == "secret" and mode & (0o004 if os.geteuid() == 0 else 0o044) != 0
            same(run.err.count(f"_file {path} can be read by others: chmod 600 {path}\n"), int(warned), (oct(mode), run.err))
            holds("can be read" not in box.run("fetch", before=("-q",)).err, "under cron it is not told each night")
            same("can be read" in box.run("run").err, warned)


@test
def domains_are_mirrored_and_strangers_are_kept_apart():
    box = Box()
    box.run("ingest", box.put("a.xml", report("1")), box.put("b.xml", report("2", domain="example.net")))
    same(sorted(box.ask("SELECT DISTINCT domain FROM v_daily")), [("example.net",), ("example.org",)])
    box.put("dmarcsift/dmarcsift.conf", 'domains = { "Example.ORG" }\n', 0o600)
    run = box.run("report", "--json", "-")
    same(run.returncode, 0)
    holds('"foreign": [' in run.out and "example.net" in run.out.split('"foreign"')[1], run.out[-300:])
    same(box.ask("SELECT DISTINCT domain FROM v_daily"), [("example.org",)])
    same(box.ask("SELECT DISTINCT domain FROM v_findings WHERE domain IS NOT NULL"), [("example.org",)])
    os.remove(os.path.join(box.path, "dmarcsift/dmarcsift.conf"))
    box.run("report")
    same(box.ask("SELECT DISTINCT domain FROM v_daily"), [("example.org",)])  # without a file the database keeps its own


@test
def of_many_configured_domains_the_last_is_yours_too():
    names = [f"{'a' * 50}-{n:06}.example" for n in range(20000)]
    box = with_config("domains = { " + ", ".join(f'"{name}"' for name in names) + " }\n")
    same(box.run("ingest", box.put("a.xml", report(domain=names[-1]))).returncode, 0)
    same(box.ask("SELECT DISTINCT domain FROM v_daily"), [(names[-1],)])
    holds("and 19,998 more" in box.run("report").out, "those without a report")
    holds("no report yet" in box.run("status").out, "likewise")


@test
def labels_are_mirrored_win_over_the_command_and_go_with_their_lines():
    box = Box()
    box.run("ingest", box.put("a.xml", report("1", count=60)))
    sender = box.ask("SELECT sender FROM v_sources")[0][0]
    same(box.ask("SELECT class FROM v_sources"), [("undecided",)])
    same(box.run("label", sender, "not_mine").returncode, 0)
    same(box.ask("SELECT class FROM v_sources"), [("not_you",)])
    box.put("dmarcsift/dmarcsift.conf", f'label "{sender}" {{ class = mine name = "Our Mandrill" }}\n', 0o600)
    run = box.run("report")
    holds("by command" in run.err and "that stands" in run.err, run.err)
    same(box.ask("SELECT class, lost FROM v_sources"), [("losing", 60)])
    holds(any(code == "LOST" for (code,) in box.ask("SELECT code FROM v_findings")), "LOST")
    same(box.run("report").err, "")
    same(box.run("label", sender, "mine", "other").err, f"dmarcsift: {sender} stays mine Our Mandrill: the configuration says so; change it there\n")
    same(box.run("label", sender, "mine").out, f"{sender} is mine: the configuration says so\n")
    box.put("dmarcsift/dmarcsift.conf", "", 0o600)
    box.run("report")
    same(box.ask("SELECT class FROM v_sources"), [("not_you",)], "the label by command is there still")
    box.put("dmarcsift/dmarcsift.conf", f'label "{sender}" {{ class = not_mine name = "Not ours" }}\n', 0o600)
    same(box.run("report").err, "", "no difference")
    same(box.run("label", sender, "none").err, f"dmarcsift: {sender} stays not_mine Not ours: the configuration says so; change it there\n")
    box.put("dmarcsift/dmarcsift.conf", "", 0o600)
    same(box.run("label", sender, "none").out, f"{sender} is without a label now\n")
    box.run("report")
    same(box.ask("SELECT class FROM v_sources"), [("undecided",)])
    same(box.run("label", sender, "mine", "one name").returncode, 0)
    box.put("dmarcsift/dmarcsift.conf", f'label "{sender}" {{ class = mine name = "another" }}\n', 0o600)
    holds("labelled mine one name by command; the configuration says mine another, and that stands" in box.run("report").err, "the name, too")
    box.put("dmarcsift/dmarcsift.conf", "", 0o600)
    box.run("report")
    same(box.ask("SELECT what, class, name, origin FROM label"), [(sender, "mine", "one name", "command")])


@test
def thresholds_change_the_judgement():
    box = Box()
    box.run("ingest", box.put("a.xml", report("1", count=10)))
    holds(("LOWDATA",) in box.ask("SELECT code FROM v_findings"), "10 messages are too few")
    box.put("dmarcsift/dmarcsift.conf", "thresholds { judge_messages = 5 }\n", 0o600)
    box.run("report")
    holds(("LOWDATA",) not in box.ask("SELECT code FROM v_findings"), "10 messages are enough now")


@test
def limits_cap_what_is_read():
    record = report().split(b"<record>")[1].split(b"</record>")[0]
    box = with_config("limits { records = 2 }\n")
    run = box.run("ingest", box.put("a.xml", report(records=(b"<record>" + record + b"</record>").decode() * 3)))
    same(run.returncode, 3)
    same(box.states(), ["damaged"])


@test
def the_largest_count_that_can_be_set_still_sums_up():
    record = report(count=10 ** 12).split(b"<record>")[1].split(b"</record>")[0].decode()
    box = with_config("limits { count = 1000000000000 }\n")
    same(box.run("ingest", box.put("a.xml", report(records=f"<record>{record}</record>" * 3000))).returncode, 0)
    same(box.ask("SELECT sum(messages) FROM v_sources"), [(3000 * 10 ** 12,)])
    run = box.run("report")
    same((run.returncode, run.err), (0, ""))
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'DECIDE'"), [(3000 * 10 ** 12,)])


@test
def a_hundred_times_the_largest_sums_is_no_overflow_either():
    box = with_config("limits { count = 1000000000000 }\n")
    record = ("<record><row><source_ip>192.0.2.1</source_ip><count>1000000000000</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>pass</spf>"
              "</policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results><spf><domain>example.org</domain>"
              "<result>pass</result></spf></auth_results></record>")
    for n in range(5):
        box.put(f"in/{n}.xml", report(str(n), begin=1795132800 - n * 86400, records=record * 19000))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    same(box.run("report").returncode, 0)
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'SPFONLY'"), [(95 * 10 ** 15,)])


@test
def a_report_of_another_day_renews_the_findings_and_goes_on_where_it_cannot():
    box = Box()
    box.run("ingest", box.put("a.xml", report()), before=("--now", "2026-11-20"))
    same([c for (c,) in box.ask("SELECT code FROM v_findings") if c == "STALE"], [])
    box.run("report", before=("--now", "2026-12-20"))
    same([c for (c,) in box.ask("SELECT code FROM v_findings") if c == "STALE"], ["STALE"])
    import fcntl
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = box.run("report", before=("--now", "2026-11-20"))
    same(run.returncode, 0)
    holds("earlier run" in run.err, run.err)


main()
