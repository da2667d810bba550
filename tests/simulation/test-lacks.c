/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-lacks.c - a driver without one of the scripts of the way up
 *
 * It is telit's but for that one script, handed out in place of it: this program
 * is linked with --wrap=dialect_of.
 */
#include "simulation/scene.h"

#include "dialect/telit.h"

static struct dialect lacking;

const struct dialect *__wrap_dialect_of(const struct module *);

const struct dialect *
__wrap_dialect_of(const struct module *m)
{
	(void)m;
	return &lacking;
}

static void
lack(size_t member)
{
	lacking = dialect_telit;
	*(const struct at_step **)((char *)&lacking + member) = NULL;
}

/* Ready, or where the module itself says that without it there is no way on, without a wait. */
static void
a_state_without_a_script_is_passed(void **state)
{
	static const struct {
		size_t member;
		enum modem_state past;
	} rows[] = {
		{ offsetof(struct dialect, setup), MODEM_SIM },
		{ offsetof(struct dialect, sim), MODEM_READY },
		{ offsetof(struct dialect, registration), MODEM_READY },
		{ offsetof(struct dialect, attach), MODEM_READY },
		{ offsetof(struct dialect, context_up), MODEM_TLS },
		{ offsetof(struct dialect, tls_up), MODEM_SLOTS },
	};
	struct world w;
	size_t i;
	unsigned ms;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lack(rows[i].member);
		scene_start(&w, state, (struct world_conf){ .alone = true });
		for (ms = 0; ms < 20000 && modem_state(w.modem) < rows[i].past; ms++)
			world_run(&w, 1);
		if (modem_state(w.modem) < rows[i].past || modem_state(w.modem) > MODEM_READY)
			fail_msg("row %zu: %s: %s", i, modem_state_word(w.modem), modem_error(w.modem));
		world_stop(&w);
	}
}

static void
a_pin_that_cannot_be_given_is_explained(void **state)
{
	struct world w;

	lack(offsetof(struct dialect, sim_unlock));
	scene_start(&w, state, (struct world_conf){ .alone = true, .pin = "1234", .side.sim_pin = "1234" });
	world_run(&w, 20000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_non_null(strstr(modem_error(w.modem), "switch the PIN off"));
	assert_int_equal(w.pins_tried, 0);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TELIT_FAMILIES(a_state_without_a_script_is_passed),
		TELIT_FAMILIES(a_pin_that_cannot_be_given_is_explained),
	};

	return cmocka_run_group_tests_name("lacks", tests, NULL, NULL);
}
