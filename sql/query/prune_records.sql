-- Records of a range. ?1 first, ?2 last.
DELETE FROM record WHERE id BETWEEN ?1 AND ?2;
