#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes senders.tsv from the collected facts. usage: build_senders.py FACTS.tsv > senders.tsv

The facts are one row a service with more columns than the program needs. Here the columns are chosen, the selectors
are paired with the targets of their CNAME records, and rows of low confidence lose whatever could become advice.
"""
import sys

COLUMNS = ("id name category carrier ptr_checked networks envelope_domains dkim_d_shared selectors_naming dkim_records from_fallback_domains aligned_spf "
           "aligned_spf_how aligned_dkim where_to_configure note sources confidence").split()
ADVICE = ("dkim_records", "aligned_spf_how", "where_to_configure", "note")

# Where selectors and targets do not stand side by side in the facts: selector=target, in the order they are to be published.
RECORDS = {
    "amazon-ses": "<token1>=<token1>.dkim.amazonses.com <token2>=<token2>.dkim.amazonses.com <token3>=<token3>.dkim.amazonses.com",
    "loops": "<token1>=<token1>.dkim.amazonses.com <token2>=<token2>.dkim.amazonses.com <token3>=<token3>.dkim.amazonses.com",
    "atlassian": "atlassian-<id1>=<id1>.dkim.atlassian.net atlassian-<id2>=<id2>.dkim.atlassian.net",
    "aweber": "aweber_key_a=aweber_key_a.send.aweber.com aweber_key_b=aweber_key_b.send.aweber.com aweber_key_c=aweber_key_c.send.aweber.com",
    "azure-comm": "selector1-azurecomm-prod-net=selector1-azurecomm-prod-net._domainkey.azurecomm.net "
                  "selector2-azurecomm-prod-net=selector2-azurecomm-prod-net._domainkey.azurecomm.net",
    "brevo": "brevo1=<shown>.dkim.brevo.com brevo2=<shown>.dkim.brevo.com",
    "constantcontact": "<selector1>=<selector1>._domainkey.dkim1.ccsend.com <selector2>=<selector2>._domainkey.dkim2.ccsend.com",
    "fastmail": "fm1=fm1.<domain>.dkim.fmhosted.com fm2=fm2.<domain>.dkim.fmhosted.com fm3=fm3.<domain>.dkim.fmhosted.com",
    "firebase-auth": "firebase1=mail-<domain-doubled>.dkim1._domainkey.firebasemail.com "
                     "firebase2=mail-<domain-doubled>.dkim2._domainkey.firebasemail.com",
    "frappe-mail": "frappemail-r=<shown>",
    "freshdesk": "<random1>=wl<id>s1.domainkey.freshemail.io <random2>=wl<id>s2.domainkey.freshemail.io <random3>=wl<id>s3.domainkey.freshemail.io",
    "freshservice": "fs=wl<id>s1.domainkey.freshemail.io fs2=wl<id>s2.domainkey.freshemail.io fs3=wl<id>s3.domainkey.freshemail.io",
    "godaddy-marketing": "<shown>=<shown>.em.secureserver.net",
    "gorgias": "gor=<shown> gor2=<shown>",
    "hornetsecurity": "hse1=<shown> hse2=<shown>",
    "hubspot": "hs1-<id>=<shown>.dkim.hubspotemail.net hs2-<id>=<shown>.dkim.hubspotemail.net",
    "klaviyo": "km1=<shown>.klaviyodns.com km2=<shown>.klaviyodns.com",
    "mailbox-org": " ".join(f"MBO000{n}=MBO000{n}._domainkey.mailbox.org" for n in range(1, 5)),
    "mailchimp": "k2=dkim2.mcsv.net k3=dkim3.mcsv.net",
    "mailgun": "<selector>=",
    "mailrelay": "ipz1=<shown> ipz2=<shown>",
    "microsoft-365": "selector1=selector1-<domain-guid>._domainkey.<tenant>.onmicrosoft.com selector2=selector2-<domain-guid>._domainkey.<tenant>.onmicrosoft.com",
    "migadu": " ".join(f"key{n}=key{n}.<domain>._domainkey.migadu.com" for n in range(1, 4)),
    "oci-email": "<selector>=<selector>.<domain>.dkim.<region>.oracleemaildelivery.com",
    "ovh": " ".join(f"ovhmo-selector-{n}=ovhmo-selector-{n}._domainkey.<n>.<xx>.dkim.mail.ovh.net" for n in range(1, 3)),
    "prezly": "<selector>=<shown>",
    "proton": "protonmail=protonmail.domainkey.<token>.domains.proton.ch protonmail2=protonmail2.domainkey.<token>.domains.proton.ch "
              "protonmail3=protonmail3.domainkey.<token>.domains.proton.ch",
    "recruitly": "rly=<shown>.sendgrid.net rly2=<shown>.sendgrid.net",
    "sailthru": "sailthru=<shown>.sailthrudkim.com",
    "salesforce": "<selector>=<selector>.<token>.custdkim.salesforce.com <alternate>=<alternate>.<token>.custdkim.salesforce.com",
    "sendgrid": "s1=s1.domainkey.u<id>.wl<nnn>.sendgrid.net s2=s2.domainkey.u<id>.wl<nnn>.sendgrid.net",
    "squarespace": "squarespace=<shown>.squarespace-mail.com",
    "stripe": "<token1>=<token1>.dkim.custom-email-domain.stripe.com <token2>=<token2>.dkim.custom-email-domain.stripe.com",
    "stytch": "st=st.domainkey.u<id>.wl<nnn>.sendgrid.net st2=st2.domainkey.u<id>.wl<nnn>.sendgrid.net",
}

# Networks of which any address may carry any customer's mail, as published in SPF (spf.protection.outlook.com, _spf.google.com, amazonses.com).
NETWORKS = {
    "amazon-ses": "23.249.208.0/20 23.251.224.0/19 24.110.64.0/18 54.240.0.0/17 69.169.224.0/20 76.223.128.0/19 76.223.176.0/20 199.127.232.0/22 199.255.192.0/22 "
                  "206.55.144.0/20 216.221.160.0/19",
    "google-workspace": "74.125.0.0/16 209.85.128.0/17 2001:4860:4864::/56 2404:6800:4864::/56 2607:f8b0:4864::/56 2800:3f0:4864::/56 2a00:1450:4864::/56 "
                        "2c0f:fb50:4864::/56",
    "microsoft-365": "40.92.0.0/15 40.107.0.0/16 52.100.0.0/15 52.102.0.0/16 52.103.0.0/17 104.47.0.0/17 2a01:111:f400::/48 2a01:111:f403::/49 "
                     "2a01:111:f403:8000::/51 2a01:111:f403:c000::/51 2a01:111:f403:f000::/52",
}

# Envelopes that are a service's own beside those of the facts: what Microsoft 365 sends with an empty reverse-path passes SPF as its server's name.
ENVELOPES = {"microsoft-365": "outbound.protection.outlook.com"}

# Selectors that anybody may choose, and so name nobody.
GENERIC = set("api default dkim dyn email key1 key2 key3 mail mkt mkt1 mkt2 proofpoint selector1 selector2 sender sig1 smtp smtpapi google vip".split())
RIDERS = ("Runs on", "Runs partly on", "Sends through", "Uses ")	# products on another's servers: what they share names the carrier
DIGITS = {"<yyyymmddhhmmss>": 14, "<yyyymmdd>": 8, "<mmyy>": 4}
LETTERS = {"<6_hex>": 6, "<6_chars>": 6}
NAMING = {"postmark": "##############pm ########pm", "resend": "resend", "loops": ""}

# Names that several rows claim: the carrier's whose servers the others use. Its row alone is named by them.
OWNERS = {
    "aliyun.com": "alibaba-mail", "amazonses.com": "amazon-ses", "apple.com": "icloud", "bnc.salesforce.com": "salesforce", "createsend.com": "campaignmonitor",
    "exacttarget.com": "sfmc", "freshemail.io": "freshdesk", "google.com": "google-workspace", "icloud.com": "icloud", "mailgun.net": "mailgun",
    "mtasv.net": "postmark", "outbound.protection.outlook.com": "microsoft-365", "outlook.com": "microsoft-365", "proton.ch": "proton",
    "salesforce.com": "salesforce", "sendgrid.net": "sendgrid", "sparkpostmail.com": "sparkpost",
}


def suffix(name):
    """What a name is matched by: the part behind its last variable one."""
    return name.rpartition(">")[2].lstrip(".") if ">" in name else name


def give_back(row):
    """Takes the names out that belong to a carrier, and says which."""
    row["carrier"] = ""
    for column in ("ptr_checked", "envelope_domains", "dkim_d_shared"):
        kept = []
        for name in row[column].split():
            owner = OWNERS.get(suffix(name))
            if owner in (None, row["id"]):
                kept.append(name)
            else:
                row["carrier"] = row["carrier"] or owner
        row[column] = " ".join(kept)


def check_claims(rows):
    for column in ("ptr_checked", "envelope_domains", "dkim_d_shared"):
        claims = {}
        for row in rows:
            for name in set(map(suffix, row[column].split())):
                if name and "." in name and claims.setdefault(name, row["id"]) != row["id"]:
                    sys.exit(f"{column}: {name} is claimed by {claims[name]} and {row['id']}: say in OWNERS whose it is")


def wildcards(selector):
    """`scph<mmyy>` as `scph####` (digits), `postal-<6_chars>` as `postal-??????`; None where more is open."""
    for part, count in DIGITS.items():
        selector = selector.replace(part, "#" * count)
    for part, count in LETTERS.items():
        selector = selector.replace(part, "?" * count)
    return None if "<" in selector or selector.strip("#?") == "" else selector.lower()


def naming(rows):
    """For each id the selectors on a customer's domain that name it: not generic, three letters at least, of one service only."""
    owners = {}
    for row in rows:
        if row["confidence"] == "low" or row["note"].startswith(RIDERS):
            continue
        for selector in map(wildcards, row["dkim_selectors"].split()):
            if selector and len(selector) >= 3 and not selector.isdigit() and selector not in GENERIC:
                owners.setdefault(selector, set()).add(row["id"])
    out = {}
    for selector, ids in sorted(owners.items()):
        if len(ids) == 1:
            out.setdefault(ids.pop(), []).append(selector)
    return {**{i: " ".join(s) for i, s in out.items()}, **NAMING}


def records(row):
    """The DKIM records of a service, `selector=target`; without a target it is a TXT record with the key."""
    if row["aligned_dkim"] not in ("custom", "plan", "default"):
        return ""
    if row["id"] in RECORDS:
        return RECORDS[row["id"]]
    selectors, targets = row["dkim_selectors"].split(), row["dkim_cname_targets"].split()
    if not targets:
        first = selectors[0] if selectors else ""
        return (first if first not in ("", "<chosen>", "<shown>") else "<selector>") + "="
    if not selectors:
        selectors = ["<selector>"]
    return " ".join(f"{s.replace('<chosen>', '<selector>')}={t}" for s, t in zip(selectors, targets))


def main():
    with open(sys.argv[1], encoding="utf-8") as handle:
        lines = handle.read().splitlines()
    header = lines[0].split("\t")
    rows = [dict(zip(header, line.split("\t"))) for line in lines[1:]]
    names = naming(rows)
    for row in rows:
        row["envelope_domains"] = " ".join(filter(None, (row["envelope_domains"], ENVELOPES.get(row["id"]))))
        give_back(row)
    check_claims(rows)
    print("\t".join(COLUMNS))
    for row in rows:
        row["selectors_naming"] = names.get(row["id"], "")
        row["dkim_records"] = records(row)
        row["networks"] = NETWORKS.get(row["id"], "")
        if row["confidence"] == "low":
            row.update((name, "") for name in ADVICE)
        print("\t".join(row[name] for name in COLUMNS))


if len(sys.argv) != 2:
    sys.exit(__doc__)
main()
