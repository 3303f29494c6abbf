#ifndef OPSPUSH_EXPORT_DAMAGE_H
#define OPSPUSH_EXPORT_DAMAGE_H

#include "export/export.h"
#include "split.h"

/*
 * Says what is wrong with a record that was split: sets cells, damage, its cell and its words. One empty cell more
 * than the heading (a delimiter at the end) is sound, as is one less where the heading's last cell is empty; the
 * cells of a sound record are as many as the heading's. 'heading' NULL: it is the heading itself.
 */
void damage_judge(struct export_record *record, struct splitter *splitter,
                  const struct split_marks *marks, const struct export_record *heading);

#endif
