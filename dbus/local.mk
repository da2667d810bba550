# SPDX-License-Identifier: Apache-2.0
# The interfaces as they are documented, who may have the name, and what polkit is asked.
dbusinterfacesdir = $(datadir)/dbus-1/interfaces
dist_dbusinterfaces_DATA = dbus/org.celltls1.Manager.xml dbus/org.celltls1.Modem.xml dbus/org.celltls1.Channel.xml
dbussystemdir = $(datadir)/dbus-1/system.d
dist_dbussystem_DATA = dbus/org.celltls1.conf
polkitactionsdir = $(datadir)/polkit-1/actions
dist_polkitactions_DATA = dbus/org.celltls1.policy

# the manual page has what the interfaces have
dist_check_SCRIPTS += tests/unit/dbus-doc.sh
TESTS += tests/unit/dbus-doc.sh
