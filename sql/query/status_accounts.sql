-- How did the last fetch of each account end, what came of its mails, how far are its folders read? Columns: what, value.
-- scans: intake because every row is counted once for `status`
SELECT what, value FROM (
	SELECT account AS what, 1 AS part, 'last run ' || strftime('%Y-%m-%d %H:%M', started_at, 'unixepoch') || ', ' || printf('%,d', mails) || iif(mails = 1, ' mail, ', ' mails, ') ||
	       CASE WHEN error IS NOT NULL THEN 'failed: ' || iif(instr(error, 'account ' || account || ': ') = 1, substr(error, length(account) + 11), error) WHEN ended_at IS NULL THEN 'did not end' ELSE 'went well' END AS value
	FROM account_run
	UNION ALL
	SELECT substr(origin, 6, instr(origin, '/') - 6), 2, state || ': ' || printf('%,d', count(*))
	FROM intake WHERE origin LIKE 'imap:%' GROUP BY 1, state
	UNION ALL
	SELECT m.account, 3, m.folder || ': read up to UID ' || m.last_uid ||
	       CASE WHEN count(u.uid) FILTER (WHERE u.state = 'retry') > 0 THEN ', ' || printf('%,d', count(u.uid) FILTER (WHERE u.state = 'retry')) || ' to be read again' ELSE '' END ||
	       CASE WHEN count(u.uid) FILTER (WHERE u.state = 'settled') > 0 THEN ', ' || printf('%,d', count(u.uid) FILTER (WHERE u.state = 'settled')) || ' waiting to be moved' ELSE '' END
	FROM mailbox m LEFT JOIN mailbox_uid u ON u.account = m.account AND u.folder = m.folder GROUP BY m.account, m.folder
) ORDER BY what, part, value;
