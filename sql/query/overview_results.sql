-- With which names did each sender of a domain send in a period, what did receivers see, and what did they do? Of the newest reports, until ?4
-- records are looked at, and of each sender the eight with most messages (SUMMARY_COMBOS), with all that have as many as the last of these.
-- What reads the same is one row: sets of results may differ in what is not shown, as the scope of SPF. Words are made of the 32 with most messages.
-- ?4 at most, ?5 to ?6 senders (?5 0: all), ?7 given (report): the newest that hold as many. Columns: sql/overview.h; numbers are named n_.
WITH run AS (
	SELECT r.id, r.domain, r.first_record, r.last_record,
	       sum(r.records) OVER (ORDER BY r.day DESC, r.key) - r.records AS before
	FROM report r WHERE r.id IN (SELECT c0 FROM given(?7))
), part AS (
	SELECT f.sender, i.header_from, i.envelope_from, c.auth_set, o.disposition, i.reason_set, sum(c.messages) AS messages
	FROM run r
	CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?4 - r.before - 1)
	CROSS JOIN outcome o ON o.id = c.outcome
	CROSS JOIN ident i ON i.id = c.ident
	CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
	WHERE r.before < ?4 AND +f.sender BETWEEN ?5 AND ?6
	GROUP BY f.sender, i.header_from, i.envelope_from, c.auth_set, o.disposition, i.reason_set
), large AS (
	SELECT *, rank() OVER (PARTITION BY sender ORDER BY messages DESC) AS place FROM part
), worded AS (
	SELECT p.sender, a.dkim, a.spf, p.disposition, p.header_from, p.envelope_from, p.reason_set, sum(p.messages) AS messages
	FROM large p JOIN auth_words a ON a.id = p.auth_set
	WHERE p.place <= 32
	GROUP BY p.sender, a.dkim, a.spf, p.disposition, p.header_from, p.envelope_from, p.reason_set
), most AS (
	SELECT *, rank() OVER (PARTITION BY sender ORDER BY messages DESC) AS place FROM worded
)
SELECT p.dkim, p.spf, nullif(p.disposition, ''), nullif(h.text, ''), nullif(e.text, ''), s.summary, p.sender AS n_who, p.messages AS n_messages
FROM most p JOIN name h ON h.id = p.header_from LEFT JOIN name e ON e.id = p.envelope_from
LEFT JOIN reason_set s ON s.id = p.reason_set
WHERE p.place <= 8
ORDER BY p.sender, p.messages DESC, h.text, e.text, p.dkim, p.spf, p.disposition, s.summary;
