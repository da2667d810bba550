/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a configuration: no crash, no leak, no file touched, and either a
 * configuration or a reason.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_report report = CONF_REPORT_INIT;
	struct conf *conf = NULL;
	int r = conf_load_text("fuzz.conf", (const char *)data, size, CONF_NO_FILES, &conf, &report);
	size_t i;

	if ((r == 0) != (conf != NULL) || (r < 0) != (report.errors > 0))
		abort();
	for (i = 0; conf && i < conf->n_channels; i++)
		if (!conf->channels[i].modem_conf || !conf->channels[i].socket.path[0])
			abort();
	conf_free(conf);
	conf_report_deinit(&report);
	return 0;
}
