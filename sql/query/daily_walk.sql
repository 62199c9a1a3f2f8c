-- The daily roll-up of the user's domains in its own order. Columns: domain, day, sender, way, outcome, messages.
SELECT y.domain, y.day, y.sender, y.way, y.outcome, y.messages
FROM domain d CROSS JOIN daily y ON y.domain = d.id WHERE d."foreign" = 0;
