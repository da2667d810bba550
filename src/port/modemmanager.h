/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modemmanager.h - does ModemManager run, which opens every modem that it finds?
 */
#ifndef CELLTLS_PORT_MODEMMANAGER_H
#define CELLTLS_PORT_MODEMMANAGER_H

/*
 * Asks the system bus for the process that owns org.freedesktop.ModemManager1,
 * and does not start it by that.  Waits for at most limit_ms, whatever the bus
 * does.  Its pid; 0: it does not run, or nobody answers.
 */
int modemmanager_pid(unsigned limit_ms);

#endif
