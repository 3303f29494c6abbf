#ifndef OPSPUSH_MAPPING_TYPES_H
#define OPSPUSH_MAPPING_TYPES_H

#include "span.h"

/* One address: a local part of ASCII letters, digits and the usual signs, and a domain name with a dot in it. */
bool email_is_good(struct span value);
/* Two ASCII letters. Longer values are none of its business: the limit of the field judges them. */
bool two_letters_are_good(struct span value);

#endif
