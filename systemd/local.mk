# SPDX-License-Identifier: Apache-2.0
# The unit, its user and its directory.
EXTRA_DIST += systemd/celltlsd.service.in systemd/celltls.sysusers systemd/celltls.tmpfiles
CLEANFILES += systemd/celltlsd.service
systemdsystemunit_DATA = systemd/celltlsd.service

systemd/celltlsd.service: systemd/celltlsd.service.in Makefile
	@$(MKDIR_P) systemd
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
	    $(top_srcdir)/systemd/celltlsd.service.in >$@.tmp && mv $@.tmp $@

# installed under the name of the package, not that of the source
sysusers_dir = $(DESTDIR)$(prefix)/lib/sysusers.d
tmpfiles_dir = $(DESTDIR)$(prefix)/lib/tmpfiles.d
install-data-hook:: install-systemd
uninstall-hook:: uninstall-systemd
install-systemd:
	$(MKDIR_P) "$(sysusers_dir)" "$(tmpfiles_dir)"
	$(INSTALL_DATA) "$(srcdir)/systemd/celltls.sysusers" "$(sysusers_dir)/celltls.conf"
	$(INSTALL_DATA) "$(srcdir)/systemd/celltls.tmpfiles" "$(tmpfiles_dir)/celltls.conf"
uninstall-systemd:
	rm -f "$(sysusers_dir)/celltls.conf" "$(tmpfiles_dir)/celltls.conf"
.PHONY: install-systemd uninstall-systemd
