#ifndef OPSPUSH_SANDBOX_PAGES_H
#define OPSPUSH_SANDBOX_PAGES_H

#include "journal.h"
#include "people.h"

/* The stand-in's own pages: what it received, as JSON for tests and as a small page for people. They append to 'out'. */

/* GET /sandbox/received: "people" (each with its profile as it stands now) and "requests" in the order of arrival. */
void page_received(struct people *people, const struct journal *journal, struct text *out);
/* GET /sandbox/stats */
void page_stats(const struct people *people, const struct journal *journal, struct text *out);
/* GET /: counts as a web page; everything that came from outside is escaped. */
void page_home(const struct people *people, const struct journal *journal, struct text *out);

#endif
