-- Which strangers of a crowd does a domain have by the last analysis? ?1 domain. Told: sender, addresses.
SELECT told(sender, addresses) FROM standing WHERE domain = ?1 AND stranger;
