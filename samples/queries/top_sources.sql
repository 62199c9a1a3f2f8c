-- Which addresses send most as a domain?
SELECT source_ip, sender, messages, passing, forwarded, undecided, first_day, last_day
FROM v_sources WHERE domain = 'example.org' ORDER BY messages DESC LIMIT 20;
