#include "push/transport.h"

void exchange_clear(struct exchange *exchange)
{
    text_clear(&exchange->body);
}
