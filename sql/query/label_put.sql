-- The word of the user on a sender. ?1 what, ?2 class, ?3 name, ?4 origin.
INSERT OR REPLACE INTO label (what, class, name, origin) VALUES (?1, ?2, ?3, ?4);
