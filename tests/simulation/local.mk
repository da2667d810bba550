# SPDX-License-Identifier: Apache-2.0
# The daemon's core against a simulated module, under a virtual clock.
SIMULATION_SOURCES = \
	tests/simulation/world.c tests/simulation/world.h \
	tests/simulation/module-side.c tests/simulation/module-side.h
SIMULATION_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)

if HAVE_CMOCKA
check_PROGRAMS += tests/simulation/test-world
TESTS += tests/simulation/test-world
tests_simulation_test_world_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_world_SOURCES = tests/simulation/test-world.c $(SIMULATION_SOURCES)
tests_simulation_test_world_LDADD = libcelltls.a libsim.a libbase.a $(OPENSSL_LIBS) $(CONFIG_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/simulation/test-lives
TESTS += tests/simulation/test-lives
tests_simulation_test_lives_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_lives_SOURCES = tests/simulation/test-lives.c $(SIMULATION_SOURCES)
tests_simulation_test_lives_LDADD = libcelltls.a libsim.a libbase.a $(OPENSSL_LIBS) $(CONFIG_LIBS)
