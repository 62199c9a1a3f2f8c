-- Whose mail is each sender's of a domain? ?1 domain, ?2 to ?3 senders. Told: sender, 1 its own, ways that are direct as well, 1 one of the crowd of strangers, 1 labelled,
-- addresses, first and last day (numbers).
SELECT told(sender, mine, own_way, class_no = 0 AND basis_no = 0, basis_no = 1, addresses, first_no, last_no) FROM standing
WHERE domain = ?1 AND sender BETWEEN ?2 AND ?3;
