/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/story.h"

#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "simulation/world.h"

#define EVENTS 40
#define RING (EVENTS + 1) /* the latest may go again, and must not have cost the oldest */
#define LOOK_BACK 4 /* operations that take turns are still one event each */

struct event {
	uint64_t first_ms, last_ms;
	unsigned times;
	bool running;	    /* an operation that has not ended */
	bool of_driver;
	char who[10], what[140];
};

static struct {
	struct event events[RING]; /* number n stands at n % RING */
	unsigned n;
	const uint64_t *now_ms;
	uint64_t began_ms;
	const char *secrets[STORY_SECRETS];
} story;

int story_log_shown;
char story_replay[200];

/* Linked in place of base/log.c: all is told, and little shown. */
enum log_level log_level = LOG_DEBUG;
bool log_prefix;

void
story_begin(const uint64_t *now_ms)
{
	memset(&story, 0, sizeof(story));
	story.now_ms = now_ms;
	story.began_ms = *now_ms;
}

static struct event *
back(unsigned by)
{
	return &story.events[(story.n - by) % RING];
}

static struct event *
add(const char *who)
{
	struct event *e = &story.events[story.n++ % RING];

	e->first_ms = e->last_ms = story.now_ms ? *story.now_ms : 0;
	e->times = 1;
	e->running = e->of_driver = false;
	e->what[0] = '\0';
	str_copy(e->who, sizeof(e->who), who);
	return e;
}

/* What was said before it, with nothing but the driver's operations between, counts on. */
static void
merge_latest(void)
{
	struct event *e = back(1), *old;
	unsigned i;

	for (i = 2; i <= story.n && i <= LOOK_BACK; i++) {
		old = back(i);
		if (old->of_driver != e->of_driver || old->running)
			return;
		if (!strcmp(old->what, e->what) && !strcmp(old->who, e->who)) {
			old->times += e->times;
			old->last_ms = e->last_ms;
			story.n--;
			return;
		}
		if (!e->of_driver)
			return;
	}
}

void
story_tell(const char *who, const char *fmt, ...)
{
	struct event *e = add(who);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	merge_latest();
}

/* "@ send 1" begins, "= 0" or "= setup 0" ends it; between the two other things may happen. */
void
story_operation(const char *note)
{
	const char *result = strrchr(note, ' ');
	struct event *e;
	unsigned i;

	if (note[0] == '@') {
		e = add("driver");
		str_copy(e->what, sizeof(e->what), note + 2);
		e->of_driver = true;
		e->running = strcmp(note, "@ look") != 0; /* nothing tells its end */
		return;
	}
	for (i = 1; i <= story.n && i < EVENTS && !back(i)->running; i++)
		;
	if (i > story.n || i == EVENTS) {
		story_tell("driver", "ends: %s", note + 2);
		return;
	}
	e = back(i);
	e->running = false;
	e->last_ms = *story.now_ms;
	str_add(e->what, sizeof(e->what), " =%s", result ? result : note);
	if (i == 1)
		merge_latest();
}

void
story_secret(const char *secret)
{
	size_t i;

	for (i = 0; i < STORY_SECRETS && story.secrets[i]; i++)
		if (story.secrets[i] == secret)
			return;
	if (i == STORY_SECRETS)
		world_fail("more secrets than a story can keep");
	story.secrets[i] = secret;
}

bool
story_has_secret(const void *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < STORY_SECRETS && story.secrets[i]; i++)
		if (memmem(bytes, len, story.secrets[i], strlen(story.secrets[i])))
			return true;
	return false;
}

void
log_line(enum log_level level, const char *tag, const char *name, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (story_has_secret(line, strlen(line)))
		world_fail("P6: a secret is in the log");
	if ((int)level <= story_log_shown)
		fprintf(stderr, "%10llu %s%s%s: %s\n", (unsigned long long)*story.now_ms, tag, name ? " " : "", name ? name : "", line);
	story_tell(name ? name : tag, "%s", line);
}

static void
print_time(FILE *to, uint64_t ms)
{
	ms -= story.began_ms;
	fprintf(to, "%5llu.%03u", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
}

void
story_print(FILE *to)
{
	unsigned i;

	for (i = story.n < EVENTS ? story.n : EVENTS; i; i--) {
		const struct event *e = back(i);

		print_time(to, e->first_ms);
		fprintf(to, "  %-7s %s%s", e->who, e->what, e->running ? " ..." : "");
		if (e->times > 1 || e->last_ms > e->first_ms) {
			fputs("  (", to);
			if (e->times > 1)
				fprintf(to, "%u times, ", e->times);
			fputs("until ", to);
			print_time(to, e->last_ms);
			fputc(')', to);
		}
		fputc('\n', to);
	}
	if (story_replay[0])
		fprintf(to, "again: %s    more of it: WORLD_LOG=1 (log) or WORLD_NOISY=1 (conversation) before it; gdb --args ...\n",
		    story_replay);
}
