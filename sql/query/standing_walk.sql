-- What did the analysis keep of the totals of a domain's senders? ?1 domain, ?2 senders from here on, ?3 1: but for strangers of a crowd whose mail is not their own. Told:
-- sender, addresses, auth_set, fail_set, own_way, 1 where it is a stranger of a crowd.
SELECT told(sender, addresses, auth_set, fail_set, own_way, stranger) FROM standing
WHERE domain = ?1 AND sender >= ?2 AND NOT (?3 AND stranger AND own_way = 0);
