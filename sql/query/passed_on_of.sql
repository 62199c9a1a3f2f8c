-- Who passed on mail of a domain with which signature? ?1 domain. Columns: signer, selector, sender, messages, streams; by signature, sender 0 first.
SELECT signer, selector, sender, messages, streams FROM passed_on WHERE domain = ?1 ORDER BY signer, selector, sender;
