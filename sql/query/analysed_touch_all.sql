-- All domains are to be analysed anew.
DELETE FROM analysed;
