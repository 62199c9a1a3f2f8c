#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Verdict, class under p=reject and contradictions of each record, from the XML to the views: the rules' own table, row by row."""
import itertools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, report, same, test  # noqa: E402

COMMENT = "arc=pass as[1].d=relay.example"
# number, From, policy_evaluated dkim/spf (None: absent), results (kind, domain, result), what else; verdict, class, contradictions
ROWS = (
    (1, "example.com", "pass", "fail", [("dkim", "example.com", "pass")], {}, "pass", "delivered", None),
    (2, "example.com", "fail", "fail", [("spf", "bounce.esp.net", "pass"), ("dkim", "esp.net", "pass")], {}, "fail", "rejected", None),
    (3, "example.com", "fail", "fail", [("dkim", "a.net", "fail"), ("dkim", "esp.net", "pass")], {}, "fail", "rejected", None),
    (4, "example.com", "fail", "pass", [("dkim", "a.net", "fail"), ("dkim", "b.net", "fail"), ("spf", "example.com", "pass")], {}, "pass", "delivered", None),
    (5, "example.com", "fail", "fail", [], {}, "fail", "rejected", None),
    (6, "example.com", None, None, [("spf", "example.com", "pass")], {}, "pass", "delivered", None),
    (7, "example.com", None, None, [], {}, "unknown", "unknown", None),
    (8, "example.com", "fail", "fail", [("spf", "example.com", "temperror")], {}, "undetermined", "undetermined", None),
    (9, "example.com", "fail", "fail", [("spf", "other.net", "temperror")], {}, "fail", "rejected", None),
    (10, "example.com", "fail", "fail", [("spf", "example.com", "permerror")], {}, "fail", "rejected", None),
    (11, "a.example.com", "fail", "fail", [], {"sp": "quarantine"}, "fail", "quarantined", None),
    (12, "a.example.com", "fail", "fail", [], {"sp": "none"}, "fail", "rejected", None),
    (13, "a.example.com", "fail", "fail", [], {"p": "quarantine", "sp": "none"}, "fail", "delivered_failing", None),
    (14, "example.com", "fail", "fail", [], {"p": "reject", "pct": 20, "disposition": "quarantine", "reason": "sampled_out"}, "fail", "rejected", None),
    (15, "example.com", "fail", "fail", [], {"p": "reject", "testing": "y", "disposition": "quarantine", "reason": "policy_test_mode"}, "fail", "rejected", None),
    (16, "example.com", "fail", "fail", [], {"p": "reject", "reason": "local_policy"}, "fail", "likely_spared", None),
    (17, "example.com", "fail", "fail", [], {"reason": "local_policy", "comment": COMMENT}, "fail", "rejected", None),
    (18, "example.com", "fail", "fail", [], {"reason": "mailing_list"}, "fail", "likely_spared", None),
    (19, "", "fail", "fail", [], {}, "fail", "rejected", None),
    (20, "example.com", "pass", "pass", [("dkim", "example.com", "fail")], {}, "pass", "delivered", "C1"),
    (21, "example.com", "fail", "fail", [("spf", "example.com", "pass")], {}, "fail", "rejected", "C2"),
    (22, "example.com", "fail", "fail", [], {"disposition": "reject"}, "fail", "rejected", None),
    (23, "example.com", "PASS", "Fail", [("dkim", "example.com", "Pass")], {}, "pass", "delivered", None),
    # beyond the table: the other contradictions, and what peers get wrong
    (24, "example.com", "pass", "fail", [("dkim", "example.com", "pass")], {"p": "reject", "disposition": "reject"}, "pass", "delivered", "C3"),
    (25, "example.com", "fail", "fail", [], {"p": "reject"}, "fail", "likely_spared", "C4"),
    (26, "a.example.com", "fail", "fail", [], {"p": "reject", "disposition": "reject"}, "fail", "rejected", None),
    (27, "example.com", "unknown", "unknown", [("dkim", "esp.net", "pass")], {}, "fail", "rejected", None),
    (28, "example.com", "unknown", "fail", [], {}, "unknown", "unknown", None),
    (29, "example.com", "fail", "unknown", [("dkim", "mail.example.com", "pass")], {}, "pass", "delivered", "C2"),
    (30, "example.com", "fail", "fail", [("dkim", "mail.example.com", "pass")], {"adkim": "s"}, "fail", "rejected", None),
    (31, "example.com", None, None, [("dkim", "mail.example.com", "pass")], {"adkim": "s"}, "fail", "rejected", None),
    (32, "a.example.co.uk", None, None, [("dkim", "b.example.co.uk", "pass")], {"domain": "example.co.uk"}, "pass", "delivered", None),
    (33, "example.co.uk", None, None, [("dkim", "other.co.uk", "pass")], {"domain": "example.co.uk"}, "fail", "rejected", None),
    (34, "example.com", "fail", "fail", [], {"p": "reject", "reason": "other"}, "fail", "likely_spared", None),
    (35, "example.com", "fail", "fail", [], {"p": "reject", "pct": 0, "disposition": "none", "reason": "sampled_out"}, "fail", "likely_spared", None),
)


def xml(number, sender, dkim, spf, auths, more):
    def tag(name, value):
        return "" if value is None else f"<{name}>{value}</{name}>"
    policy = "".join(tag(k, more.get(k)) for k in ("adkim", "aspf")) + tag("p", more.get("p", "none")) + "".join(tag(k, more.get(k)) for k in ("sp", "pct", "testing"))
    reason = f"<reason><type>{more['reason']}</type>{tag('comment', more.get('comment'))}</reason>" if "reason" in more else ""
    results = "".join(f"<{k}><domain>{d}</domain><result>{r}</result></{k}>" for k, d, r in auths)
    return (f"<feedback><version>1.0</version><report_metadata><org_name>R</org_name><email>r@r.example</email><report_id>row{number}</report_id><date_range>"
            f"<begin>1795132800</begin><end>1795219199</end></date_range></report_metadata><policy_published><domain>{more.get('domain', 'example.com')}</domain>{policy}"
            f"</policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>{more.get('disposition', 'none')}"
            f"</disposition>{tag('dkim', dkim)}{tag('spf', spf)}{reason}</policy_evaluated></row><identifiers><header_from>{sender}</header_from></identifiers>"
            f"<auth_results>{results}</auth_results></record></feedback>").encode()


_box = None


def stored():
    global _box
    if _box is None:
        _box = Box()
        for row in ROWS:
            _box.put(f"in/{row[0]}.xml", xml(*row[:6]))
        same(_box.run("ingest", os.path.join(_box.path, "in")).returncode, 0)
    return _box


def have():
    rows = stored().ask("SELECT r.report_id, c.verdict, c.under_reject, c.disputed, c.verdict_basis FROM v_records c JOIN v_reports r ON r.id = c.report")
    return {int(r[0][3:]): r[1:] for r in rows}


@test
def every_row_of_the_table_gets_its_verdict_class_and_contradictions():
    got, wrong = have(), []
    for row in ROWS:
        want = row[6:]
        if got[row[0]][:3] != want:
            wrong.append((row[0], got[row[0]][:3], want))
    same(wrong, [])


@test
def what_was_recomputed_is_said():
    got = have()
    same({n: got[n][3] for n in (1, 6, 7, 31)}, {1: "reported", 6: "recomputed", 7: "none", 31: "recomputed"})


@test
def analysing_again_judges_alike():
    before = have()
    run = stored().run("analyse", "--again")
    holds("0 records are judged otherwise" in run.out, run.out)
    same(have(), before)


@test
def analysing_again_knows_an_empty_reverse_path_by_what_was_judged():
    records = [f"<record><row><source_ip>192.0.2.{n}</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>{evaluated}</policy_evaluated></row>"
               f"<identifiers><header_from>example.org</header_from>{envelope}</identifiers><auth_results><spf><domain>mx.example.org</domain><scope>helo</scope>"
               f"<result>{result}</result></spf></auth_results></record>"
               for n, (envelope, evaluated, result) in enumerate(itertools.product(
                   ("", "<envelope_from/>", "<envelope_from>example.net</envelope_from>"),
                   ("", "<dkim>fail</dkim><spf>pass</spf>", "<dkim>fail</dkim><spf>fail</spf>"), ("pass", "temperror", "fail")), 1)]
    box = Box()
    same(box.run("ingest", box.put("x.xml", report(records="".join(records)))).returncode, 0)
    asked = "SELECT record, verdict, under_reject, disputed, bucket FROM v_records ORDER BY record"
    before = box.ask(asked)
    same([row[1] for row in before[9:12]], ["pass", "undetermined", "fail"], "an empty reverse-path")
    run = box.run("analyse", "--again")
    holds("0 records are judged otherwise" in run.out, run.out)
    same(box.ask(asked), before)


@test
def unknown_is_a_temporary_error_but_in_reports_of_opendmarc():
    box = Box()
    row = xml(1, "example.com", "fail", "fail", [("spf", "example.com", "unknown")], {}).decode().replace("<version>1.0</version>", "")
    box.put("in/1.xml", row)
    box.put("in/2.xml", row.replace("row1", "example.com:1795132800"))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    for again in (0, 1):
        same(box.ask("SELECT r.report_id, c.verdict FROM v_records c JOIN v_reports r ON r.id = c.report ORDER BY 1"), [("example.com:1795132800", "fail"), ("row1", "undetermined")])
        if not again:
            holds("0 records are judged otherwise" in box.run("analyse", "--again").out, "judged alike")


@test
def contradictions_reach_the_page_and_explain():
    page = stored().run("report", "--html", "-", "--since", "2026-11-01").out
    holds("contradict" in page, "the page names the receiver whose reports contradict themselves")


main()
