# SPDX-License-Identifier: Apache-2.0

if HAVE_CMOCKA
# conf: each mistake of a configuration, and secret files
CONF_TESTS = tests/unit/test-conf tests/unit/test-conf-rules tests/unit/test-conf-files tests/unit/test-conf-diff
CONF_TEXT = tests/unit/conf-text.c tests/unit/conf-text.h
check_PROGRAMS += $(CONF_TESTS)
TESTS += $(CONF_TESTS)
tests_unit_test_conf_SOURCES = tests/unit/test-conf.c $(CONF_TEXT)
tests_unit_test_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit -DSRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_conf_rules_SOURCES = tests/unit/test-conf-rules.c $(CONF_TEXT)
tests_unit_test_conf_rules_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_test_conf_rules_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_conf_files_SOURCES = tests/unit/test-conf-files.c $(CONF_TEXT)
tests_unit_test_conf_files_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_test_conf_files_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_conf_diff_SOURCES = tests/unit/test-conf-diff.c $(CONF_TEXT)
tests_unit_test_conf_diff_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit -DSRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_diff_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
# at: the engine
AT_TESTS = tests/unit/test-at-cmd tests/unit/test-at-line tests/unit/test-at tests/unit/test-at-late tests/unit/test-at-data \
	tests/unit/test-at-doubt tests/unit/test-at-grant tests/unit/test-at-escape
check_PROGRAMS += $(AT_TESTS)
TESTS += $(AT_TESTS)
tests_unit_test_at_cmd_SOURCES = tests/unit/test-at-cmd.c
tests_unit_test_at_cmd_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_cmd_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_line_SOURCES = tests/unit/test-at-line.c
tests_unit_test_at_line_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_line_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
AT_WORLD = tests/unit/at-world.c tests/unit/at-world.h
tests_unit_test_at_SOURCES = tests/unit/test-at.c $(AT_WORLD)
tests_unit_test_at_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_doubt_SOURCES = tests/unit/test-at-doubt.c $(AT_WORLD)
tests_unit_test_at_doubt_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_doubt_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_escape_SOURCES = tests/unit/test-at-escape.c $(AT_WORLD)
tests_unit_test_at_escape_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_escape_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_grant_SOURCES = tests/unit/test-at-grant.c $(AT_WORLD)
tests_unit_test_at_grant_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_grant_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_late_SOURCES = tests/unit/test-at-late.c $(AT_WORLD)
tests_unit_test_at_late_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_late_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_data_SOURCES = tests/unit/test-at-data.c $(AT_WORLD)
tests_unit_test_at_data_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_data_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)

# modem, channel: sockets that open by event, over a module that was made up
SOCK_TESTS = tests/unit/test-sock tests/unit/test-sockets
SOCK_WORLD = tests/unit/sock-world.c tests/unit/sock-world.h tests/unit/unit.h
check_PROGRAMS += $(SOCK_TESTS)
TESTS += $(SOCK_TESTS)
tests_unit_test_sock_SOURCES = tests/unit/test-sock.c $(SOCK_WORLD)
tests_unit_test_sock_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sock_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_sock_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dialect_of
tests_unit_test_sockets_SOURCES = tests/unit/test-sockets.c $(SOCK_WORLD)
tests_unit_test_sockets_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sockets_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_sockets_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dialect_of

# port: the trace
check_PROGRAMS += tests/unit/test-trace
TESTS += tests/unit/test-trace
tests_unit_test_trace_SOURCES = tests/unit/test-trace.c
tests_unit_test_trace_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_trace_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
endif
EXTRA_DIST += tests/unit/conf/full.conf

# the libraries, told apart by their names
dist_check_SCRIPTS += tests/unit/symbols.sh
TESTS += tests/unit/symbols.sh

# what is said of them
dist_check_SCRIPTS += tests/unit/manual-pages.sh
TESTS += tests/unit/manual-pages.sh

# what is installed beside the program
dist_check_SCRIPTS += tests/unit/service-unit.sh
TESTS += tests/unit/service-unit.sh

# Unit tests, one program per source file; need cmocka.

UNIT_CPPFLAGS = $(libcelltls_a_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
UNIT_LIBS = $(CELLTLS_LIBS) $(CMOCKA_LIBS)

if HAVE_CMOCKA
# no descriptor, no clock: base, and what drivers compute
UNIT_BASE = tests/unit/test-buf tests/unit/test-str tests/unit/test-clock tests/unit/test-tally \
	tests/unit/test-secure-cmd tests/unit/test-cinterion
# the shell: what touches the world
UNIT_SHELL = tests/unit/test-pace tests/unit/test-loop tests/unit/test-port tests/unit/test-devwatch tests/unit/test-holder \
	tests/unit/test-modem-tty tests/unit/test-modem-files tests/unit/test-mistakes tests/unit/test-journal tests/unit/test-control \
	tests/unit/test-client tests/unit/test-reach tests/unit/test-listener tests/unit/test-cert tests/unit/test-cert-name tests/unit/test-cert-wipe \
	tests/unit/test-store

check_PROGRAMS += $(UNIT_BASE) $(UNIT_SHELL)
TESTS += $(UNIT_BASE) $(UNIT_SHELL)

tests_unit_test_buf_SOURCES = tests/unit/test-buf.c tests/unit/unit.h
tests_unit_test_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_buf_LDADD = $(UNIT_LIBS)

tests_unit_test_secure_cmd_SOURCES = tests/unit/test-secure-cmd.c tests/unit/unit.h
tests_unit_test_secure_cmd_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_secure_cmd_LDADD = $(UNIT_LIBS)

tests_unit_test_cinterion_SOURCES = tests/unit/test-cinterion.c tests/unit/unit.h
tests_unit_test_cinterion_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cinterion_LDADD = $(UNIT_LIBS)

tests_unit_test_str_SOURCES = tests/unit/test-str.c tests/unit/unit.h
tests_unit_test_str_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_str_LDADD = $(UNIT_LIBS)

tests_unit_test_clock_SOURCES = tests/unit/test-clock.c tests/unit/unit.h
tests_unit_test_clock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_clock_LDADD = $(UNIT_LIBS)

tests_unit_test_tally_SOURCES = tests/unit/test-tally.c tests/unit/unit.h
tests_unit_test_tally_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_tally_LDADD = $(UNIT_LIBS)

tests_unit_test_pace_SOURCES = tests/unit/test-pace.c tests/unit/unit.h
tests_unit_test_pace_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pace_LDADD = $(UNIT_LIBS)

tests_unit_test_loop_SOURCES = tests/unit/test-loop.c tests/unit/unit.h
tests_unit_test_loop_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_loop_LDADD = $(UNIT_LIBS)

tests_unit_test_port_SOURCES = tests/unit/test-port.c tests/unit/unit.h
tests_unit_test_port_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_port_LDADD = $(UNIT_LIBS)

tests_unit_test_devwatch_SOURCES = tests/unit/test-devwatch.c tests/unit/unit.h
tests_unit_test_devwatch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_devwatch_LDADD = $(UNIT_LIBS)

tests_unit_test_holder_SOURCES = tests/unit/test-holder.c tests/unit/unit.h
tests_unit_test_holder_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_holder_LDADD = $(UNIT_LIBS)

# bus: with a dbus-daemon of its own, and modems and channels that bus-world.c stands in for
BUS_TESTS = tests/unit/test-bus tests/unit/test-bus-calls tests/unit/test-bus-life
BUS_WORLD = tests/unit/bus-world.c tests/unit/bus-world.h tests/unit/unit.h
check_PROGRAMS += $(BUS_TESTS)
TESTS += $(BUS_TESTS)
tests_unit_test_bus_SOURCES = tests/unit/test-bus.c $(BUS_WORLD)
tests_unit_test_bus_CPPFLAGS = $(UNIT_CPPFLAGS) -DSRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_bus_LDADD = $(UNIT_LIBS)
tests_unit_test_bus_calls_SOURCES = tests/unit/test-bus-calls.c $(BUS_WORLD)
tests_unit_test_bus_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_bus_calls_LDADD = $(UNIT_LIBS)
tests_unit_test_bus_life_SOURCES = tests/unit/test-bus-life.c $(BUS_WORLD)
tests_unit_test_bus_life_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_bus_life_LDADD = $(UNIT_LIBS)

tests_unit_test_modem_tty_SOURCES = tests/unit/test-modem-tty.c tests/unit/unit.h
tests_unit_test_modem_tty_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_modem_tty_LDADD = $(UNIT_LIBS)

tests_unit_test_control_SOURCES = tests/unit/test-control.c tests/unit/unit.h
tests_unit_test_control_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_control_LDADD = $(UNIT_LIBS)

tests_unit_test_modem_files_SOURCES = tests/unit/test-modem-files.c tests/unit/unit.h
tests_unit_test_modem_files_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_modem_files_LDADD = $(UNIT_LIBS)
tests_unit_test_mistakes_SOURCES = tests/unit/test-mistakes.c tests/unit/unit.h
tests_unit_test_mistakes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_mistakes_LDADD = $(UNIT_LIBS)

tests_unit_test_client_SOURCES = tests/unit/test-client.c tests/unit/unit.h
tests_unit_test_client_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_client_LDADD = $(UNIT_LIBS)

tests_unit_test_reach_SOURCES = tests/unit/test-reach.c tests/unit/unit.h
tests_unit_test_reach_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_reach_LDADD = $(UNIT_LIBS)

tests_unit_test_listener_SOURCES = tests/unit/test-listener.c tests/unit/unit.h
tests_unit_test_listener_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_listener_LDADD = $(UNIT_LIBS)

tests_unit_test_cert_SOURCES = tests/unit/test-cert.c tests/unit/unit.h
tests_unit_test_cert_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cert_LDADD = $(UNIT_LIBS)
tests_unit_test_cert_name_SOURCES = tests/unit/test-cert-name.c tests/unit/unit.h
tests_unit_test_cert_name_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cert_name_LDADD = $(UNIT_LIBS)

tests_unit_test_cert_wipe_SOURCES = tests/unit/test-cert-wipe.c tests/unit/unit.h
tests_unit_test_cert_wipe_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cert_wipe_LDFLAGS = -Wl,--wrap=free
tests_unit_test_cert_wipe_LDADD = $(UNIT_LIBS)

tests_unit_test_journal_SOURCES = tests/unit/test-journal.c tests/unit/unit.h
tests_unit_test_journal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_journal_LDADD = $(UNIT_LIBS)

tests_unit_test_store_SOURCES = tests/unit/test-store.c tests/unit/unit.h
tests_unit_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_LDADD = $(UNIT_LIBS)

SIM_TESTS = \
	tests/unit/test-sim-telit \
	tests/unit/test-sim-cinterion \
	tests/unit/test-sim-cinterion-line \
	tests/unit/test-sim-cinterion-life \
	tests/unit/test-sim-tls \
	tests/unit/test-sim-online \
	tests/unit/test-sim-line \
	tests/unit/test-sim-cinterion-store \
	tests/unit/test-sim-cinterion-online \
	tests/unit/test-sim-far \
	tests/unit/test-sim-life \
	tests/unit/test-sim-faults
check_PROGRAMS += $(SIM_TESTS)
TESTS += $(SIM_TESTS)
SIM_TEST_WORLD = tests/unit/sim-world.c tests/unit/sim-world.h tests/unit/unit.h
SIM_TEST_CINTERION = $(SIM_TEST_WORLD) tests/unit/sim-cinterion.c tests/unit/sim-cinterion.h
SIM_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
SIM_TEST_LIBS = libsim.a libbase.a $(CMOCKA_LIBS) $(OPENSSL_LIBS)
tests_unit_test_sim_telit_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_telit_SOURCES = tests/unit/test-sim-telit.c $(SIM_TEST_WORLD)
tests_unit_test_sim_telit_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_cinterion_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_cinterion_SOURCES = tests/unit/test-sim-cinterion.c $(SIM_TEST_CINTERION)
tests_unit_test_sim_cinterion_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_cinterion_line_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_cinterion_line_SOURCES = tests/unit/test-sim-cinterion-line.c $(SIM_TEST_CINTERION)
tests_unit_test_sim_cinterion_line_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_cinterion_life_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_cinterion_life_SOURCES = tests/unit/test-sim-cinterion-life.c $(SIM_TEST_CINTERION)
tests_unit_test_sim_cinterion_life_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_tls_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_tls_SOURCES = tests/unit/test-sim-tls.c $(SIM_TEST_WORLD)
tests_unit_test_sim_tls_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_online_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_online_SOURCES = tests/unit/test-sim-online.c $(SIM_TEST_WORLD)
tests_unit_test_sim_online_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_line_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_line_SOURCES = tests/unit/test-sim-line.c $(SIM_TEST_WORLD)
tests_unit_test_sim_line_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_life_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_life_SOURCES = tests/unit/test-sim-life.c $(SIM_TEST_WORLD)
tests_unit_test_sim_life_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_faults_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_faults_SOURCES = tests/unit/test-sim-faults.c $(SIM_TEST_WORLD)
tests_unit_test_sim_faults_LDADD = $(SIM_TEST_LIBS)
SIM_TEST_PKI = tests/unit/sim-pki.c tests/unit/sim-pki.h tests/unit/unit.h
tests_unit_test_sim_cinterion_store_CPPFLAGS = $(SIM_TEST_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_unit_test_sim_cinterion_store_SOURCES = tests/unit/test-sim-cinterion-store.c $(SIM_TEST_WORLD) tests/unit/sim-pki.c \
	tests/unit/sim-pki.h
tests_unit_test_sim_cinterion_store_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_cinterion_online_CPPFLAGS = $(SIM_TEST_CPPFLAGS)
tests_unit_test_sim_cinterion_online_SOURCES = tests/unit/test-sim-cinterion-online.c $(SIM_TEST_WORLD)
tests_unit_test_sim_cinterion_online_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_far_CPPFLAGS = $(SIM_TEST_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_unit_test_sim_far_SOURCES = tests/unit/test-sim-far.c $(SIM_TEST_PKI)
tests_unit_test_sim_far_LDADD = $(SIM_TEST_LIBS)
endif
