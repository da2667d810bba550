/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "cert/record.h"
#include "cert/store.h"

#define IMEI "351234567890123"
#define ICCID "8937001234567890123"

static char dir[64];

static int
setup(void **state)
{
	(void)state;
	log_level = LOG_ERROR;
	snprintf(dir, sizeof(dir), "/tmp/celltls-store-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static char *
path(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void
overwrite(const char *name, const void *bytes, size_t len)
{
	AUTO(free) char *p = path(name);
	FILE *f = fopen(p, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static struct store *
open_store(void)
{
	return store_open(dir, "gw0");
}

static void
what_was_written_is_known_after_a_restart(void **state)
{
	struct store_slot ca = { .slot = "ca", .sha256 = { 1, 2, 0xff }, .size = 1208, .written_s = 5000000000 };
	struct store_slot key = { .slot = "client-key", .sha256 = { 9 }, .size = 1679 };
	const struct store_slot *found;
	struct store *s = open_store();
	AUTO(free) char *p = path("gw0.slots");
	struct stat st;

	(void)state;
	assert_null(store_slot(s, "ca"));
	assert_int_equal(store_module(s, IMEI), 0);
	assert_int_equal(store_remember(s, &ca), 0);
	assert_int_equal(store_remember(s, &key), 0);
	ca.size = 1300;
	assert_int_equal(store_remember(s, &ca), 0);
	store_close(s);
	assert_int_equal(stat(p, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	s = open_store();
	assert_int_equal(store_module(s, IMEI), 0);
	found = store_slot(s, "ca");
	assert_non_null(found);
	assert_memory_equal(found->sha256, ca.sha256, 32);
	assert_int_equal(found->size, 1300);
	assert_true(found->written_s == 5000000000);
	assert_int_equal(store_forget(s, "ca"), 0);
	assert_null(store_slot(s, "ca"));
	assert_non_null(store_slot(s, "client-key"));
	assert_int_equal(store_forget(s, NULL), 0);
	store_close(s);
	s = open_store();
	assert_null(store_slot(s, "client-key"));
	store_close(s);
}

static void
another_module_has_empty_slots(void **state)
{
	struct store_slot ca = { .slot = "ca", .size = 1 };
	struct store *s = open_store();

	(void)state;
	assert_int_equal(store_module(s, IMEI), 0);
	assert_int_equal(store_remember(s, &ca), 0);
	assert_int_equal(store_module(s, "351234567890999"), 0);
	assert_null(store_slot(s, "ca"));
	store_close(s);
	s = open_store();
	assert_null(store_slot(s, "ca"));
	store_close(s);
}

static void
damage_counts_as_not_known(void **state)
{
	static const char *const lines[] = {
		"slot",
		"slot ca",
		"slot ca zz 1 2",
		"slot ca 00 1 2",
		"nonsense \xff\x01",
		"module",
		"module a b",
		"slot a/b 0000000000000000000000000000000000000000000000000000000000000000 1 2",
		"slot ca 0000000000000000000000000000000000000000000000000000000000000000 1 2 3",
	};
	static const char zero[64] = "";
	char text[512];
	struct store *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text),
			 "%s\nslot key 1111111111111111111111111111111111111111111111111111111111111111 7 8\n",
			 lines[i]);
		overwrite("gw0.slots", text, strlen(text));
		s = open_store();
		assert_null(store_slot(s, "ca"));
		assert_non_null(store_slot(s, "key")); /* the sound lines stand */
		assert_int_equal(store_slot(s, "key")->size, 7);
		store_close(s);
	}
	overwrite("gw0.slots", zero, sizeof(zero));
	overwrite("gw0.pin", zero, sizeof(zero));
	s = open_store();
	assert_null(store_slot(s, "key"));
	assert_false(store_pin_refused(s, ICCID, "1234"));
	store_close(s);
	memset(text, 'x', sizeof(text));
	{
		AUTO(free) char *big = xcalloc(1, 100000);

		overwrite("gw0.slots", big, 100000);
	}
	s = open_store();
	assert_null(store_slot(s, "key"));
	store_close(s);
}

static void
names_that_would_spoil_the_record_are_refused(void **state)
{
	struct store_slot bad = { .slot = "a b" };
	struct store *s = open_store();

	(void)state;
	assert_int_equal(store_remember(s, &bad), -EINVAL);
	assert_int_equal(store_module(s, ""), -EINVAL);
	assert_int_equal(store_module(s, "1\nslot"), -EINVAL);
	assert_int_equal(store_pin_try(s, "89 37", "1234"), -EINVAL);
	store_close(s);
}

static void
more_slots_than_fit_are_refused(void **state)
{
	struct store *s = open_store();
	struct store_slot slot = { .size = 4000000000u, .written_s = INT64_MIN };
	int i;

	(void)state;
	for (i = 0; i < STORE_SLOTS_MAX; i++) {
		snprintf(slot.slot, sizeof(slot.slot), "a-long-name-%u", (unsigned)i % 100);
		assert_int_equal(store_remember(s, &slot), 0);
	}
	strcpy(slot.slot, "one-more");
	assert_int_equal(store_remember(s, &slot), -EINVAL);
	store_close(s);
	s = open_store();
	snprintf(slot.slot, sizeof(slot.slot), "a-long-name-%d", STORE_SLOTS_MAX - 1);
	assert_non_null(store_slot(s, slot.slot)); /* all of it fits the file */
	store_close(s);
}

static void
a_pin_is_refused_until_it_was_accepted(void **state)
{
	struct store *s = open_store();
	AUTO(free) char *p = path("gw0.pin");
	char text[4096];

	(void)state;
	assert_false(store_pin_refused(s, ICCID, "1234"));
	assert_int_equal(store_pin_try(s, ICCID, "1234"), 0);
	store_close(s); /* a crash before the answer */
	s = open_store();
	assert_int_equal(store_pin_try(s, ICCID, "1234"), -EKEYREJECTED);
	assert_true(record_read(p, text, sizeof(text)) > 0);
	assert_null(strstr(text, "1234 "));
	assert_int_equal(store_pin_try(s, "8937009999999999999", "1234"), 0); /* another SIM */
	assert_int_equal(store_pin_try(s, ICCID, "4321"), 0);                 /* another PIN */
	assert_int_equal(store_pin_accepted(s, ICCID), 0);
	store_close(s);
	s = open_store();
	assert_false(store_pin_refused(s, ICCID, "4321"));
	assert_true(store_pin_refused(s, "8937009999999999999", "1234"));
	assert_int_equal(store_pin_try(s, "", "1234"), 0); /* a SIM that does not tell its number */
	assert_int_equal(store_pin_try(s, "", "1234"), -EKEYREJECTED);
	store_close(s);
}

static void
many_sims_push_out_the_oldest(void **state)
{
	struct store *s = open_store();
	char iccid[24];
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		snprintf(iccid, sizeof(iccid), "89370000000000000%u", (unsigned)i % 10);
		assert_int_equal(store_pin_try(s, iccid, "1234"), 0);
	}
	store_close(s);
	s = open_store();
	assert_false(store_pin_refused(s, "893700000000000000", "1234"));
	assert_true(store_pin_refused(s, "893700000000000009", "1234"));
	store_close(s);
}

static void
what_cannot_be_written_down_is_not_tried(void **state)
{
	AUTO(store_close) struct store *s = store_open("/tmp/celltls-no-such-directory", "gw0");
	struct store_slot ca = { .slot = "ca" };

	(void)state;
	assert_int_equal(store_pin_try(s, ICCID, "1234"), -ENOENT);
	assert_int_equal(store_pin_try(s, ICCID, "1234"), -ENOENT);
	assert_int_equal(store_remember(s, &ca), -ENOENT);
}

static void
a_left_over_temporary_file_is_no_hindrance(void **state)
{
	struct store_slot ca = { .slot = "ca" };
	struct store *s = open_store();
	AUTO(free) char *p = path("gw0.slots.new");

	(void)state;
	overwrite("gw0.slots.new", "half", 4);
	assert_int_equal(store_remember(s, &ca), 0);
	assert_int_equal(access(p, F_OK), -1);
	store_close(s);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(what_was_written_is_known_after_a_restart),
		IN_DIR(another_module_has_empty_slots),
		IN_DIR(damage_counts_as_not_known),
		IN_DIR(names_that_would_spoil_the_record_are_refused),
		IN_DIR(more_slots_than_fit_are_refused),
		IN_DIR(a_pin_is_refused_until_it_was_accepted),
		IN_DIR(many_sims_push_out_the_oldest),
		IN_DIR(what_cannot_be_written_down_is_not_tried),
		IN_DIR(a_left_over_temporary_file_is_no_hindrance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
