#include "sim.h"

uint64_t mix(uint64_t a, uint64_t b)
{
    struct dice dice = {a ^ (b * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x632be59bd9b4e019))};
    return dice_next(&dice);
}

uint64_t dice_next(struct dice *dice)
{
    uint64_t mixed = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint32_t dice_below(struct dice *dice, uint32_t count)
{
    return count ? (uint32_t)(dice_next(dice) % count) : 0;
}

int64_t dice_between(struct dice *dice, int64_t low, int64_t high)
{
    return low + (int64_t)(dice_next(dice) % (uint64_t)(high - low + 1));
}

bool dice_hits(struct dice *dice, unsigned per_mille)
{
    return dice_next(dice) % 1000 < per_mille;
}
