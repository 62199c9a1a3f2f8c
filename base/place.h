/* SPDX-License-Identifier: MIT */
/* Names of files: beside another, and behind links. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

/* `name`, in the folder of the file `path` where it is not absolute. Caller frees. */
char *place_beside(const char *path, const char *name);

/*
 * The one name of the file, by whatever links it and its folder are named. It need not be there: where a link leads is where it
 * will be made. What cannot be followed stays as it is; opening it says why. Caller frees.
 */
char *place_resolved(const char *path);
/* 1: what is written to one is written over by what is written to the other. A device, a pipe or the like takes both. */
int place_same(const char *one, const char *other);

#endif
