-- What are these addresses called? ?1 given (anything, source, ...). Columns: number of the row, address, ptr.
SELECT k.rowid, s.address, s.ptr FROM given(?1) k CROSS JOIN source s ON s.id = k.c1;
