-- Copies the whole file. ?1 path of the copy.
VACUUM INTO ?1;
