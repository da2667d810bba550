/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtc.h - a module's clock as AT commands write it: yy/MM/dd,hh:mm:ss+zz
 */
#ifndef SIM_RTC_H
#define SIM_RTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds since 1970 UTC and the zone in quarters of an hour; with_dst: ",d" may follow.  False when it is no such time. */
bool rtc_parse(const char *text, bool with_dst, int64_t *ret_seconds, int *ret_zone);

void rtc_text(char *dst, size_t size, int64_t seconds, int zone);

#endif
