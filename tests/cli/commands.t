#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Commands, options, exit codes, what is printed; the views as a user queries them; the founding story's first answer."""
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import time
import unicodedata

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, holds, main, report, same, test  # noqa: E402

VIEWS = {
    "v_reports": "id origin org_name email extra_contact report_id begin end domain adkim aspf p sp np pct testing fo discovery_method generator "
                 "version format errors records messages notes sha256 mail_from mail_auth imported_at counted foreign",
    "v_records": "report record day domain source_ip messages disposition dkim spf header_from envelope_from envelope_to verdict verdict_basis "
                 "under_reject bucket disputed reasons dkim_auth spf_auth sender foreign",
    "v_auth": "report record kind domain selector scope result human_result aligned",
    "v_sources": "domain sender source_ip messages passing lost at_risk forwarded undecided undetermined first_day last_day ptr class",
    "v_daily": "day domain sender messages passing lost at_risk forwarded undecided undetermined",
    "v_intake": "origin state reason report imported_at seen last_seen_at",
    "v_findings": "code domain sender messages since text why fix confidence",
}
_samples = None


def samples():
    global _samples
    if _samples is None:
        _samples = Box()
        same(_samples.run("ingest", "samples").returncode, 3)
    return _samples


@test
def help_and_version_are_there_and_every_command_has_an_example():
    box = Box()
    run = box.run("--help", before=())
    same(run.returncode, 0)
    commands = re.findall(r"^  (\w+) ", run.out, re.M)
    holds({"ingest", "report", "status", "retry", "forget"} <= set(commands), run.out)
    for command in commands:
        run = box.run(command, "--help")
        same(run.returncode, 0, command)
        holds("example: dmarcsift" in run.out, command)
    run = box.run("--version", before=())
    for word in ("dmarcsift", "libxml2", "SQLite", "libcurl", "libzip"):
        holds(word in run.out, word)
    holds(not os.path.exists(box.db), "help makes no database")


@test
def wrong_usage_is_2_and_names_the_nearest():
    box = Box()
    for args, word in ((("ingst",), "ingest"), (("report", "--sinc", "3d"), "--since"), (("ingest",), "name what"), (("report", "--since"), "needs a value"),
                       (("report", "--since", "soon"), "soon"), (("status", "x"), "no arguments"), (("ingest", "--nope", "x"), "--nope")):
        box.run("ingest", box.put("a.xml", report()))
        run = box.run(*args)
        same(run.returncode, 2, str(args))
        holds(word in run.err, f"{args}: {run.err}")
    same(box.run("report", before=("--now", "yesterday")).returncode, 2)
    same(box.run("report", before=("--jobs", "0")).returncode, 2)
    same(box.run(before=()).returncode, 2)


@test
def an_option_in_the_wrong_place_is_told_where_it_belongs():
    box = Box()
    for args, words in (("--html x report", "--html belongs to report: dmarcsift report --html ..."), ("--html=x report", "--html belongs to report: dmarcsift report --html ..."),
                        ("--links report", "--links belongs to report: dmarcsift report --links"), ("--domain a init", "--domain belongs to init: dmarcsift init --domain ..."),
                        ("--domain a", "--domain belongs to report: dmarcsift report --domain ..."), ("--again analyse", "--again belongs to analyse: dmarcsift analyse --again"),
                        ("run --csv x", "run: --csv belongs to report: dmarcsift report --csv ..."), ("report --db=x", "report: --db stands before the command: dmarcsift --db ... report"),
                        ("report -v", "report: -v stands before the command: dmarcsift -v report")):
        run = box.run(*args.split())
        same((run.returncode, run.err), (2, f"dmarcsift: {words}\n"), args)


@test
def tables_want_a_folder_and_not_the_standard_output():
    box = Box()
    box.run("ingest", box.put("a.xml", report()))
    run = box.run("report", "--csv", "-")
    same((run.returncode, run.err, os.path.exists("-")), (2, "dmarcsift: report: --csv wants a folder for its tables, not -\n", False))


@test
def two_dashes_end_the_options_and_help_is_a_near_name_too():
    box = Box()
    box.run("ingest", "--", box.put("-v.xml", report()))
    same(box.run("--", "label", "--", "192.0.2.1", "mine", "-5").returncode, 0)
    same(box.ask("SELECT count(*) FROM v_sources WHERE class <> ''"), [(1,)])
    holds("unknown option" not in box.run("explain", "--", "-1").err, "an operand")
    for given, meant in (("--hlep", "--help"), ("--htlm", "--html"), ("--cvs", "--csv"), ("--jsno", "--json")):
        holds(f"did you mean {meant}?" in box.run("report", given).err, given)
    holds("did you mean --help?" in box.run("run", "--hlep").err, "--hlep")
    same(box.run("--verson").err, "dmarcsift: unknown option --verson; did you mean --version?\n")
    box.put("a.db", "no database")
    for args in (["report", "--htlm", "x"], ["status", "x"], ["retry", "--foo"], ["fetch", "--wach"], ["run", "x"], ["ingest"], ["label", "x"], ["explain"],
                 ["analyse", "--agin"], ["forget"]):
        same(box.run(*args).returncode, 2, args)
    for args in (["explain", "x", "--foo"], ["label", "--foo"], ["forget", "x", "--foo"], ["forget", "x", "y"]):
        same((box.run(*args).returncode, box.run(*args).err.count("\n")), (2, 1), args)
    same(box.run("report").returncode, 4)
    same(box.run("report", "--htlm", "x", before=("--config", box.path + "/none")).returncode, 2)


@test
def reading_a_database_that_is_not_there_is_4():
    box = Box()
    said = f"dmarcsift: {box.db}: there is no database yet: nothing was ingested. `dmarcsift ingest FILE...` reads reports and makes it"
    for args in (["report"], ["status"], ["explain", "example.org"]):
        run = box.run(*args)
        same((run.returncode, run.err, run.out), (4, said + "\n", ""), args)
    box.put("dmarcsift/dmarcsift.conf", 'account "main" { server = "imaps://127.0.0.1:1" user = "u" password_env = "P" }\n', 0o600)
    same(box.run("report").err, said + "; `dmarcsift fetch` gets them from your mailbox\n")
    holds(not os.path.exists(box.db), "nothing is made")
    run = box.run("report", db="/dev/null/x.db")
    same(run.returncode, 4)
    holds("cannot be read" in run.err, run.err)


@test
def what_can_be_no_database_is_refused_and_no_lock_is_left_beside_it():
    box = Box()
    folder = box.put("folder/a.xml", report())[:-len("/a.xml")]
    for command in (["status"], ["ingest", folder], ["label", "x", "mine"]):
        for db, said in (("", "dmarcsift: --db names no file\n"), (folder, f"dmarcsift: {folder}: is a folder; the database is a file\n")):
            run = subprocess.run([os.path.abspath(BIN), "--db", db, *command], capture_output=True, text=True, cwd=folder, check=False,
                                 env={**os.environ, "XDG_CONFIG_HOME": box.path})
            same((run.returncode, run.stderr), (4, said), command)
    same((os.listdir(folder), os.path.exists(folder + ".lock")), (["a.xml"], False))


@test
def after_a_kill_at_the_first_rows_a_writing_command_puts_the_file_in_order():
    box = Box()
    half = box.path + "/half.db"
    db = sqlite3.connect(half)
    db.executescript("PRAGMA cache_size = 1; BEGIN; CREATE TABLE x (a); INSERT INTO x SELECT zeroblob(100000);")
    for end in ("", "-journal"):
        with open(half + end, "rb") as was, open(box.db + end, "wb") as left:
            left.write(was.read())
    db.close()
    run = box.run("report")
    same(run.returncode, 4)
    holds("was killed; run any writing command" in run.err, run.err)
    same(box.run("analyse").returncode, 0)
    same(box.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'x'"), [(0,)])
    same(box.run("ingest", "samples/lumen-20261025.xml").returncode, 0)


@test
def the_views_have_exactly_their_columns():
    box = samples()
    for view, columns in VIEWS.items():
        have = [row[1] for row in box.ask(f"PRAGMA table_info({view})")]
        same(have, columns.split(), view)


@test
def views_of_an_older_program_are_laid_down_anew():
    box = Box()
    same(box.run("ingest", "samples/lumen-20261025.xml").returncode, 0)
    ours = "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name"
    before = box.ask(ours)
    db = sqlite3.connect(box.db, isolation_level=None)
    db.executescript("DROP VIEW v_findings; DROP VIEW v_auth; CREATE VIEW v_auth AS SELECT 1 AS report; CREATE VIEW my_own AS SELECT origin FROM v_reports;")
    db.close()
    same(box.run("analyse").returncode, 0)
    mine = ("my_own", "CREATE VIEW my_own AS SELECT origin FROM v_reports")
    same(box.ask(ours), sorted(before + [mine]))
    db = sqlite3.connect(box.db, isolation_level=None)
    db.executescript("DROP VIEW v_findings; " + dict(before)["v_findings"].removesuffix(", id"))
    db.close()
    same(box.run("analyse").returncode, 0)
    same(box.ask(ours), sorted(before + [mine]), "of one whose words are the first of ours")
    laid = box.ask("PRAGMA schema_version")
    same(box.run("analyse").returncode, 0)
    same(box.ask("PRAGMA schema_version"), laid, "and once only")
    same(len(box.ask("SELECT * FROM my_own")), 1)


@test
def a_bare_shell_reads_the_file_also_read_only():
    box = samples()
    run = subprocess.run(["sqlite3", "-readonly", box.db, "SELECT count(*) > 0 FROM v_records; PRAGMA journal_mode;"], capture_output=True, text=True, check=True)
    same(run.stdout.split(), ["1", "delete"])
    same(os.stat(box.db).st_mode & 0o777, 0o600)


@test
def the_founding_story_shows_in_the_numbers():
    box = samples()
    rows = box.ask("SELECT sender, sum(messages), sum(CASE WHEN disposition = 'reject' THEN messages END), min(day) FROM v_records WHERE sender = 'mandrill'")
    sender, messages, refused, since = rows[0]
    same((sender, since), ("mandrill", "2026-11-12"))
    holds(0 < refused < messages, f"{refused} of {messages}")
    run = box.run("report", before=("--now", "2026-11-23"))
    same(run.returncode, 0)
    for words in (rf"\[X\] LOST +{refused} .*Mailchimp.* since 12 Nov\n", rf"\[!\] RISK +{messages - refused} ", "signed by mandrillapp.com",
                  r"mte1._domainkey.example.org CNAME dkim1.mandrillapp.com\n", r"mte2._domainkey.example.org CNAME dkim2.mandrillapp.com\n", "p=reject"):
        holds(re.search(words, run.out), (words, run.out))


@test
def the_text_fits_a_terminal_and_has_colour_only_there():
    box = Box()
    box.run("ingest", "samples", *(box.put(f"{n}.xml", report(str(n), domain=f"d{n}.example", count=30 + n)) for n in range(40)))
    for args in ((), ("--domain", "d7.example"), ("--plain",), ("--domain", "example.org")):
        out = box.run("report", *args).out
        holds(max(map(len, out.splitlines())) <= 80, out)
        holds(len(out.splitlines()) <= 24 and "\033" not in out, out)
    same(out.count("mte1._domainkey"), 1, "the records of one sender are told once")
    wide = Box()
    name = "\u6771\u4eac\u90f5\u4fbf" * 12
    for n in range(3):
        wide.run("ingest", wide.put(f"{n}.xml", report(str(n), domain=f"{name}{n}.example", count=30 + n, begin=1795132800 - n * 86400)))
    for args in ((), ("--domain", f"{name}1.example")):
        text = wide.run("report", *args).out
        columns = [sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.splitlines() if "_domainkey" not in line]
        holds(name[:8] in text and max(columns) <= 80, (columns, text))
    holds("and 33 more" in box.run("report").out and "d39.example" in box.run("report", before=("-v",)).out, "what does not fit is counted; -v shows it")
    colours = {}
    for name, environment, args in (("plain", "", "--plain"), ("no", "NO_COLOR=1 ", ""), ("some", "", "")):
        run = subprocess.run(["script", "-qec", f"{environment}{shlex.quote(BIN)} --db {box.db} report {args}", "/dev/null"], capture_output=True,
                             stdin=subprocess.DEVNULL, check=False)
        colours[name] = b"\033[1;31m" in run.stdout
    same(colours, {"plain": False, "no": False, "some": True})


@test
def the_founding_story_is_found_with_its_records():
    box = samples()
    code, messages, since, text, fix = box.ask("SELECT code, messages, since, text, fix FROM v_findings WHERE sender = 'mandrill' AND code = 'LOST'")[0]
    want = box.ask("SELECT sum(messages) FROM v_records WHERE bucket = 'lost' AND day > '2026-10-23'")[0][0]
    same((messages, since), (want, "2026-11-12"))
    for host in ("mte1._domainkey.example.org CNAME dkim1.mandrillapp.com", "mte2._domainkey.example.org CNAME dkim2.mandrillapp.com"):
        holds(host in fix, fix)
    run = box.run("report", "--json", "-", before=("--now", "2026-11-23"))
    same(run.returncode, 0, run.err)
    page = json.loads(run.out)
    lost = next(f for f in page["findings"] if f["code"] == "LOST")
    same((lost["messages"], lost["sender"], lost["since"]), (want, "mandrill", "2026-11-12"))
    with open("doc/dmarcsift.schema.json", encoding="utf-8") as handle:
        jsonschema.validate(page, json.load(handle))
    for domain in page["domains"]:
        same(sum(domain[k] for k in ("passing", "lost", "at_risk", "forwarded", "undecided", "undetermined")), domain["messages"])


@test
def the_schema_says_what_each_field_means():
    def unsaid(schema, name=""):
        return [n for key, x in schema.get("items", schema).get("properties", {}).items()
                for n in [f"{name}.{key}"] * ("description" not in x) + unsaid(x, f"{name}.{key}")]

    with open("doc/dmarcsift.schema.json", encoding="utf-8") as handle:
        same(unsaid(json.load(handle)), [".period.begin", ".period.end", *(f".domains.policy.{tag}" for tag in ("p", "sp", "np", "adkim", "aspf", "pct", "testing")),
                                         ".domains.senders.fix.type"], "but those whose names say it")


@test
def fail_on_sets_the_exit_status():
    box = samples()
    same(box.run("report", "--fail-on", "lost").returncode, 1)
    same(box.run("report", "--fail-on", "LOST", "--text").returncode, 1)
    other = Box()
    other.run("ingest", other.put("a.xml", report()))
    same(other.run("report", "--fail-on", "lost").returncode, 0)
    same(other.run("report", "--fail-on", "never").returncode, 2)


@test
def what_a_policy_would_lose_is_told_by_sender():
    box = samples()
    own = box.ask("SELECT sum(messages) FROM v_records WHERE sender = 'mandrill'")[0][0]
    run = box.run("report", "--policy", "reject", "--since", "2026-10-20")
    same(run.returncode, 0, run.err)
    holds(re.search(rf"^ +{own}  .*Mandrill", run.out, re.M), run.out)
    holds("0  nothing" in box.run("report", "--policy", "none").out, "none loses nothing")
    mixed = Box()
    def rec(frm, dkim_domain, n, pe):
        return (f"<record><row><source_ip>192.0.2.1</source_ip><count>{n}</count><policy_evaluated><disposition>none</disposition><dkim>{pe}</dkim><spf>{pe}</spf>"
                f"</policy_evaluated></row><identifiers><header_from>{frm}</header_from></identifiers><auth_results><dkim><domain>{dkim_domain}</domain>"
                f"<result>pass</result></dkim><spf><domain>{dkim_domain}</domain><result>pass</result></spf></auth_results></record>")
    for n in range(5):
        rows = rec("example.org", "example.org", 10, "pass") + rec("example.org", "mail.example.org", 7, "pass") + \
            rec("example.org", "mandrillapp.com", 5, "fail") + rec("news.example.org", "mandrillapp.com", 3, "fail")
        mixed.run("ingest", mixed.put(f"{n}.xml", report(str(n), begin=1795132800 + n * 86400, records=rows)))
    def total(*args):
        out = mixed.run("report", "--since", "2026-01-01", "--until", "2026-12-31", *args).out
        found = re.search(r"^ +([\d,]+)  in all", out, re.M)
        return int(found.group(1).replace(",", "")) if found else 0
    same(total("--policy", "reject"), 40)
    same(total("--policy", "reject", "--subdomain-policy", "none"), 25)
    same(total("--policy", "none", "--subdomain-policy", "reject"), 15)
    same(total("--policy", "reject", "--strict"), 75)
    same(mixed.run("report", "--policy", "hard").returncode, 2)


def row(ip, count, dkim, spf, auth, disposition="none", sender="example.org"):
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim>"
            f"<spf>{spf}</spf></policy_evaluated></row><identifiers><header_from>{sender}</header_from></identifiers><auth_results>{auth}</auth_results></record>")


@test
def a_report_without_records_is_not_nought_per_cent():
    box = Box()
    same(box.run("ingest", box.put("null.xml", report("1", records="").replace(b"<p>reject", b"<p>none"))).returncode, 0)
    same(box.ask("SELECT records, messages, counted FROM v_reports"), [(0, 0, 1)])
    for args in (("--text",), ("--html", "-"), ("--policy", "reject"), ("--json", "-")):
        out = box.run("report", "--since", "60d", *args).out
        holds(not re.search(r"\b0(\.0)? ?%", re.sub(r"<style>.*?</style>", "", out, flags=re.S)), (args, out[:300]))
    same([c for (c,) in box.ask("SELECT code FROM v_findings") if c != "STALE"], [])


@test
def forwarders_and_strangers_stay_out_of_the_users_percentage():
    box = Box()
    own = "<dkim><domain>example.org</domain><selector>s</selector><result>pass</result></dkim>"
    for day in range(40):
        records = row("192.0.2.1", 20, "pass", "pass", own + "<spf><domain>example.org</domain><result>pass</result></spf>")
        records += row("198.51.100.7", 5, "pass", "fail", own + "<spf><domain>alumni.example</domain><result>pass</result></spf>")
        records += "".join(row(f"203.0.113.{n}", 2, "fail", "fail", "<spf><domain>example.org</domain><result>fail</result></spf>") for n in range(30))
        box.put(f"in/{day}.xml", report(str(day), begin=1791763200 + 86400 * day, records=records).replace(b"<p>reject", b"<p>none"))
    box.run("ingest", os.path.join(box.path, "in"))
    out = box.run("report", "--policy", "quarantine").out
    holds("[+] Your mail that passes: 100.0 %" in out, out)
    domain = json.loads(box.run("report", "--json", "-").out)["domains"][0]
    same((domain["lost"], domain["at_risk"]), (0, 0))
    holds(domain["forwarded"] > 100 and domain["undecided"] > 1000 and domain["passing"] > 500, domain)


@test
def a_label_changes_class_and_findings_at_once():
    box = Box()
    box.run("ingest", "samples")
    same(box.ask("SELECT DISTINCT class FROM v_sources WHERE sender = 'mandrill'"), [("losing",)])
    same(box.run("label", "mandrill", "not_mine").returncode, 0)
    same(box.ask("SELECT DISTINCT class FROM v_sources WHERE sender = 'mandrill'"), [("not_you",)])
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'LOST'"), [(0,)])
    same(box.run("label", "mandrill", "mine", "newsletter").returncode, 0)
    holds("newsletter" in box.ask("SELECT text FROM v_findings WHERE code = 'LOST'")[0][0], "the name is used")
    same(box.run("label", "mandrill", "none").returncode, 0)
    holds("Mandrill" in box.ask("SELECT text FROM v_findings WHERE code = 'LOST'")[0][0], "the catalogue's name again")
    same(box.run("label", "mandrill", "friend").returncode, 2)


@test
def a_label_decides_what_is_forwarded():
    box = Box()
    box.run("ingest", "samples")
    same(box.run("label", "198.51.100.77", "mine").returncode, 0)
    same(box.ask("SELECT DISTINCT bucket FROM v_records WHERE source_ip = '198.51.100.77'"), [("passing",)])
    same(box.run("label", "198.51.100.77", "none").returncode, 0)
    same(box.ask("SELECT DISTINCT bucket FROM v_records WHERE source_ip = '198.51.100.77'"), [("forwarded",)])
    same(box.run("label", "mandrillapp.com", "forwarder").returncode, 0)
    same(box.ask("SELECT DISTINCT bucket FROM v_records WHERE sender = 'mandrill'"), [("forwarded",)])
    total = box.ask("SELECT sum(messages) FROM v_reports WHERE counted = 1")
    same(box.ask("SELECT sum(messages) FROM v_daily"), total)


@test
def the_users_own_catalogue_comes_first():
    box = Box()
    box.put("dmarcsift/senders.tsv", "id\tname\tcategory\tenvelope_domains\tdkim_d_shared\tdkim_records\tconfidence\n"
            "house\tOur own relay\ttransactional\tmandrillapp.com\tmandrillapp.com\tk1=keys.<domain>\thigh\n")
    box.run("ingest", "samples")
    same(box.ask("SELECT count(*) FROM v_sources WHERE sender = 'mandrill'"), [(0,)])
    holds(box.ask("SELECT sum(messages) FROM v_sources WHERE sender = 'house'")[0][0] > 500, "the own row names it")
    holds("k1._domainkey.example.org CNAME keys.example.org" in box.ask("SELECT fix FROM v_findings WHERE code = 'LOST'")[0][0], "and its records are told")


@test
def the_catalogue_can_be_looked_up():
    run = Box().run("senders", "mandrillapp.com")
    holds("mandrill" in run.out and "mte1._domainkey.example.org CNAME dkim1.mandrillapp.com" in run.out, run.out)
    for words in ("where     Settings > Domains (DKIM)", "SPF       CNAME <sub>.<domain> to mandrillapp.com", "else as   mandrillapp.com"):
        holds(words in run.out, f"{words}: {run.out}")
    holds("SPF       never matches your domain; DKIM is enough" in Box().run("senders", "mailchimp").out, "Mailchimp and SPF")
    holds("carrier   amazon-ses" in Box().run("senders", "resend").out, "whose servers")
    holds("sendgrid" not in Box().run("senders", "notsendgrid.net").out, "labels, not letters")
    holds(len(Box().run("senders").out.splitlines()) > 250, "the whole list")


@test
def a_flood_of_strangers_is_one_line_and_the_stream_is_found():
    box = Box()
    tool = os.path.join(os.environ.get("B", "build"), "tools", "generate")
    subprocess.run([tool, "flood", os.path.join(box.path, "in"), os.environ.get("FLOOD", "100000")], check=True)
    box.run("ingest", os.path.join(box.path, "in"))
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'NOTYOU'"), [(1,)])
    same(box.ask("SELECT code, sender, messages FROM v_findings WHERE sender IS NOT NULL"), [("LOST", "mandrill", 80)])


@test
def forwarded_mail_is_told_from_failing_mail():
    box = samples()
    same(box.ask("SELECT DISTINCT bucket FROM v_records WHERE source_ip = '198.51.100.77'"), [("forwarded",)])
    same(box.ask("SELECT DISTINCT sender FROM v_records WHERE source_ip = '198.51.100.77'"), [("alumni.example",)])
    same(box.ask("SELECT DISTINCT bucket, sender FROM v_records WHERE source_ip = '192.0.2.10'"), [("passing", "example.org")])


@test
def sums_are_equal_everywhere():
    box = samples()
    total = box.ask("SELECT sum(messages) FROM v_reports WHERE counted = 1")
    for query in ("SELECT sum(messages) FROM v_records", "SELECT sum(messages) FROM v_daily", "SELECT sum(messages) FROM v_sources",
                  "SELECT sum(passing + lost + at_risk + forwarded + undecided + undetermined) FROM v_daily",
                  "SELECT sum(passing + lost + at_risk + forwarded + undecided + undetermined) FROM v_sources"):
        same(box.ask(query), total, query)
    for view in ("v_daily", "v_sources"):
        for bucket in ("passing", "forwarded", "undecided"):
            want = box.ask("SELECT sum(messages) FROM v_records WHERE bucket = ?", bucket)
            same(box.ask(f"SELECT sum({bucket}) FROM {view}"), want, f"{view} {bucket}")


@test
def a_period_and_a_domain_can_be_chosen():
    box = samples()
    one = box.run("report", "--since", "2026-11-20", "--until", "2026-11-20")
    want = box.ask("SELECT sum(messages) FROM v_daily WHERE day = '2026-11-20'")[0][0]
    holds(f"{want:,} reported" in one.out, one.out)
    holds("example.org" in box.run("report", "--domain", "ORG").out, "subdomains are included")


@test
def of_a_domain_that_is_neither_reported_nor_configured_nothing_is_said():
    box = Box()
    box.put("dmarcsift/dmarcsift.conf", 'domains = { "example.org", "quiet.example" }\n', 0o600)
    box.run("ingest", "samples")
    same(box.run("report", "--domain", "quiet.example").out.splitlines(), ["Nothing was reported between 24 Oct and 22 Nov.",
         "Reports came, the newest for 22 Nov, but they count no message of this.", "no report yet: quiet.example"])
    box.run("ingest", box.put("kept_apart.xml", report("1", domain="foreign.example")))
    unknown = "dmarcsift: report: --domain %s: no domain of yours, reported or configured, is called so or lies below it%s\n"
    for named, near in (("exampel.org", "; did you mean example.org?"), ("mail.quiet.example", "; did you mean quiet.example?"), ("foreign.example", ""), ("", "")):
        for output in (("--text",), ("--fail-on", "LOST"), ("--json", "-"), ("--html", "-"), ("--policy", "reject"), ("--csv", box.path + "/csv")):
            run = box.run("report", "--domain", "example.org", "--domain", named, *output)
            same((run.returncode, run.out, run.err), (2, "", unknown % (named, near)), output)
    holds(not os.path.exists(box.path + "/csv"), "and nothing is written")
    os.remove(os.path.join(box.path, "dmarcsift/dmarcsift.conf"))
    same(box.run("report", "--domain", "quiet.example").returncode, 0, "the database keeps the list")


@test
def status_counts_as_the_other_outputs_do():
    box = Box()
    box.run("ingest", box.put("a.xml", report(count=1234567)))
    holds("1 report, 1,234,567 messages" in box.run("status").out, box.run("status").out)


@test
def status_tells_what_came_in_and_what_did_not():
    out = samples().run("status").out
    for word in ("stored: 88", "cut-short.xml", "Northmail", "damaged: 1"):
        holds(word in out, f"{word}: {out}")


@test
def reports_that_came_twice_under_different_ids_are_told():
    box = Box()
    box.run("ingest", box.put("a.xml", report("one")), box.put("b.xml", report("two")), box.put("c.xml", report("other count", count=4)),
            box.put("d.xml", report("other address", ip="192.0.2.9")), box.put("e.xml", report("one", org="Another")), box.put("f.xml", report("next day", begin=1795132800 + 86400)))
    same(box.ask("SELECT count(*), sum(messages) FROM v_reports"), [(6, 19)])   # all are counted, for all we know
    told = re.findall(r"^  (.* has the records of .*)$", box.run("status").out, re.M)
    same(told, ["Receiver on example.org, 2026-11-20: report 2 (two) has the records of report 1 (one)"])
    same(box.run("forget", "2").returncode, 0)
    holds("has the records of" not in box.run("status").out, "told until one is forgotten")


@test
def status_is_not_taken_in_by_a_report_dated_in_the_future():
    box = Box()
    for n, (org, domain, begin) in enumerate((("North", "example.org", 1795132800 - 20 * 86400), ("North", "example.org", 1795132800 + 400 * 86400),
                                              ("Ahead", "example.net", 1795132800 + 400 * 86400), ("North", "shop.example", 1795132800 + 2 * 86400))):
        box.run("ingest", box.put(f"{n}.xml", report(str(n), org=org, domain=domain, begin=begin)))
    out = box.run("status").out
    holds("example.org: last report 2026-10-31, 24 days ago" in out, out)
    holds("North: 3 reports, 9 messages, last 2026-11-22" in out, out)
    holds("Ahead: 1 report, 3 messages, last 2027-12-25" in out, "where there is no other day")
    holds("example.net: last" not in out and "shop.example: last" not in out, out)


def ids(box):
    return [i for (i,) in box.ask("SELECT id FROM v_reports ORDER BY id")]


@test
def forget_takes_the_one_report_that_is_meant():
    box = Box()
    for n, (ident, org, domain) in enumerate((("a", "One", "example.org"), ("b", "Two", "example.org"), ("2", "Three", "example.net"), ("3", "Four", "5"),
                                              ("x", "Five", "example.net"), ("X9", "Six", "example.net")), 1):
        same(box.run("ingest", box.put(f"{n}.xml", report(ident, org=org, domain=domain))).returncode, 0)
    same((box.run("forget", "2").out, ids(box)), ("1 report forgotten\n", [1, 3, 4, 5, 6]), "a number is not an id")
    same((box.run("forget", "2").out, ids(box)), ("1 report forgotten\n", [1, 4, 5, 6]), "an id where no report has the number")
    same((box.run("forget", "5").out, ids(box)), ("1 report forgotten\n", [1, 5, 6]), "a domain before a number")
    same((box.run("forget", "5").out, ids(box)), ("1 report forgotten\n", [1, 6]), "a domain without reports is none")
    same((box.run("forget", "X9").out, ids(box)), ("1 report forgotten\n", [1]))
    for what in ("5", "01", " 1", "1x", "example.com"):
        same((box.run("forget", what).returncode, ids(box)), (2, [1]), what)
    same(box.ask("SELECT sum(messages) FROM v_daily"), [(3,)])


@test
def forget_of_an_id_that_several_reporters_use_asks_for_the_number():
    box = Box()
    for n in range(1, 13):
        box.run("ingest", box.put(f"{n}.xml", report("20261101", org=f"R{n}\u009b31m" if n == 2 else f"R{n}")))
    run = box.run("forget", "20261101")
    same((run.returncode, run.out, len(ids(box))), (2, "", 12))
    lines = run.err.splitlines()
    same(len(lines), 12, "a head, ten reports, and how many more")
    holds("12 reports" in lines[0] and "number" in lines[0], lines[0])
    holds("1: by R1, on example.org, 2026-11-20" in lines[1], lines[1])
    holds("2 more" in lines[11] and "\u009b" not in run.err, run.err)
    same((box.run("forget", "11").returncode, ids(box)), (0, [*range(1, 11), 12]))

    copy = Box()
    for count in (3, 4):
        copy.run("ingest", copy.put(f"{count}.xml", report("x", count=count)))
    same([line.endswith(", not counted") for line in copy.run("forget", "x").err.splitlines()], [False, False, True])


@test
def a_report_whose_records_retention_removed_is_not_forgotten_alone():
    box = Box()
    box.put("dmarcsift/dmarcsift.conf", 'keep = "10d"\n', 0o600)
    old, new = box.put("old.xml", report("early", begin=1790000000)), box.put("new.xml", report("late"))
    box.run("ingest", old, new)
    same(box.run("run").returncode, 0)

    def sums():
        return box.ask("SELECT (SELECT sum(messages) FROM v_daily), (SELECT sum(messages) FROM v_sources), (SELECT sum(messages) FROM v_reports)")
    number = box.ask("SELECT id FROM v_reports WHERE report_id = 'early'")[0][0]
    for what in ("early", str(number)):
        run = box.run("forget", what)
        same((run.returncode, run.out, sums()), (2, "", [(6, 6, 6)]), what)
        holds("keep" in run.err and "domain" in run.err, run.err)
    same((box.run("forget", str(3 - number)).returncode, sums()), (0, [(3, 3, 3)]))
    same((box.run("forget", "example.org").returncode, sums()), (0, [(None, None, None)]))
    box.run("ingest", old, new)
    same(sums(), [(6, 6, 6)], "all of it can come again")


@test
def a_forgotten_domain_leaves_only_words_that_are_kept_once():
    box = Box()
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ file = "{box.path}/digest" }}\n', 0o600)
    box.run("ingest", box.put("a.xml", report(domain="old.example")))
    same(box.run("run").returncode, 0)
    same(box.ask("SELECT count(*) FROM digest_said WHERE domain = 'old.example'"), [(1,)], "there is something to forget")
    same(box.run("forget", "old.example").returncode, 0)
    same(box.ask("SELECT count(*) FROM digest_said WHERE domain = 'old.example'"), [(0,)])
    db = sqlite3.connect(box.db)
    left = {table for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if any("old.example" in str(row) for row in db.execute(f"SELECT * FROM {table}"))}
    db.close()
    same(left, {"domain", "name"}, "as the manual says")


@test
def words_of_strangers_reach_no_terminal_unescaped():
    box = Box()
    box.run("ingest", box.put("\x1b[31mevil\x07.xml", report(org="\u202eevil\u009b31m", domain="a\u200bb.example")[:-150]), box.put("b.xml", report("2", org="\u009bx")))
    for run in (box.run("status"), box.run("report"), box.run("ingest", box.put("c\x1b.xml", b"<feedback>"))):
        for text in (run.out, run.err):
            holds(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", text), repr(text))


@test
def a_full_standard_output_is_an_error():
    box = samples()
    with open("/dev/full", "wb") as full:
        for args in (["--db", box.db, "report"], ["--version"], ["--help"]):
            run = subprocess.run([os.environ.get("BIN", "build/dmarcsift"), *args], stdout=full, stderr=subprocess.PIPE, check=False)
            same(run.returncode, 4, args[-1])


@test
def the_manuals_queries_run():
    box = samples()
    names = sorted(n for n in os.listdir("samples/queries") if n.endswith(".sql"))
    holds(len(names) >= len(VIEWS), f"{len(names)} queries")
    seen = ""
    for name in names:
        with open(os.path.join("samples/queries", name), encoding="utf-8") as handle:
            text = handle.read()
        seen += text
        run = subprocess.run(["sqlite3", "-readonly", "-bail", box.db], input=text, capture_output=True, text=True, check=False)
        same((run.returncode, run.stderr), (0, ""), name)
    for view in VIEWS:
        holds(view in seen, f"a query for {view}")
    with open("doc/dmarcsift.1", encoding="utf-8") as handle:
        manual = handle.read()
    for view, columns in VIEWS.items():
        holds(view in manual, view)
        for column in columns.split():
            holds(re.search(rf"\b{column}\b", manual), f"{view}.{column} in the manual")


def query(box, name):
    """What a ready query answers, as rows of text."""
    with open(f"samples/queries/{name}.sql", encoding="utf-8") as handle:
        run = subprocess.run(["sqlite3", "-readonly", "-bail", box.db], stdin=handle, capture_output=True, text=True, check=False)
    same((run.returncode, run.stderr), (0, ""), name)
    return [line.split("|") for line in run.stdout.splitlines()]


def day_of(at):
    return time.strftime("%Y-%m-%d", time.gmtime(at))


STRANGER = ("<record><row><source_ip>198.51.100.7</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim>"
            "<spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results/></record>")


@test
def a_ready_query_counts_a_message_once_for_each_domain_that_signed_it():
    box = Box()
    one = report(count=100).decode()
    more = "".join(f"<dkim><domain>{domain}</domain><selector>{selector}</selector><result>{result}</result></dkim>" for domain, selector, result in
                   (("mandrillapp.com", "mandrill", "pass"), ("other.example", "s", "pass"), ("third.example", "s", "fail"), ("third.example", "t", "pass")))
    box.run("ingest", box.put("a.xml", one.replace("</auth_results>", more + "</auth_results>")), box.put("b.xml", report("2", count=100)))
    same(query(box, "signed_as_another"), [["mandrillapp.com", "2", "200"], ["other.example", "1", "100"], ["third.example", "1", "100"]])


@test
def a_report_dated_in_the_future_empties_no_ready_query():
    today = int(time.time()) // 86400 * 86400
    for ahead in (0, 900):  # where all days are later than tomorrow, it is the newest there is
        box, base = Box(), today + ahead * 86400
        for n in range(1, 41):
            box.run("ingest", box.put(f"{n}.xml", report(str(n), begin=base - n * 86400)), before=())
        names = ("lost_by_sender", "under_reject", "new_senders", "day_by_day", "signed_as_another")
        box.run("analyse", before=())
        before = {name: query(box, name) for name in names}
        same(before["lost_by_sender"][0][2:], ["90", day_of(base - 30 * 86400)], "of 30 days")
        same((before["under_reject"][0][2], before["signed_as_another"], len(before["day_by_day"])), ("90", [["mandrillapp.com", "30", "90"]], 30))
        same(before["new_senders"], [])
        box.run("ingest", box.put("new.xml", report("new", begin=base - 2 * 86400, records=STRANGER)), before=())
        same([row[1:3] for row in query(box, "new_senders")], [["198.51.100.7", day_of(base - 2 * 86400)]])
        if ahead:
            continue
        before = {name: query(box, name) for name in names}
        same(query(box, "last_report_of_each_receiver"), [["Receiver", "41", "123", day_of(base - 1)]])
        box.run("ingest", box.put("later.xml", report("later", begin=base + 200 * 86400, records=STRANGER.replace("198", "203"))), before=())
        for name in names:
            same(query(box, name), before[name], name)
        same(query(box, "last_report_of_each_receiver"), [["Receiver", "42", "126", day_of(base - 1)]])


@test
def days_that_receivers_left_out_are_told_by_status():
    box, base = Box(), 1795392000  # 2026-11-23

    def put(org, days, length=1, domain="example.org"):
        for n in days:
            box.put(f"in/{org}{domain}{n}.xml", report(f"{org}{n}", org=org, domain=domain, begin=base - n * 86400).replace(
                f"<end>{base - n * 86400 + 86399}".encode(), f"<end>{base - n * 86400 + 86400 * length - 1}".encode()))
    daily = [n for n in range(1, 29) if n not in (5, 6, 7, 8, 20)]
    put("Daily", daily)
    put("daily", daily, domain="example.net")  # another domain
    put("Whole", range(1, 29))
    put("Weekdays", [n for n in range(1, 40) if n % 7 > 1 and not 10 <= n <= 15])  # and a week left out
    put("Rare", range(1, 29, 5))
    put("Weekly", range(1, 40, 7), 7)
    put("Few", [1, 2, 3, 8, 9])
    same(box.run("ingest", os.path.join(box.path, "in"), before=("--now", "2026-11-23")).returncode, 0)
    out = box.run("status", before=("--now", "2026-11-23")).out.split("\n\n")
    told = [part.splitlines()[1:] for part in out if part.startswith("Days left out by")]
    same(told, [["  daily on example.net: no report from 2026-11-15 to 2026-11-18", "  Daily on example.org: no report from 2026-11-15 to 2026-11-18",
                 "  Weekdays on example.org: no report from 2026-11-08 to 2026-11-13"]], out)


@test
def a_report_that_ends_at_midnight_is_of_the_day_before():
    box, base = Box(), int(time.time()) // 86400 * 86400
    for n in (1, 2):  # to the last second, and to midnight
        box.run("ingest", box.put(f"{n}.xml", report(str(n), org=f"Receiver {n}", begin=base - 86400).replace(f"<end>{base - 1}".encode(), f"<end>{base + n - 2}".encode())), before=())
    yesterday = day_of(base - 86400)
    same(re.findall(r"Receiver \d: .* last (\S+)", box.run("status", before=()).out), [yesterday] * 2)
    same([row[3] for row in query(box, "last_report_of_each_receiver")], [yesterday] * 2)


@test
def long_names_of_receivers_are_cut_between_characters():
    box = Box()
    name = "R" + "\u00e4" * 1999
    box.run("ingest", *(box.put(f"{n}.xml", report("n" * 900 + str(n), org=name)) for n in range(2)), box.put("short.xml", report("3", org="Receiver \u00e4")))
    for args in (("status",), ("explain", "mandrill"), ("explain", "192.0.2.1")):
        out = box.run(*args).out
        holds("R" + "\u00e4" * 59 + "..." in out and name[:61] not in out and "Receiver \u00e4" in out, (args, out))
    holds("Came twice" in box.run("status").out and max(map(len, box.run("status").out.splitlines())) < 300, box.run("status").out)


@test
def the_ready_query_on_addresses_of_lost_mail_says_what_the_views_say():
    box, base = Box(), int(time.time()) // 86400 * 86400
    one = "".join(re.findall("<record>.*</record>", report(ip=ip, count=count).decode())[0] for ip, count in (("192.0.2.1", 9), ("192.0.2.2", 12), ("2001:db8::1", 1)))
    kept = one.replace("<disposition>reject", "<disposition>none").replace("192.0.2.1<", "192.0.2.9<")
    dull = STRANGER.replace("none", "reject").replace("<count>3", "<count>30")
    for n in range(1, 6):
        box.run("ingest", box.put(f"{n}.xml", report(str(n), begin=base - n * 86400, records=one + kept + dull)), box.put(f"{n}x.xml", report(str(n), domain="example.net", begin=base - n * 86400)), before=())
    box.run("label", "198.51.100.7", "mine", before=())  # a sender that is an address
    views = box.ask("SELECT domain, sender, source_ip, CAST(lost AS TEXT), first_day, last_day FROM v_sources JOIN v_findings f USING (domain, sender) WHERE f.code = 'LOST' AND lost > 0")
    same(sorted(map(tuple, query(box, "lost_addresses"))), sorted(views))
    same([row[1:4] for row in query(box, "lost_addresses")], [["198.51.100.7", "198.51.100.7", "150"], ["mandrill", "192.0.2.2", "60"], ["mandrill", "192.0.2.1", "45"],
                                                              ["mandrill", "2001:db8::1", "5"], ["mandrill", "192.0.2.1", "15"]])


@test
def what_is_summed_by_a_ready_query_leaves_foreign_domains_out_as_the_views_do():
    box = Box()
    for n in range(3):
        box.run("ingest", box.put(f"{n}.xml", report(str(n), begin=1795132800 - n * 86400)))
    names = ("day_by_day", "lost_addresses", "lost_by_sender", "new_senders", "signed_as_another", "top_sources", "under_reject")
    for name in names:
        holds(query(box, name), f"{name} finds something")
    box.run("analyse", before=("--now", "2026-11-24", "--config", box.put("c.conf", 'domains = { "example.net" }\n', 0o600)))
    same(box.ask("SELECT (SELECT count(*) FROM v_daily), (SELECT count(*) FROM v_sources)"), [(0, 0)])
    for name in names:
        same(query(box, name), [], name)


@test
def the_manual_names_every_command():
    with open("doc/dmarcsift.1", encoding="utf-8") as handle:
        manual = handle.read()
    for command in re.findall(r"^  (\w+) ", Box().run("--help", before=()).out, re.M):
        holds(f".It Cm {command}" in manual, command)
    run = subprocess.run(["mandoc", "-Tlint", "-Wwarning", "doc/dmarcsift.1"], capture_output=True, text=True, check=False)
    same(run.stdout, "", "mandoc")


@test
def two_outputs_do_not_go_into_one_file_nor_a_time_before_1970():
    box = Box()
    same(box.run("ingest", box.put("a.xml", report())).returncode, 0)
    path = os.path.join(box.path, "out")
    link = os.path.join(box.path, "link")
    os.symlink("out", link)
    for other in (path, os.path.join(box.path, ".", "out"), link):
        run = box.run("report", "--html", path, "--json", other)
        same((run.returncode, os.path.exists(path), "name one file" in run.err), (2, False, True), (other, run.err))
    run = box.run("report", "--html", "/dev/null", "--json", "/dev/null")
    same((run.returncode, run.err), (0, ""))
    run = box.run("report", before=("--now", "1969-12-28"))
    same((run.returncode, "since 1970" in run.err), (2, True), run.err)


@test
def an_output_that_fails_is_named_as_it_was_given():
    box = Box()
    same(box.run("ingest", box.put("a.xml", report())).returncode, 0)
    end, pipe = os.pipe()
    os.close(end)
    name = f"/dev/fd/{pipe}"
    run = subprocess.run([os.environ.get("BIN", "build/dmarcsift"), "--db", box.db, "report", "--html", name], stderr=subprocess.PIPE, pass_fds=[pipe], check=False)
    os.close(pipe)
    same((run.returncode, run.stderr.decode()), (4, f"dmarcsift: {name}: cannot be written: Broken pipe\n"))
    os.symlink("/dev/full", os.path.join(box.path, "link"))
    run = box.run("report", "--json", os.path.join(box.path, "link"))
    same((run.returncode, run.err), (4, f"dmarcsift: {box.path}/link: cannot be written: No space left on device\n"))


@test
def what_a_killed_run_left_beside_an_output_goes_a_day_later():
    box = Box()
    same(box.run("ingest", box.put("a.xml", report())).returncode, 0)
    old, new, other = (box.put(name, "x") for name in (".page.html.tmp-1-0", ".page.html.tmp-2-0", ".page.tmp-1-0"))
    for path in (old, other):
        os.utime(path, (1, 1))
    same(box.run("report", "--html", os.path.join(box.path, "page.html")).returncode, 0)
    same([os.path.exists(path) for path in (old, new, other)], [False, True, True])


main()
