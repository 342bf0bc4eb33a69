# reloadsim: one plain GNU makefile. `make help` explains the targets.
#
# Nothing here runs a compiler or looks for a library while this file is read, so that `make run`
# and `make test` can start on a machine that has nothing but make: their first act is a setup.

MAKEFLAGS += --no-print-directory

# ---- One make at a time ---------------------------------------------------------------------------

# Two at once in one checkout would write the same files. The first make locks it and has a second one
# do the work; MAKE_AT_WORK lets that one in, and those that its tests call.
GOALS := $(or $(MAKECMDGOALS),all)
LOCKS :=
ifneq ($(filter-out help,$(GOALS)),)
ifneq ($(MAKE_AT_WORK),$(CURDIR))
LOCKS := yes
endif
endif
ifdef LOCKS

export MAKE_AT_WORK := $(CURDIR)
.PHONY: $(GOALS) locked
$(GOALS): locked
	@:
locked:
	+@mkdir -p build && { flock --nonblock --conflict-exit-code 75 --close build/.lock \
	  $(MAKE) $(MAKECMDGOALS) || { code=$$?; [ $$code != 75 ] || \
	  echo "Another make is at work in this checkout. Try again when it has ended."; exit $$code; }; }

else

# ---- What you may set ---------------------------------------------------------------------------

CC = gcc
CFLAGS = -O2 -g
LDFLAGS =
WERROR = -Werror
OBJCOPY = objcopy
prefix = /usr/local
libdir = $(prefix)/lib
includedir = $(prefix)/include
DESTDIR =
# SETUP=no: never look for packages, never install any.
SETUP = yes
# What `make run`, asan and valgrind explore; empty: everything under scenarios/.
SCENARIOS =

# ---- Debian packages, by purpose ----------------------------------------------------------------

PACKAGES_BUILD = gcc libc6-dev libsqlite3-dev libjansson-dev libxxhash-dev nettle-dev
PACKAGES_TEST = libcmocka-dev pkg-config faketime python3 python3-jsonschema libxml2-utils
PACKAGES_REPORT = lcov
PACKAGES_LINT = clang clang-tidy cppcheck
PACKAGES_FORMAT = clang-format
PACKAGES_VALGRIND = valgrind
PACKAGES_MUTANTS = patch
PACKAGES_BENCH = spin

# One short line for a file; V=1 shows the commands.
V =
Q = $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)  $@")

# ---- Variants: the same sources, compiled another way, each in a directory of its own --------------

# empty: the one to use; gcov: counts lines for `make run`; asan; clang; O0, clang-O0: for nightly
VARIANT =
B := build$(if $(VARIANT),/$(VARIANT))

# -w: the normal build and clang's check for warnings; some of them depend on the optimizer.
FLAGS_gcov = -O0 -w
FLAGS_asan = -O1 -w -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_O0 = -O0 -w
FLAGS_clang-O0 = -O0 -w
LINK_gcov = --coverage

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
  -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wvla
LANGUAGE = -std=c11 -D_POSIX_C_SOURCE=200809L
COMPILE = $(CC) $(LANGUAGE) $(WARNINGS) $(WERROR) -fPIC -fno-semantic-interposition \
  $(CFLAGS) $(FLAGS_$(VARIANT))
# It keeps the name of the checkout's directory out of the objects.
NAMELESS = '-ffile-prefix-map=$(CURDIR)=.'
LINK = $(CC) $(CFLAGS) $(FLAGS_$(VARIANT)) $(LINK_$(VARIANT)) $(LDFLAGS) -Wl,--as-needed

# ---- Who may include whom ------------------------------------------------------------------------

# These include paths are the dependency rules of the README. tests/house_rules.sh proves the rest.
INCLUDE_engine = -Iengine -I$(B)/gen
INCLUDE_fakes = -Iengine -Ifakes
INCLUDE_reports = -Ireports -Isim/base -I$(B)/gen/reports

# The rooms of sim/, each on top of the one before.
INCLUDE_base = -Iengine -Ifakes -I$(B)/gen/sim -Isim/base
INCLUDE_scenario = $(INCLUDE_base) -Isim/scenario
INCLUDE_world = $(INCLUDE_scenario) -Isim/world
INCLUDE_check = $(INCLUDE_world) -Isim/check
INCLUDE_explore = $(INCLUDE_check) -Isim/explore
INCLUDE_trace = $(INCLUDE_explore) -Isim/trace
INCLUDE_minimise = $(INCLUDE_trace) -Isim/minimise
INCLUDE_fuzz = $(INCLUDE_minimise) -Isim/fuzz
INCLUDE_cli = $(INCLUDE_fuzz) -Isim/cli -Ireports
INCLUDE_main.c = $(INCLUDE_cli)
INCLUDE_language.c = $(INCLUDE_scenario)

INCLUDE_tests = $(INCLUDE_main.c) -Itests -I$(B)/gen

LIBS_engine = -lsqlite3 -ljansson -lnettle
LIBS = $(LIBS_engine) -lxxhash -lm -pthread

# ---- Files ---------------------------------------------------------------------------------------

SOURCES_engine := $(sort $(wildcard engine/*.c engine/*/*.c))
SOURCES_fakes := $(sort $(wildcard fakes/*.c))
SOURCES_sim := $(sort $(wildcard sim/*/*.c))
SOURCES_reports := $(sort $(wildcard reports/*.c))
SOURCES_test := $(sort $(wildcard tests/test_*.c))
SOURCES_bench := $(sort $(wildcard tests/bench_*.c))
SOURCES_support := $(filter-out $(SOURCES_test) $(SOURCES_bench),$(sort $(wildcard tests/*.c)))
SOURCES := $(SOURCES_engine) $(SOURCES_fakes) $(SOURCES_sim) sim/main.c sim/language.c \
  $(SOURCES_reports) $(SOURCES_support) $(SOURCES_test) $(SOURCES_bench)
HEADERS := $(sort $(wildcard engine/*.h engine/*/*.h fakes/*.h sim/*/*.h reports/*.h tests/*.h))

# Shell tests; those that change the machine or take long have a target of their own.
SHELL_TESTS := $(filter-out tests/fresh_machine.sh,$(sort $(wildcard tests/*.sh)))

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
OBJECTS := $(call objects,$(SOURCES))
TESTS := $(SOURCES_test:tests/%.c=$(B)/tests/%)
BENCHES := $(SOURCES_bench:tests/%.c=$(B)/tests/%)
ARCHIVES := $(B)/libsim.a $(B)/libfakes.a $(B)/libreports.a $(B)/libreload.a

# Tests of functions that libreload does not show: they link the engine's objects in its place.
INSIDE_TESTS := $(patsubst %,$(B)/tests/test_%,decide open_faults sqlite_version store_lock text)

# SQL that is compiled in: engine/schema.sql is rl_schema_sql[] in schema_sql.h.
GEN_engine := $(patsubst engine/%.sql,$(B)/gen/%_sql.h,$(sort $(wildcard engine/*.sql))) $(B)/gen/enum_sql.h
# So is the pages' style sheet: reports/report.css is report_css[] in report_css.h.
GEN_reports := $(B)/gen/reports/report_css.h

# What tells one engine from another, and one simulator: the names and bytes of these, for certificates
# and journals; traces name the engine.
HASH := \#
ENGINE_FILES := $(sort $(wildcard engine/*.[ch] engine/*.sql engine/*/*.[ch]))
SIMULATOR_FILES := $(sort $(wildcard fakes/*.[ch] sim/*.[ch] sim/*/*.[ch]))
GEN_sim := $(B)/gen/sim/engine_digest_text.h $(B)/gen/sim/simulator_digest_text.h

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# As many jobs as cores, unless the caller has said how many.
SUBMAKE = +$(MAKE) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

PRODUCTS := $(B)/libreload.a $(B)/libreload.so.0 $(B)/libreload.so $(B)/reload.pc $(B)/reloadsim
# Makes what is generated of the language, see below.
LANGUAGE_TOOL := $(B)/reloadsim-language

.PHONY: all run test asan valgrind clang bench mutants nightly format format-check lint compile-commands \
  setup setup-build setup-run setup-test setup-lint setup-valgrind setup-mutants setup-bench \
  setup-format install uninstall clean help fresh-machine products test-programs generated editor FORCE

# ---- Named goals ---------------------------------------------------------------------------------

all: setup-build
	@$(SUBMAKE) products
	@$(SUBMAKE) generated

REPORT := build/report

# The suite, its report and the engine's coverage under it. Fails if the suite fails, but not before
# the report is complete. (The report links to the coverage pages if it sees them: hence the touch.)
run: setup-run
	@$(SUBMAKE) build/reloadsim
	@$(SUBMAKE) VARIANT=gcov build/gcov/reloadsim
	@rm -rf $(REPORT) && mkdir -p $(REPORT)/coverage && touch $(REPORT)/coverage/index.html
	@$(COUNTING_RUN) & \
	result=0; build/reloadsim run --report $(REPORT) $(SCENARIOS) || result=$$?; \
	counted=0; wait $$! || counted=$$?; \
	if [ $$result -gt 1 ]; then exit $$result; fi; \
	$(SAME_RUN) && $(COVERAGE) && $(COVERAGE_PAGES) || exit 1; \
	echo; \
	echo "The report: $(REPORT)/ (begin with index.html)"; \
	echo "What of the engine the suite has run: $(REPORT)/coverage/index.html"; \
	exit $$result

# Meanwhile the same suite on the counting build, which at -O0 must see what the -O2 build sees. Old
# counts, and notes of sources that are gone, would spoil the counts.
STALE = $(filter-out $(SOURCES_engine:%.c=build/gcov/obj/%.gcno), \
  $(wildcard build/gcov/obj/engine/*.gcno build/gcov/obj/engine/*/*.gcno))
define COUNTING_RUN
{ rm -f $(STALE); find build/gcov -name '*.gcda' -delete; rm -rf build/gcov/report; \
  build/gcov/reloadsim run --no-minimise --report build/gcov/report $(SCENARIOS) >build/gcov/run.log 2>&1; }
endef
define SAME_RUN
{ [ $$counted = $$result ] && cmp $(REPORT)/run.json build/gcov/report/run.json || \
  { tail build/gcov/run.log; echo "The -O0 build saw another run than the -O2 build."; false; }; }
endef

# Files that were never run count as well, with zero. Perl's hashes are kept from shuffling the lines.
SAME_ORDER = PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0
LCOV = $(SAME_ORDER) lcov --quiet --rc lcov_branch_coverage=1 --test-name suite
define COVERAGE
{ { $(LCOV) --capture --initial --directory build/gcov/obj/engine --base-directory . --no-external \
    --output-file build/gcov/zero.info && \
  $(LCOV) --capture --directory build/gcov/obj/engine --base-directory . --no-external \
    --output-file build/gcov/suite.info && \
  $(LCOV) --add-tracefile build/gcov/zero.info --add-tracefile build/gcov/suite.info \
    --output-file build/gcov/lcov.info; } >build/gcov/lcov.log 2>&1 || \
  { cat build/gcov/lcov.log; false; }; }
endef

# The pages' date would make each run another one: it is taken out.
define COVERAGE_PAGES
sed 's|^SF:$(CURDIR)/|SF:|' build/gcov/lcov.info >$(REPORT)/lcov.info && \
SOURCE_DATE_EPOCH=0 $(SAME_ORDER) genhtml --quiet --branch-coverage --title reloadsim \
  --output-directory $(REPORT)/coverage $(REPORT)/lcov.info && \
find $(REPORT)/coverage -name '*.html' -exec \
  sed -i 's,<td[^>]*>\(Date:\|1970-01-01 00:00:00\)</td>,<td></td>,' {} +
endef

test: setup-test
	@$(SUBMAKE) products test-programs
	@tests/run $(TESTS) $(SHELL_TESTS)

# Leaks count. libfaketime cannot be loaded beside ASan, so the shell tests stay out.
asan: setup-test
	@$(SUBMAKE) VARIANT=asan build/asan/reloadsim test-programs
	@tests/run $(TESTS:build/%=build/asan/%)
	@build/asan/reloadsim run --report build/asan/report $(SCENARIOS)

# Slow tools get a part: VALGRIND_TESTS and VALGRIND_SCENARIOS.
# Real processes that race for a lock are too slow under valgrind to keep their time-outs.
VALGRIND_TESTS = $(filter-out %_engine_processes,$(TESTS))
VALGRIND_SCENARIOS = $(firstword $(wildcard scenarios/*/*.json))
VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible
valgrind: setup-valgrind
	@$(SUBMAKE) build/reloadsim test-programs
	@RUNNER="$(VALGRIND)" tests/run $(VALGRIND_TESTS)
	@$(VALGRIND) build/reloadsim run --report build/valgrind/report $(VALGRIND_SCENARIOS)

clang: setup-lint
	@$(SUBMAKE) CC=clang VARIANT=clang products test-programs
	@echo "clang compiles everything without warnings."

# BENCH_LONG=1: also what takes ten minutes.
bench: setup-bench
	@$(SUBMAKE) build/reloadsim build/libreload-inside.a build/libsupport.a $(BENCHES)
	@tests/benches/all.sh $(BENCHES) \
	  $(addprefix tests/benches/,spin.sh before.sh race_mutants.sh where.sh)

# The engine is broken on purpose, one mistake at a time. MUTANTS: parts of names; empty: all.
MUTANTS =
mutants: setup-mutants
	@$(SUBMAKE) build/reloadsim build/libreload-inside.a build/libsupport.a
	@CC="$(CC)" tests/mutants/run.sh $(MUTANTS)

# What takes too long for every change. Each part says how it ended; the first that fails ends all.
# Runs, not minutes: the same walks on every machine. They take some four minutes.
FUZZ_RUNS = 50000
nightly: setup-lint setup-mutants
	@$(SUBMAKE) build/reloadsim build/libreload-inside.a build/libsupport.a
	@echo "== The suite under every single fault"
	@rm -rf build/nightly && mkdir -p build/nightly
	build/reloadsim run --faults single --report build/nightly/single
	@echo "== Random worlds"
	build/reloadsim fuzz --runs $(FUZZ_RUNS) --report build/nightly/fuzz
	@echo "== Mutants"
	@CC="$(CC)" tests/mutants/run.sh
	@echo "== Determinism"
	@$(SUBMAKE) VARIANT=O0 build/O0/reloadsim
	@$(SUBMAKE) CC=clang VARIANT=clang build/clang/reloadsim
	@$(SUBMAKE) CC=clang VARIANT=clang-O0 build/clang-O0/reloadsim
	@tests/nightly/determinism.sh
	@echo "All nightly checks passed."

format: setup-format
	clang-format -i $(SOURCES) $(HEADERS)

format-check: setup-format
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)
	@! grep -nE '^.{101,}|	|[[:space:]]$$' $(SOURCES) $(HEADERS) || \
	  { echo "tabs, spaces at the end or more than 100 columns (clang-format does not break comments)"; exit 1; }
	@echo "The format is right."

lint: setup-lint
	@$(SUBMAKE) $(SOURCES:%.c=build/lint/%.ok) build/lint/cppcheck.ok
	@echo "The linters found nothing."

# Every file's flags, for clangd; .clangd names the place.
ROOMS = $(sort $(foreach file,$(SOURCES),$(call room,$(file))))
in_room = $(foreach file,$(SOURCES),$(if $(filter $(1),$(call room,$(file))),$(file)))
compile-commands: setup-build
	@$(SUBMAKE) $(GEN_engine) $(GEN_sim) $(GEN_reports)
	@{ before='['; \
	  $(foreach one,$(ROOMS),for file in $(call in_room,$(one)); do \
	    printf '%s\n{"directory": "%s", "file": "%s", "command": "%s %s -c %s"}' "$$before" \
	      '$(CURDIR)' $$file '$(COMPILE)' '$(INCLUDE_$(one))' $$file; before=,; done;) \
	  echo; echo ']'; } >build/compile_commands.json
	@echo "build/compile_commands.json has the flags of $(words $(SOURCES)) files."

# The schema as an editor takes it: needs node and npm, and once the network.
editor:
	@EDITOR_CHECK=needed tests/editor.sh

# On a machine of its own (debootstrap, root): `make run` and `make test` from nothing.
fresh-machine:
	tests/fresh_machine.sh

clean:
	rm -rf build

help:
	@sed -n 's/^#? \{0,1\}//p' Makefile

#? The two commands:
#?   make run           check that the needed packages are there, build, explore every scenario,
#?                      write the report to build/report/, and the engine's coverage
#?   make test          build and run all tests; the last line says how many passed
#?
#? Building:
#?   make               libreload (static, shared, pkg-config file) and reloadsim, in build/; and the
#?                      schemas and the guide's tables in scenarios/, made of the vocabulary
#?   make setup         only install the Debian packages that the two commands miss (root or sudo)
#?   make clean         remove build/
#?   make install       headers, libraries, reload.pc; prefix=/usr/local, libdir=, DESTDIR=
#?   make uninstall     take them away again
#?
#? While working:
#?   make build/tests/test_decide && build/tests/test_decide      one test program
#?   build/reloadsim run scenarios/THEME --report build/report    some scenarios
#?   make format        clang-format all C files (format-check only looks)
#?   make compile-commands   build/compile_commands.json, from which clangd (.clangd) knows the flags
#?   make lint          clang-tidy and cppcheck; any finding fails
#?   make clang         everything with clang, warnings are errors
#?   make asan          tests and suite under address and undefined-behaviour sanitizers
#?   make valgrind      tests and one scenario under valgrind
#?   make editor        the JSON Schema in an editor's language service (node, npm, network)
#?   make bench         how fast it is, beside SPIN and beside an older state: some five minutes;
#?                      with BENCH_LONG=1 also the suite under every single fault
#?   make mutants       break the engine on purpose, in some 200 ways: the suite must notice each
#?   make nightly       the suite under every single fault, 50,000 random worlds
#?                      (FUZZ_RUNS=50000), the mutants, the same results from gcc and clang, -O0 and -O2
#?   make fresh-machine run and test on a bare Debian in a temporary directory (root, debootstrap)
#?
#? Variables: CC, CFLAGS, LDFLAGS, WERROR= (warnings no errors), SETUP=no (leave packages alone),
#?   SCENARIOS="scenarios/races" (a part, for run and asan), MUTANTS="refund" (a part, for mutants),
#?   V=1 (show the commands).

# ---- Setup ---------------------------------------------------------------------------------------

# $(call ensure,PACKAGES): install those that are missing. All there: silent, and no network.
ensure = @packages="$(strip $(1))"; $(ENSURE)
define ENSURE
if [ "$(SETUP)" = no ] || ! command -v dpkg-query >/dev/null; then exit 0; fi; \
here="$$(dpkg-query -W -f '/$${Package}/$${db:Status-Status}/\n' $$packages 2>/dev/null)"; \
missing=; \
for package in $$packages; do \
  case "$$here" in *"/$$package/installed/"*) ;; *) missing="$$missing $$package";; esac; \
done; \
if [ -z "$$missing" ]; then exit 0; fi; \
echo "Missing Debian packages:$$missing"; \
if [ "$$(id -u)" = 0 ]; then as=; \
elif command -v sudo >/dev/null; then as=sudo; \
else \
  echo "Only root can install them. Please run this as root, then try again:"; \
  echo "  apt-get update && apt-get install --no-install-recommends$$missing"; \
  exit 1; \
fi; \
echo "Installing them with apt-get (make SETUP=no leaves that to you)."; \
apt() { \
  for pause in 5 20 0; do \
    $$as env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
      -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$$@" && return 0; \
    sleep $$pause; \
  done; \
  echo "apt-get $$* failed three times."; return 1; \
}; \
apt update && apt install $$missing
endef

# What `make run` and `make test` need; all other targets name theirs.
setup:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_REPORT) $(PACKAGES_TEST))
setup-build:
	$(call ensure,$(PACKAGES_BUILD))
setup-run:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_REPORT))
setup-test:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_TEST))
setup-lint:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_LINT))
setup-valgrind:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_VALGRIND))
setup-mutants:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_MUTANTS))
setup-bench:
	$(call ensure,$(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_VALGRIND) $(PACKAGES_MUTANTS) \
	  $(PACKAGES_BENCH))
setup-format:
	$(call ensure,$(PACKAGES_FORMAT))

# ---- Products ------------------------------------------------------------------------------------

products: $(PRODUCTS) $(LANGUAGE_TOOL)
test-programs: $(TESTS) $(BENCHES)

# What is generated and checked in: the schemas, and the tables in the guide. `make` writes them, and
# tests/generated.sh, which `make test` runs without this goal, fails when they are not what it writes.
# $(call generate,FILE,ARGUMENTS): a file that is touched only when its text changes.
generate = @$(LANGUAGE_TOOL) $(2) >$(B)/$(notdir $(1)) && \
  { cmp -s $(B)/$(notdir $(1)) $(1) || { cp $(B)/$(notdir $(1)) $(1) && echo "  write    $(1)"; }; }
generated: $(LANGUAGE_TOOL)
	$(call generate,scenarios/scenario.schema.json,schema sim/scenario/schema_frame.json scenarios/rules.json)
	$(call generate,scenarios/shared.schema.json,schema sim/scenario/shared_frame.json scenarios/rules.json)
	$(call generate,scenarios/GUIDE.md,guide scenarios/GUIDE.md)

# Fresh archives: a member whose source is gone must not stay.
ARCHIVE = $(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)
# One object, in which only the API has global names: so that nobody depends on internal names.
$(B)/libreload.a: $(B)/obj/libreload.o
	$(ARCHIVE)
$(B)/obj/libreload.o: $(call objects,$(SOURCES_engine)) $(B)/gen/reload.names $(B)/members-engine
	$(Q)$(LD) -r -o $@ $(filter %.o,$^) && $(OBJCOPY) --keep-global-symbols=$(B)/gen/reload.names $@
# The same objects with all their names, for INSIDE_TESTS and mutants.
$(B)/libreload-inside.a: $(call objects,$(SOURCES_engine)) $(B)/members-engine
	$(ARCHIVE)
$(B)/libfakes.a: $(call objects,$(SOURCES_fakes)) $(B)/members-fakes
	$(ARCHIVE)
$(B)/libsim.a: $(call objects,$(SOURCES_sim)) $(B)/members-sim
	$(ARCHIVE)
$(B)/libreports.a: $(call objects,$(SOURCES_reports)) $(B)/members-reports
	$(ARCHIVE)
$(B)/libsupport.a: $(call objects,$(SOURCES_support)) $(B)/members-support
	$(ARCHIVE)

# The API: what reload.h declares. Both libraries show these names; nothing else.
$(B)/gen/reload.names: engine/reload.h
	@mkdir -p $(@D)
	@grep -o '\<reload_[a-z0-9_]*(' $< | tr -d '(' | sort -u >$@
$(B)/gen/reload.map: $(B)/gen/reload.names
	@{ echo '{ global:'; sed 's/$$/;/' $<; echo 'local: *; };'; } >$@

$(B)/libreload.so.0: $(call objects,$(SOURCES_engine)) $(B)/gen/reload.map $(B)/members-engine
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,libreload.so.0 -Wl,--version-script,$(B)/gen/reload.map \
	  -Wl,-z,defs,-z,relro,-z,now \
	  -o $@ $(filter %.o,$^) $(LIBS_engine)

$(B)/libreload.so: $(B)/libreload.so.0
	$(Q)ln -sf libreload.so.0 $@

$(B)/reload.pc: engine/reload.pc.in engine/reload.h $(B)/places
	@version=$$(sed -n 's/^#define RELOAD_VERSION "\(.*\)"/\1/p' engine/reload.h) && \
	sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' -e 's|@includedir@|$(includedir)|' \
	  -e "s|@version@|$$version|" $< >$@

$(B)/reloadsim: $(B)/obj/sim/main.o $(ARCHIVES)
	$(call say,link   )
	$(Q)$(LINK) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)

$(LANGUAGE_TOOL): $(B)/obj/sim/language.o $(B)/libsim.a $(B)/libreload.a
	$(call say,link   )
	$(Q)$(LINK) -o $@ $^ $(LIBS)

define LINK_TEST
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(LIBS)
endef
$(filter-out $(INSIDE_TESTS),$(TESTS)) $(BENCHES): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libsupport.a \
  $(ARCHIVES)
	$(LINK_TEST)
$(INSIDE_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libsupport.a \
  $(ARCHIVES:%/libreload.a=%/libreload-inside.a)
	$(LINK_TEST)

# The engine's own allocations can only be failed by standing in for libc.
$(B)/tests/test_open_faults: private LDFLAGS += -Wl,--wrap=calloc

# A step with choices of a test's own stands in for the machine's.
$(B)/tests/test_choose: private LDFLAGS += -Wl,--wrap=sim_machine_step

# ---- Objects -------------------------------------------------------------------------------------

# engine/decide.c is in engine, sim/world/crash.c in world.
room = $(firstword $(subst /, ,$(1:sim/%=%)))
# Only the engine's lines are counted.
count_of = $(if $(filter gcov-engine,$(VARIANT)-$(call room,$(1))),--coverage)

$(OBJECTS): $(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,compile)
	$(Q)$(COMPILE) $(NAMELESS) $(call count_of,$<) $(INCLUDE_$(call room,$<)) -MMD -MP -c -o $@ $<

$(call objects,$(SOURCES_engine)): | $(GEN_engine)
$(call objects,$(SOURCES_support) $(SOURCES_test) $(SOURCES_bench)): | $(GEN_engine)
$(call objects,$(SOURCES_sim)): | $(GEN_sim)
$(call objects,$(SOURCES_reports)): | $(GEN_reports)

-include $(OBJECTS:.o=.d)

# $(call remember,TEXT): a file that is touched only when the text changes.
remember = @mkdir -p $(@D); text='$(subst ','\'',$(1))'; \
  [ -e $@ ] && [ "$$(cat $@)" = "$$text" ] || printf '%s\n' "$$text" >$@

$(B)/flags: FORCE
	$(call remember,$(shell $(CC) -dumpfullversion 2>/dev/null) $(COMPILE) $(NAMELESS) $(LINK) \
	  $(foreach room,engine fakes reports tests,$(INCLUDE_$(room))))
$(B)/places: FORCE
	$(call remember,$(prefix) $(libdir) $(includedir))
$(B)/members-%: FORCE
	$(call remember,$(SOURCES_$*))

digest = $(shell sha256sum $(1) | sha256sum | cut -c 1-64)
$(B)/gen/sim/engine_digest_text.h: FORCE
	$(call remember,$(HASH)define SIM_ENGINE_DIGEST "$(call digest,$(ENGINE_FILES))")
$(B)/gen/sim/simulator_digest_text.h: FORCE
	$(call remember,$(HASH)define SIM_SIMULATOR_DIGEST "$(call digest,$(SIMULATOR_FILES))")

# ---- Text that is compiled in ----------------------------------------------------------------------

# $(call text_header,NAME): the prerequisite as a C string. Compilers warn of literals longer than ISO C
# promises to take, except in a "system" header.
define text_header
@mkdir -p $(@D)
@{ echo '#pragma GCC system_header /* made from $< */'; echo 'static const char $(1)[] ='; \
  sed -e 's/[\\"?]/\\&/g' -e 's/^/  "/' -e 's/$$/\\n"/' $<; echo '  "";'; } >$@
endef

# Compilers warn of literals longer than ISO C promises to take, except in a "system" header.
# A RELOAD_NAME in it becomes the number of that name.
$(B)/gen/%_sql.h: engine/%.sql Makefile
	@mkdir -p $(@D)
	@{ echo '#pragma GCC system_header /* made from $< */'; \
	  echo '#include "enum_sql.h"'; \
	  echo 'static const char rl_$(subst -,_,$*)_sql[] ='; \
	  sed -e 's/[\\"?]/\\&/g' -e 's/\<RELOAD_\([A-Z0-9_]*\)/" SQL_\1 "/g' \
	    -e 's/^/  "/' -e 's/$$/\\n"/' $<; echo '  "";'; } >$@

# The API's enums as text for SQL: SQL_CHARGE_CAPTURED is "3". They are counted here, and the compiler
# holds each number against its enum.
define COUNT_ENUMS
  /^enum [a-z_]+ \{/ { inside = 1; number = 0 }
  inside {
    sub(/^enum.*\{/, ""); sub(/\/\*.*/, ""); gsub(/=/, " = "); gsub(/,/, " "); sub(/\}.*/, " }")
    for (i = 1; i <= NF; i++) {
      if ($$i == "}") inside = 0
      if ($$i !~ /^RELOAD_/) continue
      if ($$(i + 1) == "=") number = $$(i + 2)
      printf "_Static_assert(%s == %d, \"counted wrongly\");\n", $$i, number
      printf "#define SQL_%s \"%d\"\n", substr($$i, 8), number++
    }
  }
endef
export COUNT_ENUMS
$(B)/gen/enum_sql.h: engine/reload.h Makefile
	@mkdir -p $(@D)
	@awk "$$COUNT_ENUMS" $< >$@

$(B)/gen/reports/report_css.h: reports/report.css
	$(call text_header,report_css)

# ---- Linters -------------------------------------------------------------------------------------

build/lint/%.ok: %.c .clang-tidy tests/.clang-tidy $(HEADERS) | $(GEN_engine) $(GEN_sim) $(GEN_reports)
	@mkdir -p $(@D)
	$(call say,lint   )
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- $(LANGUAGE) $(INCLUDE_$(call room,$<)) 2>$@.log || \
	  { cat $@.log; exit 1; }
	@touch $@

# ctunullpointer takes "sizeof message->text" for a use of a null pointer; the others are taste.
CPPCHECK_BUT = missingIncludeSystem ctunullpointer variableScope shadowFunction redundantContinue
build/lint/cppcheck.ok: $(SOURCES) $(HEADERS) | $(GEN_engine) $(GEN_sim) $(GEN_reports)
	@mkdir -p $(@D)
	$(call say,lint   )
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	  --enable=warning,performance,portability,style $(CPPCHECK_BUT:%=--suppress=%) \
	  $(INCLUDE_tests) $(SOURCES_engine) $(SOURCES_fakes) $(SOURCES_sim) sim/main.c $(SOURCES_reports)
	@touch $@

# ---- Installing ----------------------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(includedir)/reload $(DESTDIR)$(libdir)/pkgconfig
	install -m 644 engine/reload.h engine/ports.h $(DESTDIR)$(includedir)/reload/
	install -m 644 build/libreload.a $(DESTDIR)$(libdir)/
	install -m 755 build/libreload.so.0 $(DESTDIR)$(libdir)/
	ln -sf libreload.so.0 $(DESTDIR)$(libdir)/libreload.so
	install -m 644 build/reload.pc $(DESTDIR)$(libdir)/pkgconfig/

uninstall:
	rm -f $(DESTDIR)$(includedir)/reload/reload.h $(DESTDIR)$(includedir)/reload/ports.h
	rm -f $(DESTDIR)$(libdir)/libreload.a $(DESTDIR)$(libdir)/libreload.so.0
	rm -f $(DESTDIR)$(libdir)/libreload.so $(DESTDIR)$(libdir)/pkgconfig/reload.pc
	-rmdir $(DESTDIR)$(includedir)/reload 2>/dev/null || true

endif
