/*
 * generate: writes an invented export for mappings/banner-students.jsonc, of any size, on any day of its life.
 *
 *     generate --rows 1000000 --seed 7 [--day 2] [--changes 2] [--encoding windows-1252] [--special] [--trailer]
 *
 * The same arguments give the same bytes everywhere. Day 1 has exactly --rows rows; each later day changes --changes
 * percent of the people, loses 0.4 percent and gains 0.5 percent. Nobody in it exists: names come from a table,
 * addresses of mail from example.edu and example.com, telephone numbers from 555-01xx. --special puts hand-made
 * people in front, who between them need every step of the mapping; samples/students-day1.csv and -day2.csv are
 *
 *     generate --rows 320 --seed 2026 --special                       > samples/students-day1.csv
 *     generate --rows 320 --seed 2026 --special --day 2 --trailer     > samples/students-day2.csv
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char heading[] =
    "PIDM,ID,LAST_NAME,SURNAME_PREFIX,FIRST_NAME,PREF_FIRST_NAME,EXTERNAL_USER,EMAIL_UNIV,"
    "EMAIL_PERS,STUDENT_NO,ATYP_CODE,SEQNO,STREET1,STREET2,STREET3,CITY,STAT_CODE,ZIP,CELL_AREA,"
    "CELL_NUMBER,HOME_PHONE,BIRTH_DATE,LEVL_CODE,FT_PT,STST_CODE,TERM,CONFID_IND,DEAD_IND,"
    "DRIVER_LIC\n";

/* ------------------------------------------------------------------------------- what people are made of */

struct name {
    const char *written, *plain;
};

static struct name first_names[] = {
    {"Ada", "a"},       {"Émile", "e"},       {"Chloé", "c"},   {"David", "d"},
    {"Noémie", "n"},    {"François", "f"},    {"Grace", "g"},   {"Hélène", "h"},
    {"Ivan", "i"},      {"Jean-Luc", "j"},    {"Kateri", "k"},  {"Léa", "l"},
    {"Marie-Ève", "m"}, {"Nathan", "n"},      {"Olivia", "o"},  {"Priya", "p"},
    {"Quinn", "q"},     {"René", "r"},        {"Siobhán", "s"}, {"Thérèse", "t"},
    {"Ursula", "u"},    {"Victor", "v"},      {"Wei", "w"},     {"Xavier", "x"},
    {"Yasmine", "y"},   {"Zoë", "z"},         {"Björn", "b"},   {"Aïcha", "a"},
    {"Mary Ann", "m"},  {"José", "j"},        {"Inés", "i"},    {"Jürgen", "j"},
    {"D'Arcy", "d"},    {"Anne-Sophie", "a"}, {"Tomás", "t"},   {"Ingrid", "i"},
    {"Benoît", "b"},    {"Océane", "o"},      {"Samuel", "s"},  {"Fatima", "f"},
    {"WILLIAM", "w"},   {"CHARLOTTE", "c"},   {"THOMAS", "t"},  {"JACQUES", "j"},
};

static struct name last_names[] = {
    {"Tremblay", "tremblay"},
    {"Lévesque", "levesque"},
    {"O'Brien", "obrien"},
    {"O’Neil", "oneil"},
    {"St-Pierre", "stpierre"},
    {"Müller", "muller"},
    {"Nguyen", "nguyen"},
    {"Singh", "singh"},
    {"Côté", "cote"},
    {"Bélanger", "belanger"},
    {"Lefebvre", "lefebvre"},
    {"García Márquez", "garciamarquez"},
    {"MacDonald", "macdonald"},
    {"McKenzie", "mckenzie"},
    {"Smith-Jones", "smithjones"},
    {"D'Amico", "damico"},
    {"Ångström", "angstrom"},
    {"Brontë", "bronte"},
    {"Þórsdóttir", "thorsdottir"},
    {"Nuñez", "nunez"},
    {"Peña", "pena"},
    {"Ouellet-Gagné", "ouelletgagne"},
    {"Roy", "roy"},
    {"Gagnon", "gagnon"},
    {"Fortin", "fortin"},
    {"Okafor", "okafor"},
    {"Whitefeather", "whitefeather"},
    {"Chen", "chen"},
    {"Abdi", "abdi"},
    {"Kowalski", "kowalski"},
    {"Larsson", "larsson"},
    {"Žižka", "zizka"},
    {"Desjardins", "desjardins"},
    {"Beauséjour", "beausejour"},
    {"L'Écuyer", "lecuyer"},
    {"Fraser", "fraser"},
    {"TURNER", "turner"},
    {"BOUCHARD", "bouchard"},
    {"DE LA CRUZ", "delacruz"},
    {"ROSS", "ross"},
    {"PELLETIER", "pelletier"},
    {"HALL", "hall"},
};

static struct city {
    const char *name, *code, *area;
    bool american;
    const char *zip; /* '#' is a digit, '?' a letter */
} cities[] = {
    {"Ottawa", "ON", "613", false, "K1A #B#"},
    {"OTTAWA", "ONT", "613", false, "k2p#h#"},
    {"Toronto", "ON", "416", false, "M5V #T#"},
    {"Québec", "PQ", "418", false, "G1R #S#"},
    {"Montréal", "QC", "514", false, "H3A #G#"},
    {"TROIS-RIVIÈRES", "QUE", "819", false, "G9A#H#"},
    {"Gatineau", "QC", "819", false, "J8X #Y#"},
    {"Moncton", "NB", "506", false, "E1C #C#"},
    {"St. John's", "NF", "709", false, "A1B #X#"},
    {"Halifax", "NS", "902", false, "B3H #J#"},
    {"Winnipeg", "MB", "204", false, "R3T #N#"},
    {"Rochester", "NY", "585", true, "146##"},
    {"Boston", "MA", "617", true, "021##"},
    {"Burlington", "VT", "802", true, "05401-####"},
};

static const char *streets[] = {
    "rue Saint-Jean",
    "Main Street",
    "rue de l'Église",
    "King Street W.",
    "boulevard René-Lévesque",
    "Elm Avenue",
    "rue Sherbrooke",
    "Bank Street",
    "chemin du Cap",
    "Queen's Road",
    "Côte-de-la-Montagne",
    "Maple Crescent",
    "First Avenue",
    "rue Notre-Dame",
    "Harbour Drive",
};
static const char *prefixes[] = {"van", "de", "von der", "St."};
static const char *preferred[] = {"Bill", "Charlie", "Zoé", "Alex", "Sam", "Léo", "Kim", "Jo"};
static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                 "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

/* ------------------------------------------------------------------------------- hand-made people */

/* One row, its cells split by '|', on the days from 'first' to 'last'. */
static const struct special {
    int first, last;
    const char *cells;
} specials[] = {
    /* typographic apostrophe, comma within a cell, Banner's own province, small postal code */
    {1, 9,
     "900101|A00000101|LÉVESQUE-O’NEIL||Zoë||zlevesque|Zoe.Levesque@Example.EDU||100-000-101|MA|1|"
     "12, rue Saint-Jean|Apt 4||QUÉBEC|PQ|g1r1s4|418|555-0101||05-JAN-2003|UG|FT|AS|202610|N||"},
    /* capitals, a surname of several words; moves house on day 2 */
    {1, 1,
     "900102|A00000102|DE LA CRUZ||MARÍA  JOSÉ||mdelacruz|mdelacruz@example.edu||100-000-102|MA|1|"
     "7 Elm Avenue|||Ottawa|ON|K1A 0B1|613|5550102||17-MAR-2004|UG|FT|AS|202610|N||"},
    {2, 9,
     "900102|A00000102|DE LA CRUZ||MARÍA  JOSÉ||mdelacruz|mdelacruz@example.edu||100-000-102|MA|1|"
     "88 Queen's Road|Unit 3||Halifax|NS|B3H 4J1|902|5550102||17-MAR-2004|UG|FT|AS|202610|N||"},
    /* a surname in two cells, a preferred first name */
    {1, 9,
     "900103|A00000103|Dyk|van|William|Bill|wvandyk|wvandyk@example.edu||100-000-103|MA|1|"
     "3 Harbour Drive|||Toronto|ON|M5V 3T9|416|5550103||30-NOV-2001|GR|FT|RE|202610|N||"},
    /* changes name and address of mail on day 2 */
    {1, 1,
     "900104|A00000104|O'BRIEN||SIOBHÁN||sobrien|sobrien@example.edu||100-000-104|MA|1|"
     "41 First Avenue|||Boston|MA|02134|617|5550104||09-MAY-2002|UG|FT|AS|202610|N||"},
    {2, 9,
     "900104|A00000104|ST-PIERRE||SIOBHÁN||sobrien|sstpierre@example.edu||100-000-104|MA|1|"
     "41 First Avenue|||Boston|MA|02134|617|5550104||09-MAY-2002|UG|FT|AS|202610|N||"},
    /* a line break within a cell, a number guarded from a spreadsheet */
    {1, 9,
     "900105|A00000105|Roy||Anne||aroy|aroy@example.edu||=\"000000105\"|MA|1|"
     "C/O Lise Roy\n12 rue Sherbrooke|||Montréal|QC|H3A 1G1|514|5550105|(514) 555-0195|"
     "22-AUG-2003|UG|PT|AS|202610|N||"},
    /* abroad: a province that is in no list, a telephone number without a mask */
    {1, 9,
     "900106|A00000106|Müller||Jürgen||jmuller|jmuller@example.edu||100-000-106|MA|1|"
     "Ludwigstraße 5|||München|BY|80331|||+49 89 5550 0106|1999-12-01|EX|FT|AS|202610|N||"},
    /* three addresses: the mailing one with the highest number counts */
    {1, 9,
     "900107|A00000107|Nguyen||Thi Mai|Mai|tnguyen|tnguyen@example.edu||100-000-107|PR|3|"
     "1 Bank Street|||Ottawa|ON|K2P 1H1|613|5550107||14-FEB-2004|UG|FT|AS|202610|N||"},
    {1, 9,
     "900107|A00000107|Nguyen||Thi Mai|Mai|tnguyen|tnguyen@example.edu||100-000-107|MA|2|"
     "2 Bank Street|||Ottawa|ON|K2P 1H2|613|5550107||14-FEB-2004|UG|FT|AS|202610|N||"},
    {1, 9,
     "900107|A00000107|Nguyen||Thi Mai|Mai|tnguyen|tnguyen@example.edu||100-000-107|MA|1|"
     "3 Bank Street|||Ottawa|ON|K2P 1H3|613|5550107||14-FEB-2004|UG|FT|AS|202610|N||"},
    /* the same row twice */
    {1, 9,
     "900108|A00000108|Côté||Noémie||ncote|ncote@example.edu||100-000-108|MA|1|"
     "9 rue Notre-Dame|||Gatineau|QC|J8X 2Y2|819|5550108||03-JUL-2000|GR|PT|AS|202610|N||"},
    {1, 9,
     "900108|A00000108|Côté||Noémie||ncote|ncote@example.edu||100-000-108|MA|1|"
     "9 rue Notre-Dame|||Gatineau|QC|J8X 2Y2|819|5550108||03-JUL-2000|GR|PT|AS|202610|N||"},
    /* left out, each for another reason */
    {1, 9,
     "900109|A00000109|Hall||Grace||ghall|ghall@example.edu||100-000-109|MA|1|"
     "5 Elm Avenue|||Ottawa|ON|K1A 1B1|613|5550109||11-OCT-2003|UG|FT|AS|202610|Y||"},
    {1, 9,
     "900110|A00000110|Ross||Victor||vross|vross@example.edu||100-000-110|MA|1|"
     "6 Elm Avenue|||Ottawa|ON|K1A 1B2|613|5550110||12-OCT-2003|UG|FT|AS|202610|N|Y|"},
    {1, 9,
     "900111|A00000111|MULTIPLE ID 48512 Schumann||Clara|||cschumann@example.edu||100-000-111|MA|1|"
     "7 Elm Avenue|||Ottawa|ON|K1A 1B3|613|5550111||13-OCT-2003|UG|FT|AS|202610|N||"},
    {1, 9,
     "900112|A00000112|Fraser||Nathan||nfraser|nfraser@example.edu||100-000-112|MA|1|"
     "8 Elm Avenue|||Ottawa|ON|K1A 1B4|613|5550112||14-OCT-2003|UG|FT|IS|202610|N||"},
    /* no address of the university's: the first of two of her own */
    {1, 9,
     "900113|A00000113|Kowalski||Inés||ikowalski|(null)| Ines.K@Example.com; "
     "ik2@example.com|100-000-113|MA|1|"
     "10 Maple Crescent|Box 12|R.R. 3|Moncton|NB|E1C "
     "4C4|506|5550113||19-APR-2002|UG|FT|RE|202610|N||"},
    /* a driver's licence */
    {1, 9,
     "900114|A00000114|Chen||Wei||wchen|wchen@example.edu||100-000-114|MA|1|"
     "77 King Street W.|||Toronto|ON|M5V "
     "1T1|416|5550114||08-JUN-1998|GR|FT|AS|202610|N||ont/c1234-56789-80608"},
    /* a birthday that no calendar has: the field is left out, the person goes */
    {1, 9,
     "900115|A00000115|Larsson||Ingrid||ilarsson|ilarsson@example.edu||100-000-115|MA|1|"
     "20 Queen's Road|||St. John's|NF|A1B 3X9|709|5550115||31-FEB-2001|UG|FT|AS|202610|N||"},
    /* loses her telephone number, and her preferred name, on day 2 */
    {1, 1,
     "900116|A00000116|Bélanger||Charlotte|Charlie|cbelanger|cbelanger@example.edu||100-000-116|MA|"
     "1|"
     "6 chemin du Cap|||TROIS-RIVIÈRES|QUE|G9A5H7|819|5550116||25-DEC-2003|UG|FT|AS|202610|N||"},
    {2, 9,
     "900116|A00000116|Bélanger||Charlotte||cbelanger|cbelanger@example.edu||100-000-116|MA|1|"
     "6 chemin du Cap|||TROIS-RIVIÈRES|QUE|G9A5H7|||"
     "|25-DEC-2003|UG|FT|AS|202610|N||"},
    /* here on day 1, left out on day 2 */
    {1, 1,
     "900117|A00000117|Abdi||Fatima||fabdi|fabdi@example.edu||100-000-117|MA|1|"
     "15 Bank Street|||Ottawa|ON|K2P 5H5|613|5550117||02-MAR-2004|UG|FT|AS|202610|N||"},
    {2, 9,
     "900117|A00000117|Abdi||Fatima||fabdi|fabdi@example.edu||100-000-117|MA|1|"
     "15 Bank Street|||Ottawa|ON|K2P 5H5|613|5550117||02-MAR-2004|UG|FT|AS|202610|Y||"},
    /* good on day 1, a placeholder for an address of mail on day 2 */
    {1, 1,
     "900118|A00000118|Desjardins||Thérèse||tdesjardins|tdesjardins@example.edu||100-000-118|MA|1|"
     "31 rue Saint-Jean|||Québec|QC|G1R 2S2|418|5550118||16-SEP-2002|UG|PT|AS|202610|N||"},
    {2, 9,
     "900118|A00000118|Desjardins||Thérèse||tdesjardins||none@none.com|100-000-118|MA|1|"
     "31 rue Saint-Jean|||Québec|QC|G1R 2S2|418|5550118||16-SEP-2002|UG|PT|AS|202610|N||"},
    /* gone on day 2 */
    {1, 1,
     "900119|A00000119|Okafor||David||dokafor|dokafor@example.edu||100-000-119|MA|1|"
     "64 Main Street|||Winnipeg|MB|R3T 2N2|204|5550119||21-JAN-2001|UG|FT|AS|202610|N||"},
    {1, 1,
     "900120|A00000120|Peña||Tomás||tpena|tpena@example.edu||100-000-120|MA|1|"
     "65 Main Street|||Winnipeg|MB|R3T 2N3|204|5550120||22-JAN-2001|UG|FT|AS|202610|N||"},
    /* the same person under a new id on day 2 */
    {1, 1,
     "900121|A00000121|Fortin||Émile||efortin|efortin@example.edu||100-000-121|MA|1|"
     "4 rue de l'Église|||Gatineau|QC|J8X 3Y3|819|5550121||27-MAY-2000|GR|FT|AS|202610|N||"},
    {2, 9,
     "900121|A00000921|Fortin||Émile||efortin|efortin@example.edu||100-000-121|MA|1|"
     "4 rue de l'Église|||Gatineau|QC|J8X 3Y3|819|5550121||27-MAY-2000|GR|FT|AS|202610|N||"},
    /* day 2: no address of mail at all */
    {2, 9,
     "900122|A00000122|Whitefeather||Kateri||kwhitefeather|||100-000-122|MA|1|"
     "2 Harbour Drive|||Toronto|ON|M5V 2T2|416|5550122||18-JUL-2005|UG|FT|AS|202610|N||"},
    /* day 2: a name that was encoded twice */
    {2, 9,
     "900123|A00000123|Nuñez||JosÃ©||jnunez|jnunez@example.edu||100-000-123|MA|1|"
     "99 Elm Avenue|||Rochester|NY|14627|585|5550123||04-APR-2005|UG|FT|AS|202610|N||"},
    /* day 2: a surname of 55 characters */
    {2, 9,
     "900124|A00000124|Featherstonehaugh-Cholmondeley-Marjoribanks-Wriothesley||Ursula||ufeather|"
     "ufeather@example.edu||100-000-124|MA|1|1 Elm Avenue|||Ottawa|ON|K1A 2B2|613|5550124||"
     "06-NOV-2004|UG|FT|AS|202610|N||"},
    /* day 2: one id, two different rows */
    {2, 9,
     "900125|A00000125|Gagnon||Samuel||sgagnon|sgagnon@example.edu||100-000-125|MA|1|"
     "8 Bank Street|||Ottawa|ON|K2P 8H8|613|5550125||29-FEB-2004|UG|FT|AS|202610|N||"},
    {2, 9,
     "900125|A00000125|Gagné||Samuel||sgagnon|sgagnon@example.edu||100-000-125|MA|1|"
     "8 Bank Street|||Ottawa|ON|K2P 8H8|613|5550125||29-FEB-2004|UG|FT|AS|202610|N||"},
    /* day 2: new, with an address of mail that belongs to another person: OPS-COM refuses */
    {2, 9,
     "900126|A00000126|Roy||Alexandre||aroy2|aroy@example.edu||100-000-126|MA|1|"
     "19 rue Sherbrooke|||Montréal|QC|H3A 6G6|514|5550126||12-DEC-2004|UG|FT|AS|202610|N||"},
    /* day 2: new */
    {2, 9,
     "900127|A00000127|Beauséjour||Océane||obeausejour|obeausejour@example.edu||100-000-127|MA|1|"
     "55 boulevard René-Lévesque|||Québec|PQ|G1R 7S7|418|5550127||01-JUN-2006|UG|FT|AS|202610|N||"},
    {2, 9,
     "900128|A00000128|Ångström||Björn||bangstrom|bangstrom@example.edu||100-000-128|MA|1|"
     "7 Maple Crescent|||Burlington|VT|054011234|802|5550128||07-JAN-2006|EX|PT|AS|202610|N||"},
};

/* ------------------------------------------------------------------------------- writing */

enum encoding { UTF_8, WINDOWS_1252, UTF_16LE };

static struct {
    enum encoding encoding;
    size_t length;
    char bytes[1 << 20];
} out;

/* The windows-1252 byte of a code point; 0: it has none. */
static unsigned char byte_1252(uint32_t point)
{
    static const struct {
        uint16_t point;
        unsigned char byte;
    } others[] = {{0x2019, 0x92}, {0x2018, 0x91}, {0x201C, 0x93}, {0x201D, 0x94},
                  {0x0160, 0x8A}, {0x0161, 0x9A}, {0x017D, 0x8E}, {0x017E, 0x9E}};
    if (point < 0x80 || (point >= 0xA0 && point < 0x100))
        return (unsigned char)point;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i].point == point)
            return others[i].byte;
    return 0;
}

/* Decodes one code point of the table's own UTF-8 (up to three bytes). */
static const char *decode(const char *at, uint32_t *point)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (*byte < 0x80)
        return *point = *byte, at + 1;
    if (*byte < 0xE0)
        return *point = (*byte & 31u) << 6 | (byte[1] & 63u), at + 2;
    return *point = (*byte & 15u) << 12 | (byte[1] & 63u) << 6 | (byte[2] & 63u), at + 3;
}

/* Into one byte a character where that is wanted, otherwise as it is. */
static char *encoded(const char *string)
{
    char *copy = malloc(strlen(string) + 1), *end = copy;
    if (!copy)
        exit(1);
    if (out.encoding != WINDOWS_1252)
        return strcpy(copy, string);
    while (*string) {
        uint32_t point;
        string = decode(string, &point);
        *end++ = (char)byte_1252(point);
    }
    *end = '\0';
    return copy;
}

static void flush(void)
{
    size_t written = 0;
    if (out.encoding != UTF_16LE) {
        written = fwrite(out.bytes, 1, out.length, stdout);
        if (written != out.length)
            exit(1);
    }
    out.bytes[out.length] = '\0';
    for (const char *at = out.bytes; written < out.length;) {
        uint32_t point;
        at = decode(at, &point);
        putchar((int)(point & 255));
        putchar((int)(point >> 8));
        written = (size_t)(at - out.bytes);
    }
    out.length = 0;
}

static void put_bytes(const char *bytes, size_t length)
{
    memcpy(out.bytes + out.length, bytes, length);
    out.length += length;
}

static void put(const char *string)
{
    put_bytes(string, strlen(string));
}

static void put_number(uint64_t number, int width)
{
    char digits[24], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number || digits + sizeof digits - at < width);
    put_bytes(at, (size_t)(digits + sizeof digits - at));
}

/* A cell, in quotes where it needs them. */
static void put_cell(const char *cell, size_t length)
{
    bool quoted = false;
    for (size_t i = 0; i < length; i++)
        quoted = quoted || cell[i] == ',' || cell[i] == '"' || cell[i] == '\n';
    if (!quoted) {
        put_bytes(cell, length);
        return;
    }
    put("\"");
    for (size_t i = 0; i < length; i++) {
        if (cell[i] == '"')
            put("\"");
        put_bytes(cell + i, 1);
    }
    put("\"");
}

/* ------------------------------------------------------------------------------- one person */

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

enum trait { NAME = 1, HOME, PHONE, BIRTH, STUDY, RARE, CHANGE, LEAVE, NEW };

struct life {
    uint64_t seed;
    int day;
    double changes; /* share of the people a day */
};

static uint64_t draw(const struct life *life, uint64_t person, enum trait trait, unsigned version)
{
    return mix(mix(life->seed ^ person << 12) ^ ((uint64_t)trait << 32 | version));
}

static bool happens(uint64_t random, double share)
{
    return (double)(random >> 11) / 9007199254740992.0 < share;
}

/* What changed last about a person, and on which day: version 1 is as they came. */
struct versions {
    unsigned name, home, phone, preferred;
};

static struct versions versions_of(const struct life *life, uint64_t person)
{
    struct versions versions = {1, 1, 1, 1};
    for (int day = 2; day <= life->day; day++) {
        uint64_t random = draw(life, person, CHANGE, (unsigned)day);
        if (!happens(random, life->changes))
            continue;
        unsigned *const what[] = {&versions.home,  &versions.home, &versions.home,
                                  &versions.phone, &versions.name, &versions.preferred};
        *what[random % COUNT_OF(what)] = (unsigned)day;
    }
    return versions;
}

static bool has_left(const struct life *life, uint64_t person)
{
    for (int day = 2; day <= life->day; day++)
        if (happens(draw(life, person, LEAVE, (unsigned)day), 0.004))
            return true;
    return false;
}

static void put_zip(const char *shape, uint64_t random)
{
    for (; *shape; shape++, random /= 10) {
        char digit = (char)('0' + random % 10);
        put_bytes(*shape == '#' ? &digit : shape, 1);
    }
}

static void put_names(const struct life *life, uint64_t person, const struct versions *versions)
{
    uint64_t first = draw(life, person, NAME, 1), last = draw(life, person, NAME, versions->name);
    uint64_t user = first >> 20;
    const struct name *given = &first_names[first % COUNT_OF(first_names)];
    put(last_names[(last >> 20) % COUNT_OF(last_names)].written);
    put(",");
    if (last % 37 == 0)
        put(prefixes[(last >> 8) % COUNT_OF(prefixes)]);
    put(",");
    put(given->written);
    put(",");
    if (first % 11 == 0 || versions->preferred > 1)
        put(preferred[mix(first + versions->preferred) % COUNT_OF(preferred)]);
    for (int i = 0; i < 2; i++) { /* the login, then the address that is made of it */
        put(",");
        put(given->plain);
        put(last_names[user % COUNT_OF(last_names)].plain);
        put_number(person + 1, 1);
    }
    put("@example.edu,");
    if (first % 5 == 0) {
        put("p");
        put_number(person + 1, 1);
        put("@example.com");
    }
}

static void put_home(const struct life *life, uint64_t person, const struct versions *versions,
                     int other)
{
    uint64_t random = draw(life, person, HOME, versions->home + 1000u * (unsigned)other);
    const struct city *city = &cities[(random >> 8) % COUNT_OF(cities)];
    char street[96];
    int length =
        snprintf(street, sizeof street, city->american || random % 3 ? "%u %s" : "%u, %s",
                 (unsigned)(random >> 32) % 999 + 1, streets[(random >> 16) % COUNT_OF(streets)]);
    put(other ? "PR,1," : "MA,1,");
    put_cell(street, (size_t)length);
    put(",");
    if (random % 4 == 0) {
        put("Apt ");
        put_number((random >> 40) % 60 + 1, 1);
    }
    put(",,");
    put(city->name);
    put(",");
    put(city->code);
    put(",");
    put_zip(city->zip, random >> 24);
    put(",");
    random = draw(life, person, PHONE, versions->phone);
    if (random % 20) {
        put(city->area);
        put(",55501");
        put_number((random >> 8) % 100, 2);
    } else {
        put(",");
    }
    put(",");
    if ((random >> 16) % 6 == 0) {
        put("514-555-01");
        put_number((random >> 24) % 100, 2);
    }
}

static void put_study(const struct life *life, uint64_t person)
{
    uint64_t birth = draw(life, person, BIRTH, 1), study = draw(life, person, STUDY, 1);
    uint64_t rare = draw(life, person, RARE, 1);
    put_number(birth % 28 + 1, 2);
    put("-");
    put(months[(birth >> 8) % 12]);
    put("-");
    put_number((birth >> 16) % 8 ? 2000 + (birth >> 20) % 8 : 1960 + (birth >> 20) % 40, 4);
    put(study % 9 == 0 ? ",EX" : study % 4 == 0 ? ",GR" : ",UG");
    put((study >> 8) % 5 ? ",FT" : ",PT");
    put(rare % 50 == 0 ? ",IS" : (rare >> 8) % 7 ? ",AS" : ",RE");
    put(",202610");
    put((rare >> 16) % 200 == 0 ? ",Y" : ",N");
    put((rare >> 24) % 1000 == 0 ? ",Y," : ",,");
    if ((rare >> 32) % 40 == 0) {
        put("ON/X");
        put_number((rare >> 40) % 10000, 4);
        put("-55501-");
        put_number(person % 100000, 5);
    }
    put("\n");
}

/* Ids and PIDMs rise with the person's number, with gaps. */
static void put_row(const struct life *life, uint64_t person, int other)
{
    struct versions versions = versions_of(life, person);
    uint64_t gap = draw(life, person, NEW, 1) % 7;
    if (out.length > sizeof out.bytes - 4096)
        flush();
    put_number(1000000 + person * 7 + gap, 1);
    put(",A");
    put_number(1000000 + person * 7 + gap, 8);
    put(",");
    put_names(life, person, &versions);
    put(",");
    put_number(200000000 + person, 9);
    put(",");
    put_home(life, person, &versions, other);
    put(",");
    put_study(life, person);
}

static int rows_of(const struct life *life, uint64_t person)
{
    return draw(life, person, RARE, 2) % 100 == 0 ? 2 : 1;
}

/* ------------------------------------------------------------------------------- the file */

static uint64_t put_specials(int day)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        if (day < specials[i].first || day > specials[i].last)
            continue;
        char *row = encoded(specials[i].cells), *cell = row;
        for (;;) {
            size_t length = strcspn(cell, "|");
            put_cell(cell, length);
            cell += length;
            if (!*cell++)
                break;
            put(",");
        }
        put("\n");
        free(row);
        rows++;
    }
    return rows;
}

/* Day 1's people are as many as give 'rows' rows; returns the rows written. */
static uint64_t put_people(const struct life *life, uint64_t rows)
{
    uint64_t person = 0, of_day_one = 0, written = 0;
    for (; of_day_one < rows; person++) {
        int own = rows_of(life, person);
        if (of_day_one + (uint64_t)own > rows)
            own = 1;
        of_day_one += (uint64_t)own;
        if (life->day > 1 && has_left(life, person))
            continue;
        for (int other = 0; other < own; other++, written++)
            put_row(life, person, other);
    }
    uint64_t joined = (uint64_t)((double)rows * 0.005 * (life->day - 1) + 0.999);
    for (; life->day > 1 && joined > 0; joined--, person++, written++)
        put_row(life, person, 0);
    return written;
}

static void encode_tables(void)
{
    for (size_t i = 0; i < COUNT_OF(first_names); i++)
        first_names[i].written = encoded(first_names[i].written);
    for (size_t i = 0; i < COUNT_OF(last_names); i++)
        last_names[i].written = encoded(last_names[i].written);
    for (size_t i = 0; i < COUNT_OF(cities); i++)
        cities[i].name = encoded(cities[i].name);
    for (size_t i = 0; i < COUNT_OF(streets); i++)
        streets[i] = encoded(streets[i]);
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        prefixes[i] = encoded(prefixes[i]);
    for (size_t i = 0; i < COUNT_OF(preferred); i++)
        preferred[i] = encoded(preferred[i]);
}

static int usage(void)
{
    fputs("usage: generate --rows N --seed N [--day N] [--changes PERCENT]\n"
          "                [--encoding utf-8|windows-1252|utf-16le] [--special] [--trailer]\n",
          stderr);
    return 2;
}

static bool set_encoding(const char *name)
{
    static const char *const names[] = {"utf-8", "windows-1252", "utf-16le"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i])) {
            out.encoding = (enum encoding)i;
            return true;
        }
    return false;
}

struct wish {
    uint64_t rows;
    struct life life;
    bool special, trailer;
};

static bool parse(struct wish *wish, int count, char *words[])
{
    *wish = (struct wish){.life = {.seed = 1, .day = 1, .changes = 0.02}};
    out.encoding = WINDOWS_1252;
    for (int i = 1; i < count; i++) {
        const char *name = words[i], *value = i + 1 < count ? words[i + 1] : NULL;
        bool takes = true;
        if (!strcmp(name, "--special"))
            wish->special = true, takes = false;
        else if (!strcmp(name, "--trailer"))
            wish->trailer = true, takes = false;
        else if (!value)
            return false;
        else if (!strcmp(name, "--rows"))
            wish->rows = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--seed"))
            wish->life.seed = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--day"))
            wish->life.day = atoi(value);
        else if (!strcmp(name, "--changes"))
            wish->life.changes = strtod(value, NULL) / 100;
        else if (strcmp(name, "--encoding") != 0 || !set_encoding(value))
            return false;
        i += takes;
    }
    return wish->rows > 0 && wish->life.day > 0;
}

int main(int count, char *words[])
{
    struct wish wish;
    if (!parse(&wish, count, words))
        return usage();
    wish.life.seed = mix(wish.life.seed);
    encode_tables();
    if (out.encoding == UTF_16LE)
        put("\xEF\xBB\xBF"); /* becomes FF FE */
    put(heading);
    uint64_t rows = wish.special ? put_specials(wish.life.day) : 0;
    rows += put_people(&wish.life, wish.rows);
    if (wish.trailer) {
        put("\n");
        put_number(rows, 1);
        put(" rows selected.\n");
    }
    flush();
    return fflush(stdout) == 0 ? 0 : 1;
}
