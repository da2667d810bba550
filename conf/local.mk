# SPDX-License-Identifier: Apache-2.0
# The configuration as people see it: the example and the manual page.
dist_doc_DATA += conf/celltls.conf
dist_man_MANS += doc/celltls.conf.5

# the host's clock from the network's time
examplesdir = $(docdir)/examples/celltls-chrony
dist_examples_SCRIPTS = conf/examples/celltls-chrony/celltls-chrony
dist_examples_DATA = conf/examples/celltls-chrony/celltls-chrony.path conf/examples/celltls-chrony/celltls-chrony.service \
	conf/examples/celltls-chrony/README.md

# figures of the daemon, in the textfile collector of node_exporter
metricsexampledir = $(docdir)/examples/celltls-metrics
dist_metricsexample_SCRIPTS = conf/examples/celltls-metrics/celltls-metrics
dist_metricsexample_DATA = conf/examples/celltls-metrics/celltls-metrics.service \
	conf/examples/celltls-metrics/celltls-metrics.timer conf/examples/celltls-metrics/README.md

# An admin's file is never replaced, and only one that is still the example is removed.
conf_dir = $(DESTDIR)$(sysconfdir)/celltls
install-data-hook:: install-conf
uninstall-hook:: uninstall-conf
install-conf:
	$(MKDIR_P) "$(conf_dir)"
	test -e "$(conf_dir)/celltls.conf" || $(INSTALL_DATA) "$(srcdir)/conf/celltls.conf" "$(conf_dir)/celltls.conf"
uninstall-conf:
	! cmp -s "$(srcdir)/conf/celltls.conf" "$(conf_dir)/celltls.conf" || rm -f "$(conf_dir)/celltls.conf"
	rmdir "$(conf_dir)" 2>/dev/null || true
.PHONY: install-conf uninstall-conf update-doc

# the key list of the page comes from the table of keys
check_PROGRAMS += doc/conf-doc
doc_conf_doc_SOURCES = doc/conf-doc.c
doc_conf_doc_LDADD = $(CELLTLS_LIBS)
dist_check_SCRIPTS += tests/unit/conf-doc.sh
TESTS += tests/unit/conf-doc.sh
EXTRA_DIST += doc/update-keys.sh
update-doc: doc/conf-doc
	$(srcdir)/doc/update-keys.sh $(srcdir)/doc/celltls.conf.5 doc/conf-doc >doc/celltls.conf.5.new
	mv doc/celltls.conf.5.new $(srcdir)/doc/celltls.conf.5
