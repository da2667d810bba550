# SPDX-License-Identifier: Apache-2.0
# The daemon's core against a simulated module, under a virtual clock.
noinst_LIBRARIES += tests/simulation/libworld.a
tests_simulation_libworld_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(OPENSSL_CFLAGS)
tests_simulation_libworld_a_SOURCES = \
	tests/simulation/world.c tests/simulation/world.h tests/simulation/world-priv.h tests/simulation/world-client.c \
	tests/simulation/world-host.c \
	tests/simulation/world-watch.c tests/simulation/world-store.c tests/simulation/world-store.h \
	tests/simulation/story.c tests/simulation/story.h \
	tests/simulation/module-side.c tests/simulation/module-side.h
SIMULATION_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
SIMULATION_LIBS = tests/simulation/libworld.a libcelltls.a libsim.a libbase.a $(OPENSSL_LIBS) $(CONFIG_LIBS)

if HAVE_CMOCKA
SCENES =
SCENES += tests/simulation/test-world
SCENES += tests/simulation/test-turns
SCENES += tests/simulation/test-limits
SCENES += tests/simulation/test-endings
SCENES += tests/simulation/test-traps
SCENES += tests/simulation/test-hole
SCENES += tests/simulation/test-up
SCENES += tests/simulation/test-ladder
SCENES += tests/simulation/test-rates
SCENES += tests/simulation/test-restart
SCENES += tests/simulation/test-slots
SCENES += tests/simulation/test-signed-store
SCENES += tests/simulation/test-policy
SCENES += tests/simulation/test-modes
SCENES += tests/simulation/test-earlier
SCENES += tests/simulation/test-time
SCENES += tests/simulation/test-dials
SCENES += tests/simulation/test-cycles
SCENES += tests/simulation/test-waiting
SCENES += tests/simulation/test-changes
SCENES += tests/simulation/test-agree
SCENES += tests/simulation/test-log
SCENES += tests/simulation/test-terms
SCENES += tests/simulation/test-asked
SCENES += tests/simulation/test-command
SCENES += tests/simulation/test-lacks
SCENES += tests/simulation/test-several
SCENES += tests/simulation/test-peer
SCENE_SOURCES = tests/simulation/scene.c tests/simulation/scene.h
check_PROGRAMS += $(SCENES)
TESTS += $(SCENES)
tests_simulation_test_world_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_world_SOURCES = tests/simulation/test-world.c $(SCENE_SOURCES)
tests_simulation_test_world_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_turns_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_turns_SOURCES = tests/simulation/test-turns.c $(SCENE_SOURCES)
tests_simulation_test_turns_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_limits_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_limits_SOURCES = tests/simulation/test-limits.c $(SCENE_SOURCES)
tests_simulation_test_limits_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_endings_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_endings_SOURCES = tests/simulation/test-endings.c $(SCENE_SOURCES)
tests_simulation_test_endings_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_traps_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_traps_SOURCES = tests/simulation/test-traps.c $(SCENE_SOURCES)
tests_simulation_test_traps_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_hole_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_hole_SOURCES = tests/simulation/test-hole.c $(SCENE_SOURCES)
tests_simulation_test_hole_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_up_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_up_SOURCES = tests/simulation/test-up.c $(SCENE_SOURCES)
tests_simulation_test_up_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_ladder_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_ladder_SOURCES = tests/simulation/test-ladder.c $(SCENE_SOURCES)
tests_simulation_test_ladder_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_rates_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_rates_SOURCES = tests/simulation/test-rates.c $(SCENE_SOURCES)
tests_simulation_test_rates_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_restart_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_restart_SOURCES = tests/simulation/test-restart.c $(SCENE_SOURCES)
tests_simulation_test_restart_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_slots_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_slots_SOURCES = tests/simulation/test-slots.c $(SCENE_SOURCES)
tests_simulation_test_slots_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_policy_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_policy_SOURCES = tests/simulation/test-policy.c $(SCENE_SOURCES)
tests_simulation_test_policy_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_time_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_time_SOURCES = tests/simulation/test-time.c $(SCENE_SOURCES)
tests_simulation_test_time_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_agree_CPPFLAGS = $(SIMULATION_CPPFLAGS) -DSRCDIR='"$(abs_top_srcdir)"'
tests_simulation_test_agree_SOURCES = tests/simulation/test-agree.c $(SCENE_SOURCES)
tests_simulation_test_agree_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/agree.table
tests_simulation_test_modes_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_modes_SOURCES = tests/simulation/test-modes.c $(SCENE_SOURCES)
tests_simulation_test_modes_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_cycles_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_cycles_SOURCES = tests/simulation/test-cycles.c $(SCENE_SOURCES)
tests_simulation_test_cycles_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_earlier_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_earlier_SOURCES = tests/simulation/test-earlier.c $(SCENE_SOURCES)
tests_simulation_test_earlier_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_dials_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_dials_SOURCES = tests/simulation/test-dials.c $(SCENE_SOURCES)
tests_simulation_test_dials_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_waiting_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_waiting_SOURCES = tests/simulation/test-waiting.c $(SCENE_SOURCES)
tests_simulation_test_waiting_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_changes_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_changes_SOURCES = tests/simulation/test-changes.c $(SCENE_SOURCES)
tests_simulation_test_changes_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_log_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_log_SOURCES = tests/simulation/test-log.c $(SCENE_SOURCES)
tests_simulation_test_log_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_terms_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_terms_SOURCES = tests/simulation/test-terms.c $(SCENE_SOURCES)
tests_simulation_test_terms_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_asked_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_asked_SOURCES = tests/simulation/test-asked.c $(SCENE_SOURCES)
tests_simulation_test_asked_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_command_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_command_SOURCES = tests/simulation/test-command.c $(SCENE_SOURCES)
tests_simulation_test_command_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_signed_store_CPPFLAGS = $(SIMULATION_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_simulation_test_signed_store_SOURCES = tests/simulation/test-signed-store.c tests/simulation/module-side.c tests/simulation/module-side.h
tests_simulation_test_signed_store_LDADD = libsim.a $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_lacks_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_lacks_SOURCES = tests/simulation/test-lacks.c $(SCENE_SOURCES)
tests_simulation_test_lacks_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_lacks_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dialect_of
tests_simulation_test_several_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_several_SOURCES = tests/simulation/test-several.c $(SCENE_SOURCES)
tests_simulation_test_several_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
tests_simulation_test_peer_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_peer_SOURCES = tests/simulation/test-peer.c $(SCENE_SOURCES)
tests_simulation_test_peer_LDADD = $(SIMULATION_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/simulation/test-lives
TESTS += tests/simulation/test-lives
tests_simulation_test_lives_CPPFLAGS = $(SIMULATION_CPPFLAGS)
tests_simulation_test_lives_SOURCES = tests/simulation/test-lives.c tests/simulation/life.h \
	tests/simulation/life.c tests/simulation/life-speech.c tests/simulation/accidents.c tests/simulation/promises.c
tests_simulation_test_lives_LDADD = $(SIMULATION_LIBS)

# For a night: many more lives than "make check" and ./check have.
PROOF_LIVES = 100000
proof: tests/simulation/test-lives
	$(top_srcdir)/build-aux/lives tests/simulation/test-lives 1 $(PROOF_LIVES)
.PHONY: proof
