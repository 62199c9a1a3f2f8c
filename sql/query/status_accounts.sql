-- How did the last fetch of each account end? Columns: what, value.
SELECT account, 'last run ' || strftime('%Y-%m-%d %H:%M', started_at, 'unixepoch') || ', ' || mails || ' mails, ' ||
       CASE WHEN error IS NOT NULL THEN 'failed: ' || error WHEN ended_at IS NULL THEN 'did not end' ELSE 'went well' END
FROM account_run ORDER BY account;
