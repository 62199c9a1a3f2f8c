-- Does an address come before another in the order of their text? ?1, ?2 sources.
SELECT a.address < b.address FROM source a, source b WHERE a.id = ?1 AND b.id = ?2;
