/* SPDX-License-Identifier: MIT */
/* Folder names on the wire: modified UTF-7, RFC 3501 section 5.1.3. */
#ifndef INGEST_IMAP_UTF7_H
#define INGEST_IMAP_UTF7_H

/* From UTF-8; caller frees. Bytes that are no UTF-8 are taken as they are where ASCII and dropped else. */
char *imap_utf7_encode(const char *utf8);
/* To UTF-8, for messages; what is broken stays as it is. Caller frees. */
char *imap_utf7_decode(const char *utf7);

#endif
