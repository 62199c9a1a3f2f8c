# SPDX-License-Identifier: MIT
# One Makefile, no recursion; everything built lies in build/. `make help` lists the targets.
# CFLAGS, CPPFLAGS, LDFLAGS and CC stay the user's. DEV=1 (default in a checkout) adds strict warnings as errors.

B       ?= build
PREFIX  ?= /usr/local
VERSION := 0.1.0
DEV     ?= $(if $(wildcard .git),1,0)
CFLAGS  ?= -O2 -g
LIBS    := libxml-2.0 zlib libzip sqlite3 libcurl gmime-3.0 libpsl libidn2 libconfuse jansson libcrypto
PKGC    := $(shell pkg-config --cflags $(LIBS) 2>/dev/null | sed 's/-I\//-isystem \//g')
PKGL    := $(shell pkg-config --libs $(LIBS) 2>/dev/null)
STRICT  := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes \
           -Wold-style-definition -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wno-unused-parameter
OURC    := -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -D_GNU_SOURCE -DDMARCSIFT_VERSION='"$(VERSION)"' -I. -I$(B) \
           -pthread -fstack-protector-strong $(if $(filter 1,$(DEV)),$(STRICT) -Werror)
COMPILE  = $(CC) $(OURC) $(PKGC) $(SAN) $(CPPFLAGS) $(CFLAGS) -MMD -MP
LINK     = $(CC) -pthread $(SAN) $(CFLAGS) $(LDFLAGS)

SRC     := $(sort $(wildcard base/*.c ingest/*.c parse/*.c sql/*.c report/*.c cli/*.c))
OBJ     := $(SRC:%.c=$(B)/%.o) $(B)/embedded.o
LIBOBJ  := $(filter-out $(B)/cli/main.o,$(OBJ))
EMBED   := $(sort $(wildcard sql/*.sql sql/query/*.sql sql/migrate/*.sql report/data/*.tsv report/*.css report/*.js cli/*.conf))
UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
TOOLS   := $(patsubst tests/tools/%.c,$(B)/tools/%,$(sort $(wildcard tests/tools/*.c)))
FUZZ    := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAY  := $(patsubst tests/fuzz/%.c,$(B)/replay/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

# For targets that do everything: all processors, unless the user said how many jobs.
EACH     = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all help deps demo check check-asan check-valgrind check-headers tools unit fuzz replay clean install uninstall lint format cover dist bench bench-peers bench-imap check-kill golden completions
all: $(B)/dmarcsift

help:
	@sed -n 's/^## //p' Makefile

## make              build the program: build/dmarcsift
$(B)/dmarcsift: $(OBJ)
	@echo "  LD $@"; $(LINK) -o $@ $(OBJ) $(PKGL)

$(B)/%.o: %.c | $(B)/.libs
	@mkdir -p $(@D)
	@echo "  CC $<"; $(COMPILE) -include base/banned.h -c -o $@ $<

$(B)/.libs:
	@mkdir -p $(B)
	@pkg-config --exists $(LIBS) || { echo "libraries are missing; run: sh tests/tools/deps.sh build" >&2; exit 1; }
	@touch $@

$(B)/embedded.c: $(EMBED) base/embed.awk
	@mkdir -p $(@D)
	@LC_ALL=C awk -f base/embed.awk $(EMBED) > $@.tmp && mv $@.tmp $@
$(B)/embedded.o: $(B)/embedded.c
	@$(COMPILE) -c -o $@ $<

# Unit tests: each tests/unit/test_NAME.c is a program over everything but main.
$(B)/unit/%: tests/unit/%.c $(LIBOBJ)
	@mkdir -p $(@D)
	@echo "  CC $<"; $(COMPILE) -Wno-unused-function -o $@ $< $(LIBOBJ) $(LDFLAGS) $(PKGL) -lcmocka
# These build a file of the program themselves: store.c with steps of the test's own, sums.c with room for few senders only, growth.c for few notes, period.c for few bits.
$(B)/unit/test_migrate: OWN = store
$(B)/unit/test_sums: OWN = sums
$(B)/unit/test_growth: OWN = growth
$(B)/unit/test_period: OWN = period
$(B)/unit/test_migrate $(B)/unit/test_sums $(B)/unit/test_growth $(B)/unit/test_period: $(B)/unit/%: tests/unit/%.c $(LIBOBJ)
	@mkdir -p $(@D)
	@echo "  CC $<"; $(COMPILE) -Wno-unused-function -o $@ $< $(filter-out $(B)/sql/$(OWN).o,$(LIBOBJ)) $(LDFLAGS) $(PKGL) -lcmocka
unit: $(UNIT)

# Tools of the tests: generators and the like, tests/tools/NAME.c.
$(B)/tools/%: tests/tools/%.c $(LIBOBJ)
	@mkdir -p $(@D)
	@echo "  CC $<"; $(COMPILE) -o $@ $< $(LIBOBJ) $(LDFLAGS) $(PKGL)
# The program with totals added, and days written, many times a run, for a test of the analysis.
OFTEN = sql/write.c sql/flow.c
$(B)/tools/dmarcsift_often: $(OFTEN) $(OBJ)
	@mkdir -p $(@D)
	@echo "  CC $@"; $(COMPILE) -DTALLIES_FEW=40 -DDAYS_MANY=2 -o $@ $(OFTEN) $(filter-out $(OFTEN:%.c=$(B)/%.o),$(OBJ)) $(LDFLAGS) $(PKGL)
tools: $(TOOLS) $(B)/tools/dmarcsift_often

# Fuzz targets: tests/fuzz/fuzz_NAME.c holds LLVMFuzzerTestOneInput; replay runs it over its corpus without a fuzzer.
$(B)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIBOBJ)
	@mkdir -p $(@D)
	@echo "  CC $<"; $(COMPILE) -Wno-missing-prototypes -o $@ $< tests/fuzz/replay.c $(LIBOBJ) $(LDFLAGS) $(PKGL)
replay: $(REPLAY)
## make fuzz         libFuzzer builds of the targets (clang) in build/fuzz/
fuzz: $(B)/embedded.c
	@mkdir -p $(B)/fuzz
	@for t in $(notdir $(FUZZ)); do \
	  clang -std=c11 -D_DEFAULT_SOURCE -D_GNU_SOURCE -D_XOPEN_SOURCE=700 -DDMARCSIFT_VERSION='"fuzz"' -g -O1 -I. -I$(B) $(PKGC) -fsanitize=fuzzer,address,undefined \
	    -o $(B)/fuzz/$$t tests/fuzz/$$t.c $(filter-out cli/main.c,$(SRC)) $(B)/embedded.c $(PKGL) -lpthread || exit 1; done
	@ls $(B)/fuzz

## make demo         everything a newcomer needs: installs what is missing, builds, reads samples/, writes the report
demo:
	@sh tests/tools/deps.sh demo
	@$(MAKE) $(EACH) --no-print-directory all
	@sh tests/tools/demo.sh $(B)

## make check        installs what the tests need and runs them all
check:
	@sh tests/tools/deps.sh check
	@$(MAKE) $(EACH) --no-print-directory all unit tools replay check-headers
	@B=$(B) PROVE='$(PROVE)' sh tests/run.sh

## make check-asan   the same tests with address and undefined behaviour sanitizers, in build/asan
check-asan:
	@sh tests/tools/deps.sh check
	@$(MAKE) $(EACH) --no-print-directory B=$(B)/asan SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' CFLAGS='-O1 -g' all unit tools replay
	@ASAN_OPTIONS=detect_stack_use_after_return=1 B=$(B)/asan PROVE='$(PROVE)' sh tests/run.sh

## make check-valgrind  a mixed ingest and a report under valgrind
check-valgrind:
	@sh tests/tools/deps.sh check
	@$(MAKE) --no-print-directory all
	@B=$(B) sh tests/tools/valgrind.sh

## make check-headers   each header compiles alone
check-headers: | $(B)/.libs
	@for h in */*.h; do $(CC) $(OURC) $(PKGC) -fsyntax-only -x c $$h || exit 1; done

## make bench        speed over generated work, as a table with ratios to the floors (BENCH_RUNS=3, BENCH_BIG=1)
bench: all tools
	@B=$(B) python3 tests/bench/bench.py
## make bench-peers  other programs on the same files beside ours (what is installed, and PyPI, crates.io, Go modules; the rest is named)
bench-peers: all tools
	@B=$(B) python3 tests/bench/peers.py

## make bench-imap   fetching 5,000 mails against mbsync, on loopback and behind 100 ms (packages dovecot-imapd, isync)
bench-imap: all
	@BIN=$(CURDIR)/$(B)/dmarcsift python3 tests/imap/bench_imap.py

## make check-kill   fetching killed 200 times at random instants, with and without MOVE (KILLS=200)
check-kill: all
	@BIN=$(CURDIR)/$(B)/dmarcsift KILLS=$${KILLS:-200} python3 tests/imap/kill.t

## make golden       rewrites the golden files; read the difference before committing
golden: all
	@B=$(B) sh tests/golden/run.sh --write

## make lint         clang-tidy, cppcheck, shellcheck, mandoc, and the layout
lint:
	@sh tests/tools/deps.sh lint
	@sh tests/tools/lint.sh

## make format       the layout of all files (tabs, ends of lines); nobody discusses it
format:
	@python3 tests/tools/format.py

## make cover        which lines the unit and command line tests reach, in build/cover, by gcov
cover:
	@sh tests/tools/deps.sh check
	@$(MAKE) --no-print-directory B=$(B)/cover SAN='--coverage' CFLAGS='-O0 -g' all unit tools replay
	@B=$(B)/cover sh tests/tools/cover.sh

## make dist         the source as a tar file, in build/
dist:
	@mkdir -p $(B)
	@git archive --format=tar.gz --prefix=dmarcsift-$(VERSION)/ -o $(B)/dmarcsift-$(VERSION).tar.gz HEAD
	@echo $(B)/dmarcsift-$(VERSION).tar.gz

## make install      program, manual, completions under PREFIX (DESTDIR honoured)
install: all
	install -Dm755 $(B)/dmarcsift $(DESTDIR)$(PREFIX)/bin/dmarcsift
	install -Dm644 doc/dmarcsift.1 $(DESTDIR)$(PREFIX)/share/man/man1/dmarcsift.1
	install -Dm644 doc/completions/dmarcsift.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dmarcsift
	install -Dm644 doc/completions/_dmarcsift $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_dmarcsift
	install -Dm644 doc/completions/dmarcsift.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/dmarcsift.fish

## make uninstall    removes these again; configuration and database stay
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/dmarcsift share/man/man1/dmarcsift.1 share/bash-completion/completions/dmarcsift \
	    share/zsh/site-functions/_dmarcsift share/fish/vendor_completions.d/dmarcsift.fish)

## make completions  rewrites doc/completions from the program's own help
completions: all
	@python3 tests/tools/completions.py $(B)/dmarcsift doc/completions

## make clean        removes build/
clean:
	rm -rf $(B)

-include $(OBJ:.o=.d) $(UNIT:%=%.d) $(TOOLS:%=%.d)
