#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes samples/: the founding story as reports and mails of our own making, the same bytes at every run.

usage: make_samples.py [DIR]
"""
import base64
import datetime
import gzip
import io
import os
import random
import sys
import zipfile

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..", "samples")
FIRST, LAST = datetime.date(2026, 10, 20), datetime.date(2026, 11, 22)
BREAK = datetime.date(2026, 11, 12)
DOMAIN = "example.org"
chance = random.Random(20261112)


def record(ip, count, disposition, dkim, spf, auths, header_from=DOMAIN, envelope=None, reason=None):
    why = f"<reason><type>{reason[0]}</type><comment>{reason[1]}</comment></reason>" if reason else ""
    mail_from = f"<envelope_from>{envelope}</envelope_from>" if envelope else ""
    results = ""
    for kind, domain, detail, result in auths:
        extra = f"<selector>{detail}</selector>" if kind == "dkim" else f"<scope>{detail}</scope>"
        results += f"   <{kind}><domain>{domain}</domain>{extra}<result>{result}</result></{kind}>\n"
    return (f" <record>\n  <row><source_ip>{ip}</source_ip><count>{count}</count>\n"
            f"   <policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>{why}"
            f"</policy_evaluated></row>\n"
            f"  <identifiers>{mail_from}<header_from>{header_from}</header_from></identifiers>\n"
            f"  <auth_results>\n{results}  </auth_results>\n </record>\n")


def feedback(org, email, ident, day, records):
    begin = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback>\n <version>1.0</version>\n <report_metadata>\n'
            f"  <org_name>{org}</org_name><email>{email}</email><report_id>{ident}</report_id>\n"
            f"  <date_range><begin>{begin}</begin><end>{begin + 86399}</end></date_range>\n </report_metadata>\n"
            f" <policy_published><domain>{DOMAIN}</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><sp>reject</sp><pct>100</pct>"
            f"<fo>0</fo></policy_published>\n{''.join(records)}</feedback>\n")


def feedback_9990(org, email, day, records):
    begin = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0" '
            f'xmlns:x="https://lumeninbox.example/ns">\n <version>1.0</version>\n <report_metadata><org_name>{org}</org_name>'
            f"<email>{email}</email><report_id>{day:%Y%m%d}-{DOMAIN}@lumeninbox.example</report_id>\n"
            f"  <date_range><begin>{begin}</begin><end>{begin + 86399}</end></date_range><generator>Lumen Reporter 3.1</generator>"
            f"</report_metadata>\n <policy_published><domain>{DOMAIN}</domain><discovery_method>treewalk</discovery_method>"
            f"<p>reject</p><sp>reject</sp><np>reject</np><testing>n</testing></policy_published>\n"
            f" <extension><x:queue>a</x:queue></extension>\n{''.join(records)}</feedback>\n")


def own_server(count):
    return record("192.0.2.10", count, "none", "pass", "pass",
                  [("dkim", DOMAIN, "s2026", "pass"), ("spf", DOMAIN, "mfrom", "pass")], envelope=DOMAIN)


def office(count):
    return record("198.51.100.24", count, "none", "pass", "pass",
                  [("dkim", DOMAIN, "google", "pass"), ("spf", DOMAIN, "mfrom", "pass")], envelope=DOMAIN)


def newsletter(count, disposition, ip="203.0.113.25"):
    return record(ip, count, disposition, "fail", "fail",
                  [("dkim", "mandrillapp.com", "mte1", "pass"), ("spf", "bounce.mandrillapp.com", "mfrom", "pass")],
                  envelope="bounce.mandrillapp.com")


def forwarded(count):
    return record("198.51.100.77", count, "none", "pass", "fail",
                  [("dkim", DOMAIN, "s2026", "pass"), ("spf", "alumni.example", "mfrom", "pass")], envelope="alumni.example")


def spoofed(ip):
    return record(ip, chance.randint(1, 3), "reject", "fail", "fail", [("spf", DOMAIN, "mfrom", "fail")], envelope=DOMAIN)


def records_of(day, size, refuses):
    weekday = day.weekday() < 5
    out = [own_server(size + chance.randint(0, size // 4) if weekday else size // 3), office(size // 2 if weekday else size // 8)]
    if chance.random() < 0.6:
        out.append(forwarded(chance.randint(1, 6)))
    if day >= BREAK:
        out.append(newsletter(chance.randint(14, 22), "reject" if refuses else "none", chance.choice(["203.0.113.25", "203.0.113.26"])))
    for _ in range(chance.randint(0, 3)):
        out.append(spoofed(f"203.0.113.{chance.randint(100, 199)}" if chance.random() < 0.8 else f"2001:db8:{chance.randint(1, 999):x}::5"))
    return out


def write(name, data):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(data.encode() if isinstance(data, str) else data)


def gz(text):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as handle:
        handle.write(text.encode())
    return out.getvalue()


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def mail(org, domain, day, ident, attachment, name, mime):
    data = base64.encodebytes(attachment).decode()
    return (f"From: {org} <dmarc-reports@{domain}>\nTo: dmarc@{DOMAIN}\n"
            f"Subject: Report Domain: {DOMAIN} Submitter: {domain} Report-ID: <{ident}>\n"
            f"Date: {day:%a, %d %b %Y} 23:59:59 +0000\nMessage-ID: <{ident}@{domain}>\nMIME-Version: 1.0\n"
            f'Content-Type: multipart/mixed; boundary="sample"\n\n--sample\nContent-Type: text/plain\n\n'
            f"This is a DMARC aggregate report for {DOMAIN}.\n\n--sample\nContent-Type: {mime}; name=\"{name}\"\n"
            f"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"{name}\"\n\n{data}\n--sample--\n")


def days():
    day = FIRST
    while day <= LAST:
        yield day
        day += datetime.timedelta(days=1)


def main():
    mbox = ""
    for day in days():
        stamp = f"{day:%Y%m%d}"
        write(f"northmail/northmail.example!{DOMAIN}!{stamp}.xml.gz",
              gz(feedback("Northmail", "dmarc-reports@northmail.example", f"nm{stamp}01", day, records_of(day, 80, True))))
        xml = feedback("Postbridge", "noreply-dmarc@postbridge.example", f"{stamp}.4711@postbridge.example", day, records_of(day, 48, True))
        text = mail("Postbridge", "postbridge.example", day, f"{stamp}.4711", gz(xml), f"postbridge.example!{DOMAIN}!{stamp}.xml.gz", "application/gzip")
        mbox += f"From dmarc@postbridge.example {day:%a %b %d} 23:59:59 {day.year}\n{text}\n"
        if day.day % 3 == 0:
            xml = feedback("Harbor Mail", "reports@harbormail.example", f"hm-{stamp}", day, records_of(day, 24, False))
            text = mail("Harbor Mail", "harbormail.example", day, f"hm-{stamp}", zipped([(f"harbormail.example!{DOMAIN}!{stamp}.xml", xml)]),
                        f"harbormail.example!{DOMAIN}!{stamp}.zip", "application/zip")
            folder = "cur" if day < LAST - datetime.timedelta(days=7) else "new"
            write(f"maildir/{folder}/{stamp}.harbor{':2,S' if folder == 'cur' else ''}", text)
        if day.weekday() == 6:
            write(f"lumen-{stamp}.xml", feedback_9990("Lumen Inbox", "dmarc@lumeninbox.example", day, records_of(day, 16, False)))
    write("maildir/tmp/.keep", "")
    write("postbridge.mbox", mbox)
    day = LAST
    several = [(f"quarry-{n}.xml", feedback("Quarry Post", "dmarc@quarrypost.example", f"qp{n}", day - datetime.timedelta(days=n),
                                            records_of(day - datetime.timedelta(days=n), 12, False))) for n in range(3)]
    write("quarry-three-days.zip", zipped(several))
    bad = feedback("Old Gate & Sons", "postmaster@oldgate.example", "og-1", day, [own_server(9), office(4)])
    write("malformed.xml", "  \n" + bad.replace("</identifiers>", "", 1))
    cut = feedback("Cedar Mail", "dmarc@cedarmail.example", "cedar-1", day, [own_server(7), office(3), forwarded(2)])
    write("cut-short.xml", cut[:cut.rindex("<record>") + 60])
    write("bounce.txt", f"550 5.7.1 Unauthenticated email from {DOMAIN} is not accepted due to domain's DMARC policy. "
          f"Please contact the administrator of {DOMAIN} domain if this was a legitimate mail.\n")
    write("bounce.eml", BOUNCE)


BOUNCE = f"""From: Mail Delivery System <mailer-daemon@northmail.example>
To: bounce@mandrillapp.com
Subject: Undelivered Mail Returned to Sender
Date: Thu, 12 Nov 2026 09:14:31 +0000
Message-ID: <20261112091431.4@northmail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="sample"

--sample
Content-Type: text/plain

Your message could not be delivered to one or more recipients.

--sample
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.northmail.example
Arrival-Date: Thu, 12 Nov 2026 09:14:30 +0000

Final-Recipient: rfc822; reader@northmail.example
Action: failed
Status: 5.7.1
Remote-MTA: dns; mx.northmail.example
Diagnostic-Code: smtp; 550-5.7.1 Unauthenticated email from {DOMAIN} is not
 accepted due to domain's DMARC policy.

--sample
Content-Type: text/rfc822-headers

Return-Path: <bounce-md_31415@bounce.mandrillapp.com>
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; s=mte1;
 d=mandrillapp.com; h=From:Subject:To:Message-Id:Date; bh=...; b=...
From: News <news@{DOMAIN}>
To: reader@northmail.example
Subject: November news
Message-ID: <31415.20261112@mandrillapp.com>

--sample--
"""

main()
