-- From here on all that is read is of one moment.
BEGIN;
