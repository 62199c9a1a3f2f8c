-- What did one report say?
SELECT record, source_ip, messages, disposition, dkim, spf, header_from, dkim_auth, spf_auth, sender
FROM v_records WHERE report = 2 ORDER BY record;
