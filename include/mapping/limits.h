#ifndef OPSPUSH_MAPPING_LIMITS_H
#define OPSPUSH_MAPPING_LIMITS_H

#include <stdbool.h>

#include "profile/field.h"

/* What the mapping says about when to stop and ask a person (file.* and stop_if), with the built-in values filled in. */
struct limits {
    long rows_min, rows_max;                   /* rows_between; -1: not given */
    long max_age_hours;                        /* -1: not given */
    bool same_file_refused;                    /* "same_file": "refuse" */
    double rows_fewer_percent;                 /* 10 */
    double new_percent;                        /* 10 */
    double changed_percent;                    /* 25 */
    double gone_percent;                       /* 10 */
    double rejected_percent;                   /* 5 */
    double mapping_percent;                    /* 10 */
    double field_changed_percent[FIELD_COUNT]; /* 20 */
    double field_emptied_percent[FIELD_COUNT]; /* 10 */
};

#endif
