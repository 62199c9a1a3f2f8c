-- What are the names behind these ids? ?1 domain, ?2 source. Columns: domain, address, ptr.
SELECT d.name, s.address, s.ptr FROM domain d, source s WHERE d.id = ?1 AND s.id = ?2;
