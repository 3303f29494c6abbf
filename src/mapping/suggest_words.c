#include "suggest_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "mapping_private.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { WORDS_MAX = 12, WORD_BYTES = 24, NUMBER_MAX = 9 };

/* A heading's words in capitals; accents and the number at its end taken off. */
struct words {
    char items[WORDS_MAX][WORD_BYTES];
    size_t count;
    unsigned number;
};

/* Headings without blanks and signs. */
static const struct {
    const char *key;
    enum role role;
} meanings[] = {
    {"ID", ROLE_ID},
    {"IDNUMBER", ROLE_ID},
    {"IDNO", ROLE_ID},
    {"IDNUM", ROLE_ID},
    {"BANNERID", ROLE_ID},
    {"BANNERIDNUMBER", ROLE_ID},
    {"BANNERNUMBER", ROLE_ID},
    {"UUUID", ROLE_ID},
    {"UNIQUEID", ROLE_ID},
    {"UNIVERSITYID", ROLE_ID},
    {"PERSONID", ROLE_ID},
    {"CAMPUSID", ROLE_ID},
    {"EMPLID", ROLE_ID},
    {"MATRICULE", ROLE_ID},
    {"CODEPERMANENT", ROLE_ID},
    {"UDCID", ROLE_OTHER_ID},
    {"SOURCEDID", ROLE_OTHER_ID},
    {"BARCODE", ROLE_OTHER_ID},
    {"CARDNUMBER", ROLE_OTHER_ID},
    {"PIDM", ROLE_PIDM},
    {"PERPIDM", ROLE_PIDM},
    {"PERSONUID", ROLE_PIDM},
    {"LOGINSOURCE", ROLE_LOGIN_SOURCE},
    {"FIRSTNAME", ROLE_FIRST_NAME},
    {"FIRST", ROLE_FIRST_NAME},
    {"FNAME", ROLE_FIRST_NAME},
    {"GIVENNAME", ROLE_FIRST_NAME},
    {"LEGALFIRSTNAME", ROLE_FIRST_NAME},
    {"PRENOM", ROLE_FIRST_NAME},
    {"PREFFIRSTNAME", ROLE_PREFERRED_FIRST},
    {"PREFFIRST", ROLE_PREFERRED_FIRST},
    {"PREFF", ROLE_PREFERRED_FIRST},
    {"PREFNAME", ROLE_PREFERRED_FIRST},
    {"PREFERREDNAME", ROLE_PREFERRED_FIRST},
    {"PREFERREDFIRSTNAME", ROLE_PREFERRED_FIRST},
    {"PREFERREDFIRST", ROLE_PREFERRED_FIRST},
    {"CHOSENNAME", ROLE_PREFERRED_FIRST},
    {"CHOSENFIRSTNAME", ROLE_PREFERRED_FIRST},
    {"LASTNAME", ROLE_LAST_NAME},
    {"LAST", ROLE_LAST_NAME},
    {"LNAME", ROLE_LAST_NAME},
    {"SURNAME", ROLE_LAST_NAME},
    {"FAMILYNAME", ROLE_LAST_NAME},
    {"LEGALLASTNAME", ROLE_LAST_NAME},
    {"NOM", ROLE_LAST_NAME},
    {"NOMDEFAMILLE", ROLE_LAST_NAME},
    {"PREFL", ROLE_PREFERRED_LAST},
    {"PREFLASTNAME", ROLE_PREFERRED_LAST},
    {"PREFERREDLASTNAME", ROLE_PREFERRED_LAST},
    {"SURNAMEPREFIX", ROLE_SURNAME_PREFIX},
    {"LASTNAMEPREFIX", ROLE_SURNAME_PREFIX},
    {"NAME", ROLE_WHOLE_NAME},
    {"FULLNAME", ROLE_WHOLE_NAME},
    {"FULLNAMELFMI", ROLE_WHOLE_NAME},
    {"STUDENTNAME", ROLE_WHOLE_NAME},
    {"USERNAME", ROLE_USER_NAME},
    {"STUUSERNAME", ROLE_USER_NAME},
    {"EXTERNALUSER", ROLE_USER_NAME},
    {"NETID", ROLE_USER_NAME},
    {"LOGIN", ROLE_USER_NAME},
    {"LOGINID", ROLE_USER_NAME},
    {"LOGINNAME", ROLE_USER_NAME},
    {"EMAIL", ROLE_EMAIL},
    {"MAIL", ROLE_EMAIL},
    {"EMAILADDR", ROLE_EMAIL},
    {"EMAILADDRESS", ROLE_EMAIL},
    {"EMAILPREFERREDADDRESS", ROLE_EMAIL},
    {"PREFERREDEMAIL", ROLE_EMAIL},
    {"EMAILUNIV", ROLE_EMAIL},
    {"EMAILCAMPUS", ROLE_EMAIL},
    {"CAMPUSEMAIL", ROLE_EMAIL},
    {"UNIVERSITYEMAIL", ROLE_EMAIL},
    {"COLLEGEEMAIL", ROLE_EMAIL},
    {"SCHOOLEMAIL", ROLE_EMAIL},
    {"STUDENTEMAIL", ROLE_EMAIL},
    {"WORKEMAIL", ROLE_EMAIL},
    {"COURRIEL", ROLE_EMAIL},
    {"EMAILPERS", ROLE_PERSONAL_EMAIL},
    {"PERSONALEMAIL", ROLE_PERSONAL_EMAIL},
    {"EMAILPERSONAL", ROLE_PERSONAL_EMAIL},
    {"HOMEEMAIL", ROLE_PERSONAL_EMAIL},
    {"ALTEMAIL", ROLE_PERSONAL_EMAIL},
    {"STREET", ROLE_STREET},
    {"STREETLINE", ROLE_STREET},
    {"STREETADDRESS", ROLE_STREET},
    {"ADDRESS", ROLE_STREET},
    {"ADDRESSLINE", ROLE_STREET},
    {"ADDR", ROLE_STREET},
    {"ADDRLINE", ROLE_STREET},
    {"ADRESSE", ROLE_STREET},
    {"CITY", ROLE_CITY},
    {"TOWN", ROLE_CITY},
    {"VILLE", ROLE_CITY},
    {"STATE", ROLE_STATE},
    {"STAT", ROLE_STATE},
    {"STATCODE", ROLE_STATE},
    {"STATECODE", ROLE_STATE},
    {"STATEPROVINCE", ROLE_STATE},
    {"PROVINCE", ROLE_STATE},
    {"PROV", ROLE_STATE},
    {"ZIP", ROLE_ZIP},
    {"ZIPCODE", ROLE_ZIP},
    {"POSTALCODE", ROLE_ZIP},
    {"POSTCODE", ROLE_ZIP},
    {"CODEPOSTAL", ROLE_ZIP},
    {"AREA", ROLE_AREA},
    {"AREACODE", ROLE_AREA},
    {"PHONEAREA", ROLE_AREA},
    {"PHONEAREACODE", ROLE_AREA},
    {"PHONE", ROLE_PHONE},
    {"PHONENUMBER", ROLE_PHONE},
    {"PHONENO", ROLE_PHONE},
    {"TELEPHONE", ROLE_PHONE},
    {"TELEPHONENUMBER", ROLE_PHONE},
    {"CELLAREA", ROLE_CELL_AREA},
    {"CELLAREACODE", ROLE_CELL_AREA},
    {"CELL", ROLE_CELL},
    {"CELLNUMBER", ROLE_CELL},
    {"CELLPHONE", ROLE_CELL},
    {"CELLPHONENUMBER", ROLE_CELL},
    {"PHONECELL", ROLE_CELL},
    {"MOBILE", ROLE_CELL},
    {"MOBILEPHONE", ROLE_CELL},
    {"MOBILENUMBER", ROLE_CELL},
    {"CELLULAIRE", ROLE_CELL},
    {"ALTAREA", ROLE_OTHER_AREA},
    {"ALTAREACODE", ROLE_OTHER_AREA},
    {"HOMEAREA", ROLE_OTHER_AREA},
    {"HOMEAREACODE", ROLE_OTHER_AREA},
    {"ALTPHONE", ROLE_OTHER_PHONE},
    {"ALTPHONENUMBER", ROLE_OTHER_PHONE},
    {"HOMEPHONE", ROLE_OTHER_PHONE},
    {"HOMEPHONENUMBER", ROLE_OTHER_PHONE},
    {"HOMENUMBER", ROLE_OTHER_PHONE},
    {"PERMPHONE", ROLE_OTHER_PHONE},
    {"CAMPUSPHONE", ROLE_OTHER_PHONE},
    {"STUDENTPHONE", ROLE_OTHER_PHONE},
    {"WORKAREA", ROLE_WORK_AREA},
    {"WORKAREACODE", ROLE_WORK_AREA},
    {"WORKPHONE", ROLE_WORK_PHONE},
    {"WORKNUMBER", ROLE_WORK_PHONE},
    {"OFFICEPHONE", ROLE_WORK_PHONE},
    {"BUSINESSPHONE", ROLE_WORK_PHONE},
    {"EMPLOYEEPHONE", ROLE_WORK_PHONE},
    {"STUDENTNO", ROLE_STUDENT_NO},
    {"STUDENTNUMBER", ROLE_STUDENT_NO},
    {"STUDENTID", ROLE_STUDENT_NO},
    {"STUID", ROLE_STUDENT_NO},
    {"EMPLOYNO", ROLE_EMPLOY_NO},
    {"EMPLOYEENO", ROLE_EMPLOY_NO},
    {"EMPLOYEENUMBER", ROLE_EMPLOY_NO},
    {"EMPLOYEEID", ROLE_EMPLOY_NO},
    {"STAFFID", ROLE_EMPLOY_NO},
    {"STAFFNUMBER", ROLE_EMPLOY_NO},
    {"USERTYPEID", ROLE_USER_TYPE},
    {"LEVL", ROLE_TYPE_CODE},
    {"LEVLCODE", ROLE_TYPE_CODE},
    {"LEVEL", ROLE_TYPE_CODE},
    {"STUDENTLEVEL", ROLE_TYPE_CODE},
    {"FTPT", ROLE_TYPE_CODE},
    {"FULLPARTTIMEIND", ROLE_TYPE_CODE},
    {"FULLPART", ROLE_TYPE_CODE},
    {"STYPCODE", ROLE_TYPE_CODE},
    {"ECLSCODE", ROLE_TYPE_CODE},
    {"USERGROUP", ROLE_TYPE_CODE},
    {"PATRON", ROLE_TYPE_CODE},
    {"PATRONTYPE", ROLE_TYPE_CODE},
    {"ROLE", ROLE_TYPE_CODE},
    {"ROLECODE", ROLE_TYPE_CODE},
    {"ROLECODES", ROLE_TYPE_CODE},
    {"ROLES", ROLE_TYPE_CODE},
    {"BIRTHDATE", ROLE_BIRTH},
    {"USERBIRTHDATE", ROLE_BIRTH},
    {"DATEOFBIRTH", ROLE_BIRTH},
    {"DOB", ROLE_BIRTH},
    {"DATEDENAISSANCE", ROLE_BIRTH},
    {"DRIVERLIC", ROLE_LICENCE},
    {"DRIVERLICENCE", ROLE_LICENCE},
    {"DRIVERLICENSE", ROLE_LICENCE},
    {"DRIVERLICENCENUM", ROLE_LICENCE},
    {"DRIVERLICENSENUM", ROLE_LICENCE},
    {"DRIVERLICSTAT", ROLE_LICENCE_STATE},
    {"STATCODEDRIVER", ROLE_LICENCE_STATE},
    {"DRIVERLICENCEPROV", ROLE_LICENCE_STATE},
    {"DRIVERLICENSESTATE", ROLE_LICENCE_STATE},
    {"STST", ROLE_STUDENT_STATUS},
    {"STSTCODE", ROLE_STUDENT_STATUS},
    {"STUDENTSTATUS", ROLE_STUDENT_STATUS},
    {"STUDENTSTATUSCODE", ROLE_STUDENT_STATUS},
    {"STATUS", ROLE_STUDENT_STATUS},
    {"EMPLSTATUS", ROLE_STAFF_STATUS},
    {"EMPLOYEESTATUS", ROLE_STAFF_STATUS},
    {"TERM", ROLE_TERM},
    {"TERMCODE", ROLE_TERM},
    {"TERMCODEEFF", ROLE_TERM},
    {"ACADEMICPERIOD", ROLE_TERM},
    {"CONFID", ROLE_CONFIDENTIAL},
    {"CONFIDIND", ROLE_CONFIDENTIAL},
    {"CONFIDENTIALITYIND", ROLE_CONFIDENTIAL},
    {"CONFIDENTIALITYINDICATOR", ROLE_CONFIDENTIAL},
    {"DEAD", ROLE_DECEASED},
    {"DEADIND", ROLE_DECEASED},
    {"DECEASED", ROLE_DECEASED},
    {"DECEASEDIND", ROLE_DECEASED},
    {"ENTITYIND", ROLE_ENTITY},
    {"CHANGEIND", ROLE_CHANGE},
    {"ATYPCODE", ROLE_ADDRESS_TYPE},
    {"ADDRESSTYPE", ROLE_ADDRESS_TYPE},
    {"SEQNO", ROLE_SEQUENCE},
    {"TERMINATIONDT", ROLE_END_DATE},
    {"TERMINATIONDATE", ROLE_END_DATE},
    {"EXPIRYDATE", ROLE_END_DATE},
    {"ENDDATE", ROLE_END_DATE},
    {"MI", ROLE_NO_FIELD},
    {"MIDDLENAME", ROLE_NO_FIELD},
    {"MIDDLEINITIAL", ROLE_NO_FIELD},
    {"MIDDLE", ROLE_NO_FIELD},
    {"NAMEPREFIX", ROLE_NO_FIELD},
    {"NAMESUFFIX", ROLE_NO_FIELD},
    {"SUFFIX", ROLE_NO_FIELD},
    {"USERTITLE", ROLE_NO_FIELD},
    {"GENDER", ROLE_NO_FIELD},
    {"SEX", ROLE_NO_FIELD},
    {"COUNTRY", ROLE_NO_FIELD},
    {"CAMPUSCOUNTRY", ROLE_NO_FIELD},
    {"PERMCOUNTRY", ROLE_NO_FIELD},
    {"NATNCODE", ROLE_NO_FIELD},
    {"NATION", ROLE_NO_FIELD},
    {"PHONEEXT", ROLE_NO_FIELD},
    {"PREFERREDLANGUAGE", ROLE_NO_FIELD},
    {"CAMPUSCODE", ROLE_NO_FIELD},
    {"ACTIVITYDATE", ROLE_NO_FIELD},
    {"NTYPCODE", ROLE_NO_FIELD},
};

static const char *const tables[] = {"SPRIDEN", "SPBPERS", "GOREMAL", "GOBTPAC", "GOBUMAP",
                                     "SPRADDR", "SPRTELE", "SGBSTDN", "SFRSTCR", "SFBETRM",
                                     "PEBEMPL", "NBRJOBS", "GORADID", "GOBINTL", "SPRMEDI",
                                     "SPVADDS", "SPVTELE", "VW"};

static const struct {
    const char *word;
    enum place place;
} places[] = {
    {"MAILING", PLACE_MAILING},     {"MAIL", PLACE_MAILING}, {"MA", PLACE_MAILING},
    {"CURRENT", PLACE_MAILING},     {"LOCAL", PLACE_LOCAL},  {"LO", PLACE_LOCAL},
    {"CAMPUS", PLACE_CAMPUS},       {"HOME", PLACE_HOME},    {"PERM", PLACE_PERMANENT},
    {"PERMANENT", PLACE_PERMANENT}, {"PR", PLACE_PERMANENT}, {"ALT", PLACE_PERMANENT},
};

/* ---------------------------------------------------------------- words */

/* The capital without its accent; 0 for what is no letter and no digit. */
static char letter_of(uint32_t point)
{
    static const char *const accented[] = {
        "A\u00C0\u00C1\u00C2\u00C4", "C\u00C7",
        "E\u00C8\u00C9\u00CA\u00CB", "I\u00CD\u00CE\u00CF",
        "O\u00D3\u00D4\u00D6",       "U\u00D9\u00DA\u00DB\u00DC"};
    if (point < 0x80)
        return isalnum((int)point) ? (char)toupper((int)point) : '\0';
    if (point >= 0xE0 && point <= 0xFE)
        point -= 0x20;
    char encoded[5] = {0};
    utf8_encode(point, encoded);
    for (size_t i = 0; i < COUNT_OF(accented); i++) {
        if (strstr(accented[i] + 1, encoded))
            return accented[i][0];
    }
    return '\0';
}

/* Whether a word ends between two characters: "firstName", "STREET1". */
static bool word_breaks(uint32_t before, uint32_t point)
{
    if (before >= 0x80 || point >= 0x80)
        return false;
    bool turns = islower((int)before) && isupper((int)point);
    return turns || !isdigit((int)before) != !isdigit((int)point);
}

static void words_add(struct words *words, char letter, bool is_new)
{
    if (is_new && words->count < WORDS_MAX)
        words->items[words->count++][0] = '\0';
    char *word = words->items[words->count - 1];
    size_t length = strlen(word);
    if (length + 1 < WORD_BYTES) {
        word[length] = letter;
        word[length + 1] = '\0';
    }
}

static struct words words_of(const char *heading)
{
    struct words words = {0};
    const char *dot = strrchr(heading, '.');
    const char *at = dot && dot[1] ? dot + 1 : heading;
    size_t length = strlen(at);
    uint32_t before = ' ', point;
    if (utf8_valid_prefix(at, length) != length)
        return words;
    for (size_t i = 0; i < length; before = point) {
        i += utf8_decode(at + i, length - i, &point);
        char letter = letter_of(point);
        if (letter)
            words_add(&words, letter, !letter_of(before) || word_breaks(before, point));
    }
    if (words.count > 1 && isdigit((unsigned char)words.items[words.count - 1][0])) {
        unsigned long number = strtoul(words.items[--words.count], NULL, 10);
        words.number = number <= NUMBER_MAX ? (unsigned)number : 0;
    }
    return words;
}

/* ---------------------------------------------------------------- meanings */

static bool word_is_table(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        if (text_is(tables[i], word))
            return true;
    }
    return false;
}

static enum role role_find(const struct words *words, size_t first)
{
    struct text key = {0};
    enum role role = ROLE_NONE;
    for (size_t i = first; i < words->count; i++)
        text_add(&key, words->items[i]);
    for (size_t i = 0; i < COUNT_OF(meanings) && !role; i++) {
        if (text_is(meanings[i].key, text_string(&key)))
            role = meanings[i].role;
    }
    text_clear(&key);
    return role;
}

struct meaning heading_meaning(const char *heading)
{
    struct meaning meaning = {.place = PLACE_PLAIN};
    if (column_is_secret(heading)) {
        meaning.role = ROLE_SECRET;
        return meaning;
    }
    struct words words = words_of(heading);
    size_t first = 0;
    while (first + 1 < words.count && word_is_table(words.items[first]))
        first++;
    meaning.number = words.number;
    meaning.role = role_find(&words, first);
    if (meaning.role || first + 1 >= words.count)
        return meaning;
    enum role role = role_find(&words, first + 1);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (role >= ROLE_STREET && role <= ROLE_ZIP && text_is(places[i].word, words.items[first]))
            meaning = (struct meaning){role, places[i].place, words.number};
    }
    return meaning;
}
