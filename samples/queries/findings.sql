-- What did the last analysis find?
SELECT code, domain, sender, messages, since, text FROM v_findings;
