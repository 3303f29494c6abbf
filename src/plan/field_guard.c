#include "verdict.h"

#include <inttypes.h>
#include <string.h>

/*
 * The guard 'field': does one field change, or become empty, for more people than the mapping
 * allows; and does it leave, by more than ten points, the range in which the last finished runs had
 * it?
 */

enum { BAND_RUNS_MIN = 3, BAND_ROWS_MIN = 25, BAND_POINTS = 10, OFF_PERCENT = 100 };

enum measure { CHANGES, EMPTIES, IS_EMPTY, CHANGES_MORE };

/* One share of one field, in percent, and the limit on one side of it. */
struct measurement {
    enum measure measure;
    enum field field;
    double share, limit;
    bool is_floor;      /* over the limit is below it */
    uint64_t people;    /* CHANGES, EMPTIES */
    double least, most; /* of the last runs */
    size_t runs;
};

static double measurement_excess(const struct measurement *measurement)
{
    return measurement->is_floor ? measurement->limit - measurement->share
                                 : measurement->share - measurement->limit;
}

static double share_of(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* The range of a field's share in the last runs that are large enough to have one. */
struct band {
    double least, most;
    size_t runs;
};

static void band_add(struct band *band, double share)
{
    if (band->runs == 0 || share < band->least)
        band->least = share;
    if (band->runs == 0 || share > band->most)
        band->most = share;
    band->runs++;
}

static struct band band_empty(const struct baseline *baseline, enum field field)
{
    struct band band = {.runs = 0};
    for (size_t i = 0; i < baseline->runs; i++)
        if (baseline->run[i].valid >= BAND_ROWS_MIN)
            band_add(&band, OFF_PERCENT -
                                share_of(baseline->run[i].filled[field], baseline->run[i].valid));
    return band;
}

static struct band band_changed(const struct baseline *baseline, enum field field)
{
    struct band band = {.runs = 0};
    for (size_t i = 0; i < baseline->runs; i++)
        if (baseline->run[i].known >= BAND_ROWS_MIN)
            band_add(&band, share_of(baseline->run[i].changed[field], baseline->run[i].known));
    return band;
}

struct measurements {
    struct measurement worst; /* furthest over its limit, or nearest to it */
    struct measurement odd; /* furthest outside the last runs, an empty field first; runs 0: none */
    field_set over;         /* fields over a limit */
};

/* What became empty also changed: that it is empty says more. */
static bool measurement_is_odder(const struct measurement *measurement,
                                 const struct measurement *odd)
{
    if (odd->runs && measurement->measure != odd->measure)
        return measurement->measure == IS_EMPTY;
    return odd->runs == 0 || measurement_excess(measurement) > measurement_excess(odd);
}

static void measurement_keep(struct measurements *measurements,
                             const struct measurement *measurement)
{
    struct measurement *worst = &measurements->worst, *odd = &measurements->odd;
    if (measurement->limit >= OFF_PERCENT)
        return;
    if (worst->limit >= OFF_PERCENT || measurement_excess(measurement) > measurement_excess(worst))
        *worst = *measurement;
    if (measurement->runs && measurement_is_odder(measurement, odd))
        *odd = *measurement;
    if (measurement_excess(measurement) > 0)
        measurements->over |= FIELD_BIT(measurement->field);
}

static void field_limits(const struct evidence *evidence, enum field field,
                         struct measurements *measurements)
{
    const struct plan_figures *figures = evidence->figures;
    struct measurement changes = {.measure = CHANGES,
                                  .field = field,
                                  .share = share_of(figures->field_changed[field], figures->known),
                                  .limit = evidence->limits->field_changed_percent[field],
                                  .people = figures->field_changed[field]};
    struct measurement empties = {.measure = EMPTIES,
                                  .field = field,
                                  .share = share_of(figures->field_emptied[field], figures->known),
                                  .limit = evidence->limits->field_emptied_percent[field],
                                  .people = figures->field_emptied[field]};
    measurement_keep(measurements, &changes);
    measurement_keep(measurements, &empties);
}

static bool mapping_is_new(const struct evidence *evidence)
{
    const char *before = evidence->baseline->mapping_digest, *now = evidence->facts->mapping_digest;
    return before[0] && now[0] && strcmp(before, now) != 0;
}

/*
 * Fill rates are those of whole files by one mapping; what the mapping alone changes has a guard of
 * its own.
 */
static void field_fill_band(const struct evidence *evidence, enum field field,
                            struct measurements *measurements)
{
    const struct guard_facts *facts = evidence->facts;
    struct band band = band_empty(evidence->baseline, field);
    if (band.runs < BAND_RUNS_MIN || facts->valid < BAND_ROWS_MIN || mapping_is_new(evidence) ||
        evidence->limits->field_emptied_percent[field] >= OFF_PERCENT)
        return;
    struct measurement measurement = {.measure = IS_EMPTY,
                                      .field = field,
                                      .share = OFF_PERCENT -
                                               share_of(facts->filled[field], facts->valid),
                                      .least = band.least,
                                      .most = band.most,
                                      .runs = band.runs};
    measurement.is_floor = measurement.share < band.least;
    measurement.limit = measurement.is_floor ? band.least - BAND_POINTS : band.most + BAND_POINTS;
    if (measurement_excess(&measurement) > 0)
        measurement_keep(measurements, &measurement);
}

static void field_change_band(const struct evidence *evidence, enum field field,
                              struct measurements *measurements)
{
    const struct plan_figures *figures = evidence->figures;
    struct band band = band_changed(evidence->baseline, field);
    if (band.runs < BAND_RUNS_MIN || evidence->limits->field_changed_percent[field] >= OFF_PERCENT)
        return;
    struct measurement measurement = {.measure = CHANGES_MORE,
                                      .field = field,
                                      .share =
                                          share_of(figures->field_changed[field], figures->known),
                                      .limit = band.most + BAND_POINTS,
                                      .least = band.least,
                                      .most = band.most,
                                      .runs = band.runs};
    if (measurement_excess(&measurement) > 0)
        measurement_keep(measurements, &measurement);
}

static void measurement_say(const struct measurement *measurement, uint64_t known,
                            struct guard_verdict *verdict)
{
    const char *name = field_info(measurement->field)->name;
    switch (measurement->measure) {
    case CHANGES:
    case EMPTIES:
        verdict_say(verdict,
                    "%s %s for %" PRIu64 " %s (%s %% of the %" PRIu64 " known); the limit is %s %%",
                    name, measurement->measure == CHANGES ? "changes" : "becomes empty",
                    measurement->people, measurement->people == 1 ? "person" : "people",
                    percent_text(measurement->share).text, known,
                    percent_text(measurement->limit).text);
        break;
    case IS_EMPTY:
    case CHANGES_MORE:
        verdict_say(verdict,
                    "%s %s %.0f %% of %s where it was %.0f to %.0f %% in the last %zu runs", name,
                    measurement->measure == IS_EMPTY ? "is empty in" : "changes for",
                    measurement->share, measurement->measure == IS_EMPTY ? "rows" : "known people",
                    measurement->least, measurement->most, measurement->runs);
        break;
    }
}

static unsigned fields_number(field_set fields)
{
    unsigned number = 0;
    for (; fields; fields &= fields - 1)
        number++;
    return number;
}

void judge_field(const struct evidence *evidence, struct guard_verdict *verdict)
{
    struct measurements measurements = {.worst.limit = OFF_PERCENT};
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        field_limits(evidence, field, &measurements);
        if (evidence->facts->partial)
            continue;
        field_fill_band(evidence, field, &measurements);
        field_change_band(evidence, field, &measurements);
    }
    verdict->value = measurements.worst.share;
    verdict->limit = measurements.worst.limit;
    verdict->passed = measurements.over == 0;
    if (measurements.worst.limit >= OFF_PERCENT)
        verdict_say(verdict, "the mapping sets no limit for any field");
    else
        measurement_say(&measurements.worst, evidence->figures->known, verdict);
    const struct measurement *worst = &measurements.worst, *odd = &measurements.odd;
    if (odd->runs && (odd->measure != worst->measure || odd->field != worst->field)) {
        verdict_say(verdict, "; ");
        measurement_say(odd, evidence->figures->known, verdict);
    }
    unsigned more = fields_number(measurements.over & ~FIELD_BIT(measurements.worst.field));
    if (more)
        verdict_say(verdict, "; %u more field%s over a limit", more, more == 1 ? " is" : "s are");
}
