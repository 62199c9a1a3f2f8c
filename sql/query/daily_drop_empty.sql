-- Takes a day's sum away where nothing is left of it. ?1 domain, ?2 day, ?3 sender, ?4 way, ?5 outcome.
DELETE FROM daily WHERE domain = ?1 AND day = ?2 AND sender = ?3 AND way = ?4 AND outcome = ?5 AND messages = 0;
