/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/buf.h"

static void
bytes_come_out_in_the_order_they_went_in(void **state)
{
	struct buf b = BUF_INIT(8);

	(void)state;
	assert_true(buf_put(&b, "abcd", 4));
	buf_drop(&b, 3);
	assert_true(buf_put(&b, "efghijk", 7));
	assert_int_equal(b.len, 8);
	assert_memory_equal(buf_bytes(&b), "defghijk", 8);
	buf_deinit(&b);
}

static void
what_does_not_fit_is_refused_whole(void **state)
{
	struct buf b = BUF_INIT(4);

	(void)state;
	assert_true(buf_put(&b, "abc", 3));
	assert_false(buf_put(&b, "de", 2));
	assert_int_equal(b.len, 3);
	assert_int_equal(buf_room(&b), 1);
	assert_true(buf_put(&b, "d", 1));
	assert_memory_equal(buf_bytes(&b), "abcd", 4);
	buf_deinit(&b);
}

static void
an_empty_buffer_holds_no_memory(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	assert_null(buf_bytes(&b));
	assert_true(buf_put(&b, "", 0));
	assert_null(b.data);
	assert_true(buf_put(&b, "x", 1));
	buf_drop(&b, 1);
	assert_null(b.data);
	assert_int_equal(buf_room(&b), 100);
	buf_deinit(&b);
	buf_deinit(&b);
}

/* Pieces of all lengths through a queue that is sometimes full, against counters. */
static void
a_long_stream_keeps_its_bytes(void **state)
{
	struct buf b = BUF_INIT(5000);
	uint8_t piece[1500];
	uint32_t in = 0, out = 0, n, i;

	(void)state;
	for (n = 0; n < 20000; n++) {
		size_t len = n * 37 % sizeof(piece), drop;

		for (i = 0; i < len; i++)
			piece[i] = (uint8_t)((in + i) * 7);
		if (buf_put(&b, piece, len))
			in += len;
		assert_true(b.len <= b.cap);
		drop = n * 53 % 1600;
		drop = drop < b.len ? drop : b.len;
		for (i = 0; i < drop; i++)
			assert_int_equal(buf_bytes(&b)[i], (uint8_t)((out + i) * 7));
		buf_drop(&b, drop);
		out += drop;
	}
	assert_true(out > 1000000);
	assert_int_equal(in - out, b.len);
	buf_deinit(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_out_in_the_order_they_went_in),
		cmocka_unit_test(what_does_not_fit_is_refused_whole),
		cmocka_unit_test(an_empty_buffer_holds_no_memory),
		cmocka_unit_test(a_long_stream_keeps_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
