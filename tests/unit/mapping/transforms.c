#include "mapped.h"

/*
 * T1 to T45 and F1 to F14 of the page on exports, with its examples. 'fields' is the rest of a mapping's fields (the id
 * is column ID, or written here), 'row' the cells under 'heading'. 'value' is what 'field' becomes; NULL: it is left
 * out, or, with 'code', the row is rejected for it. The mapping is 'refused' when that is the documented result.
 */
struct transform {
    const char *number;
    const char *more, *fields, *heading, *row;
    enum field field;
    const char *value;
    const char *code;
    enum { MAPS, REJECTS, LEAVES_OUT, STOPS, REFUSED } result;
};

#define CITY(steps)  "\"city\": { \"from\": \"X\", \"do\": [" steps "] }"
#define PLAIN(field) "\"" field "\": { \"from\": \"X\" }"
#define PROVINCES                                                                                  \
    "\"lists\": { \"province\": { \"ONT\": \"ON\", \"PQ\": \"QC\", \"QUE\": \"QC\", \"NF\": "      \
    "\"NL\","                                                                                      \
    " \"ON\": \"ON\", \"ONTARIO\": \"ON\" } },"
#define TYPES                                                                                      \
    "\"lists\": { \"user_type\": { \"UG,FT\": \"1\", \"UG,PT\": \"9\", \"STAFF,FT\": \"7\" } },"
#define TYPE_FIELD                                                                                 \
    "\"user_type_id\": { \"join\": [\"X\", \"Y\"], \"with\": \",\", \"list\": \"user_type\" }"
#define BORN(masks, more)                                                                          \
    "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": [" masks "]" more " }"
#define PHONE                                                                                      \
    "\"phone_cell\": { \"join\": [\"X\", \"Y\"], \"with\": \"\", \"do\": [\"digits\", "            \
    "\"phone ###-###-####\"], \"if_wrong\": \"leave out field\" }"
#define LEAVE(rule) "\"people\": { \"leave_out\": [ { " rule ", \"because\": \"so\" } ] },"
#define KEEP(rule)  "\"people\": { \"keep\": [ { " rule ", \"because\": \"so\" } ] },"

static const struct transform transforms[] = {
    {"T1", "", CITY("\"trim\""), "ID|X", "1|  Smith   ", FIELD_CITY, "Smith", NULL, MAPS},
    {"T1", "", CITY("\"trim\""), "ID|X", "1|\xC2\xA0Smith\xC2\xA0 ", FIELD_CITY, "Smith", NULL,
     MAPS},
    {"T1", "", CITY("\"one space\""), "ID|X", "1|Mary  Ann", FIELD_CITY, "Mary Ann", NULL, MAPS},
    {"T1", "", CITY("\"one space\""), "ID|X", "1|Mary \xC2\xA0 Ann\tLee", FIELD_CITY,
     "Mary Ann Lee", NULL, MAPS},
    {"T2", "\"file\": { \"empty_means\": [\"(null)\", \"NULL\", \"N/A\", \"--\", \".\"] },",
     PLAIN("city"), "ID|X", "1|(null)", FIELD_CITY, NULL, NULL, MAPS},
    {"T2", "\"file\": { \"empty_means\": [\"(null)\", \"NULL\", \"N/A\", \"--\", \".\"] },",
     PLAIN("city"), "ID|X", "1| N/A\xC2\xA0", FIELD_CITY, NULL, NULL, MAPS},
    {"T2", "\"file\": { \"empty_means\": [\"(null)\", \"NULL\", \"N/A\", \"--\", \".\"] },",
     PLAIN("city"), "ID|X", "1|...", FIELD_CITY, "...", NULL, MAPS},
    {"T3", "\"file\": { \"encoding\": \"windows-1252\" },", PLAIN("last_name"), "ID|X",
     "1|M\xC3\xBCller", FIELD_LAST_NAME, "M\xC3\xBCller", NULL, MAPS},
    {"T4", "\"file\": { \"encoding\": \"windows-1252\" },", PLAIN("last_name"), "ID|X",
     "1|O\xE2\x80\x99Neil", FIELD_LAST_NAME, "O\xE2\x80\x99Neil", NULL, MAPS},
    {"T5", "", CITY("\"straight quotes\""), "ID|X",
     "1|O\xE2\x80\x99Neil \xE2\x80\x9C\xC3\x89\xE2\x80\x9D", FIELD_CITY, "O'Neil \"\xC3\x89\"",
     NULL, MAPS},
    {"T6", "", PLAIN("last_name"), "ID|X", "1|Jos\xC3\x83\xC2\xA9", FIELD_LAST_NAME, NULL,
     "damaged", REJECTS},
    {"T6", "", CITY("\"repair\""), "ID|X", "1|x", FIELD_CITY, NULL, "no step called", REFUSED},
    {"T7", "", PLAIN("last_name"), "ID|X", "1|Re\xCC\x81my", FIELD_LAST_NAME, "R\xC3\xA9my", NULL,
     MAPS},
    {"T8", "", CITY("\"one line\""), "ID|X", "1|12 Main St\nApt 4", FIELD_CITY, "12 Main St, Apt 4",
     NULL, MAPS},
    {"T8", "", CITY("\"one line\""), "ID|X", "1|12 Main St,\r\n Apt\t4\n", FIELD_CITY,
     "12 Main St, Apt 4", NULL, MAPS},
    {"T8", "", PLAIN("city"), "ID|X", "1|12 Main St\nApt\t4", FIELD_CITY, "12 Main St\nApt\t4",
     NULL, MAPS},
    {"T9", "", CITY("\"pad 9 0\""), "ID|X", "1|123456", FIELD_CITY, "000123456", NULL, MAPS},
    {"T9", "", CITY("\"pad 9 0\""), "ID|X", "1|1234567890", FIELD_CITY, "1234567890", NULL, MAPS},
    {"T9", "", CITY("\"pad 3 \xC3\xA9\""), "ID|X", "1|\xC3\xBC", FIELD_CITY,
     "\xC3\xA9\xC3\xA9\xC3\xBC", NULL, MAPS},
    {"T10", "", "\"student_no\": { \"from\": \"X\", \"do\": [\"excel guards\"] }", "ID|X",
     "1|=\"000123456\"", FIELD_STUDENT_NO, "000123456", NULL, MAPS},
    {"T10", "", "\"student_no\": { \"from\": \"X\", \"do\": [\"excel guards\"] }", "ID|X",
     "1|'000123456", FIELD_STUDENT_NO, "000123456", NULL, MAPS},
    {"T10", "", PLAIN("student_no"), "ID|X", "1|=\"000123456\"", FIELD_STUDENT_NO, NULL, "damaged",
     REJECTS},
    {"T11", "", "\"student_no\": { \"from\": \"X\", \"do\": [\"first of .\"] }", "ID|X",
     "1|900123456.0", FIELD_STUDENT_NO, "900123456", NULL, MAPS},
    {"T12", "", PLAIN("student_no"), "ID|X", "1|1.23457E+11", FIELD_STUDENT_NO, NULL, "damaged",
     REJECTS},
    {"T12", "", "\"student_no\": { \"from\": \"X\", \"do\": [\"digits\"] }", "ID|X",
     "1|9.00123E+08", FIELD_STUDENT_NO, NULL, "damaged", REJECTS},
    {"T12", "", PLAIN("city"), "ID|X", "1|1.23457E+11", FIELD_CITY, "1.23457E+11", NULL, MAPS},
    {"T13", "", PLAIN("student_no"), "ID|X", "1|@00123456", FIELD_STUDENT_NO, "@00123456", NULL,
     MAPS},
    {"T13", "", "\"student_no\": { \"from\": \"X\", \"do\": [\"remove @\"] }", "ID|X",
     "1|@00123456", FIELD_STUDENT_NO, "00123456", NULL, MAPS},
    {"T14", "", "\"student_no\": { \"from\": \"X\", \"pattern\": \"^A0[0-9]{7}$\" }", "ID|X",
     "1|A05233818", FIELD_STUDENT_NO, "A05233818", NULL, MAPS},
    {"T14", "", "\"student_no\": { \"from\": \"X\", \"pattern\": \"^A0[0-9]{7}$\" }", "ID|X",
     "1|A523381", FIELD_STUDENT_NO, NULL, "pattern", REJECTS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|O'BRIEN", FIELD_CITY, "O'Brien", NULL, MAPS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|DE LA CRUZ", FIELD_CITY, "De La Cruz", NULL, MAPS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|ST-PIERRE", FIELD_CITY, "St-Pierre", NULL, MAPS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|van Dyk", FIELD_CITY, "van Dyk", NULL, MAPS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|\xC3\x89MILE L\xC3\x89VESQUE", FIELD_CITY,
     "\xC3\x89mile L\xC3\xA9vesque", NULL, MAPS},
    {"T15", "", CITY("\"names\""), "ID|X", "1|MCDONALD", FIELD_CITY, "Mcdonald", NULL, MAPS},
    {"T16", "", "\"first_name\": { \"from\": [\"X\", \"Y\"] }", "ID|X|Y", "1||William",
     FIELD_FIRST_NAME, "William", NULL, MAPS},
    {"T16", "", "\"first_name\": { \"from\": [\"X\", \"Y\"] }", "ID|X|Y", "1|Bill|William",
     FIELD_FIRST_NAME, "Bill", NULL, MAPS},
    {"T17", "", "\"last_name\": { \"join\": [\"X\", \"Y\"], \"with\": \" \" }", "ID|X|Y",
     "1|van|Dyk", FIELD_LAST_NAME, "van Dyk", NULL, MAPS},
    {"T17", "", "\"last_name\": { \"join\": [\"X\", \"Y\"], \"with\": \" \" }", "ID|X|Y",
     "1|Smith|Jr", FIELD_LAST_NAME, "Smith Jr", NULL, MAPS},
    {"T17", "", "\"last_name\": { \"join\": [\"X\", \"Y\"], \"with\": \" \" }", "ID|X|Y", "1| |Dyk",
     FIELD_LAST_NAME, "Dyk", NULL, MAPS},
    {"T18", "", CITY("\"first of  - \""), "ID|X", "1|AS - Active", FIELD_CITY, "AS", NULL, MAPS},
    {"T18", "", CITY("\"after  - \""), "ID|X", "1|AS - Active", FIELD_CITY, "Active", NULL, MAPS},
    {"T19", "", BORN("\"DD-MON-YYYY\"", ""), "ID|X", "1|05-JAN-1999", FIELD_DATE_OF_BIRTH,
     "1999-01-05", NULL, MAPS},
    {"T19", "", BORN("\"MM/DD/YYYY\"", ""), "ID|X", "1|01/05/1999", FIELD_DATE_OF_BIRTH,
     "1999-01-05", NULL, MAPS},
    {"T19", "", BORN("\"DDMONYYYY\"", ""), "ID|X", "1|05JAN1999", FIELD_DATE_OF_BIRTH, "1999-01-05",
     NULL, MAPS},
    {"T19", "", BORN("\"YYYYMMDD\"", ""), "ID|X", "1|19990105", FIELD_DATE_OF_BIRTH, "1999-01-05",
     NULL, MAPS},
    {"T19", "", BORN("\"YYYY-MM-DD HH24:MI:SS\"", ""), "ID|X", "1|1999-01-05 00:00:00",
     FIELD_DATE_OF_BIRTH, "1999-01-05", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|05-JAN-49",
     FIELD_DATE_OF_BIRTH, "1949-01-05", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|05-JAN-20",
     FIELD_DATE_OF_BIRTH, "1920-01-05", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|05-JAN-05",
     FIELD_DATE_OF_BIRTH, "2005-01-05", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|10-JAN-12",
     FIELD_DATE_OF_BIRTH, "2012-01-10", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|11-JAN-12",
     FIELD_DATE_OF_BIRTH, "1912-01-11", NULL, MAPS},
    {"T20", "", BORN("\"DD-MON-YY\"", ""), "ID|X", "1|x", FIELD_DATE_OF_BIRTH, NULL, "youngest",
     REFUSED},
    {"T21", "", "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\" }", "ID|X",
     "1|03/04/2001", FIELD_DATE_OF_BIRTH, NULL, "type", REJECTS},
    {"T21", "", BORN("\"MM/DD/YYYY\", \"DD/MM/YYYY\"", ""), "ID|X", "1|x", FIELD_DATE_OF_BIRTH,
     NULL, "two different days", REFUSED},
    {"T22", "", BORN("\"DD-MON-YYYY\"", ", \"if_wrong\": \"leave out field\""), "ID|X",
     "1|31-FEB-2001", FIELD_DATE_OF_BIRTH, NULL, NULL, MAPS},
    {"T22", "",
     BORN("\"DD-MON-YYYY\"", ", \"never\": \"1900-01-01\", \"if_wrong\": \"leave out field\""),
     "ID|X", "1|01-JAN-1900", FIELD_DATE_OF_BIRTH, NULL, NULL, MAPS},
    {"T22", "",
     BORN("\"DD/MM/YYYY\"",
          ", \"between\": [\"1900-01-01\", \"today\"], \"if_wrong\": \"leave out field\""),
     "ID|X", "1|01/01/0001", FIELD_DATE_OF_BIRTH, NULL, NULL, MAPS},
    {"T23", "", BORN("\"DD-MON-YY\"", ", \"youngest\": 14"), "ID|X", "1|05-F\xC3\x89VR.-99",
     FIELD_DATE_OF_BIRTH, "1999-02-05", NULL, MAPS},
    {"T24", "", BORN("\"DD-MON-YYYY\"", ""), "ID|X", "1|36165", FIELD_DATE_OF_BIRTH, NULL, "type",
     REJECTS},
    {"T25", "", PHONE, "ID|X|Y", "1|613|5551212", FIELD_PHONE_CELL, "613-555-1212", NULL, MAPS},
    {"T25", "", PHONE, "ID|X|Y", "1|613|5551212 204", FIELD_PHONE_CELL, NULL, NULL, MAPS},
    {"T26", "", PHONE, "ID|X|Y", "1|--|", FIELD_PHONE_CELL, NULL, NULL, MAPS},
    {"T26", "", PHONE, "ID|X|Y", "1|- |-", FIELD_PHONE_CELL, NULL, NULL, MAPS},
    {"T26", "",
     "\"phone_cell\": { \"from\": \"X\", \"never\": \"000-0000\", \"if_wrong\": \"leave out "
     "field\" }",
     "ID|X", "1|000-0000", FIELD_PHONE_CELL, NULL, NULL, MAPS},
    {"T27", "", PLAIN("phone_cell"), "ID|X", "1|+33 1 23 45 67 89", FIELD_PHONE_CELL,
     "+33 1 23 45 67 89", NULL, MAPS},
    {"T28", "", "\"street\": { \"join\": [\"X\", \"Y\", \"Z\"], \"with\": \", \" }", "ID|X|Y|Z",
     "1|c/o Anne Roy|Apt 4|12 rue Saint-Jean", FIELD_STREET,
     "c/o Anne Roy, Apt 4, 12 rue Saint-Jean", NULL, MAPS},
    {"T28", "", "\"street\": { \"join\": [\"X\", \"Y\", \"Z\"], \"with\": \", \" }", "ID|X|Y|Z",
     "1|c/o Anne Roy||12 rue Saint-Jean", FIELD_STREET, "c/o Anne Roy, 12 rue Saint-Jean", NULL,
     MAPS},
    {"T29", PROVINCES,
     "\"province\": { \"from\": \"X\", \"do\": [\"upper\"], \"list\": \"province\" }", "ID|X",
     "1|PQ", FIELD_PROVINCE, "QC", NULL, MAPS},
    {"T29", PROVINCES,
     "\"province\": { \"from\": \"X\", \"do\": [\"upper\"], \"list\": \"province\" }", "ID|X",
     "1|Ontario", FIELD_PROVINCE, "ON", NULL, MAPS},
    {"T29", PROVINCES,
     "\"province\": { \"from\": \"X\", \"do\": [\"upper\"], \"list\": \"province\" }", "ID|X",
     "1|on", FIELD_PROVINCE, "ON", NULL, MAPS},
    {"T30", PROVINCES,
     "\"province\": { \"from\": \"X\", \"list\": \"province\", \"if_wrong\": \"leave out field\" }",
     "ID|X", "1|BY", FIELD_PROVINCE, NULL, NULL, MAPS},
    {"T31", "", "\"postal_code\": { \"from\": \"X\", \"do\": [\"postal code\"] }", "ID|X",
     "1|k1a0b1", FIELD_POSTAL_CODE, "K1A 0B1", NULL, MAPS},
    {"T31", "", "\"postal_code\": { \"from\": \"X\", \"do\": [\"postal code\"] }", "ID|X",
     "1| K1A-0B1 ", FIELD_POSTAL_CODE, "K1A 0B1", NULL, MAPS},
    {"T31", "", PLAIN("postal_code"), "ID|X", "1|HOHOHO", FIELD_POSTAL_CODE, "HOHOHO", NULL, MAPS},
    {"T32", "", "\"postal_code\": { \"from\": \"X\", \"do\": [\"postal code\"] }", "ID|X",
     "1|123451212", FIELD_POSTAL_CODE, "12345-1212", NULL, MAPS},
    {"T32", "", "\"postal_code\": { \"from\": \"X\", \"do\": [\"postal code\"] }", "ID|X", "1|2115",
     FIELD_POSTAL_CODE, NULL, "step", REJECTS},
    {"T32", "", "\"postal_code\": { \"from\": \"X\", \"do\": [\"pad 5 0\", \"postal code\"] }",
     "ID|X", "1|2115", FIELD_POSTAL_CODE, "02115", NULL, MAPS},
    {"T33", "",
     "\"email\": { \"from\": \"X\", \"do\": [\"first of ;\", \"trim\", \"lower\"], \"type\": "
     "\"email\" }",
     "ID|X", "1| JDoe@Uni.CA;jd@x.com", FIELD_EMAIL, "jdoe@uni.ca", NULL, MAPS},
    {"T34", "", "\"email\": { \"from\": [\"X\", \"Y\", \"Z\"] }", "ID|X|Y|Z",
     "1||jdoe@uni.ca|x@gmail.com", FIELD_EMAIL, "jdoe@uni.ca", NULL, MAPS},
    {"T35", "",
     "\"email\": { \"from\": \"X\", \"never\": [\"none@none.com\"], \"if_wrong\": \"leave out "
     "field\" }",
     "ID|X", "1|none@none.com", FIELD_EMAIL, NULL, NULL, MAPS},
    {"T36", "", "\"user_name\": { \"from\": \"X\", \"do\": [\"before @\"] }", "ID|X",
     "1|jdoe@uni.ca", FIELD_USER_NAME, "jdoe", NULL, MAPS},
    {"T36", "", "\"user_name\": { \"from\": \"X\", \"do\": [\"before @\"] }", "ID|X", "1|jdoe",
     FIELD_USER_NAME, NULL, "step", REJECTS},
    {"T37", "", "\"email\": { \"from\": \"X\", \"do\": [\"add @uni.ca after\"] }", "ID|X", "1|jdoe",
     FIELD_EMAIL, "jdoe@uni.ca", NULL, MAPS},
    {"T37", "", CITY("\"add No.  before\""), "ID|X", "1|5", FIELD_CITY, "No. 5", NULL, MAPS},
    {"T38", TYPES, TYPE_FIELD, "ID|X|Y", "1|UG|FT", FIELD_USER_TYPE_ID, "1", NULL, MAPS},
    {"T38", TYPES, TYPE_FIELD, "ID|X|Y", "1|STAFF|FT", FIELD_USER_TYPE_ID, "7", NULL, MAPS},
    {"T38", TYPES, TYPE_FIELD, "ID|X|Y", "1|XQ|", FIELD_USER_TYPE_ID, NULL, "list", REJECTS},
    {"T39", "", PLAIN("city"), "ID|X", "1|x", FIELD_LOGIN_SOURCE, "SAML", NULL, MAPS},
    {"T40", "",
     "\"employ_no\": { \"from\": \"ID\", \"when\": { \"column\": \"X\", \"is\": \"EMP\" } }",
     "ID|X", "1|STU", FIELD_EMPLOY_NO, NULL, NULL, MAPS},
    {"T40", "",
     "\"employ_no\": { \"from\": \"ID\", \"when\": { \"column\": \"X\", \"is\": \"EMP\" } }",
     "ID|X", "1|EMP", FIELD_EMPLOY_NO, "1", NULL, MAPS},
    {"T41", "", PLAIN("last_name"), "ID|X",
     "1|abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", FIELD_LAST_NAME, NULL, "too_long",
     REJECTS},
    {"T41", "", "\"last_name\": { \"from\": \"X\", \"if_long\": \"cut to fit\" }", "ID|X",
     "1|abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", FIELD_LAST_NAME,
     "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij", NULL, MAPS},
    {"T41", "", "\"last_name\": { \"from\": \"X\", \"if_long\": \"leave out field\" }", "ID|X",
     "1|abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", FIELD_LAST_NAME, NULL, NULL, MAPS},
    {"T42", "", PLAIN("phone_cell"), "ID|X", "1|", FIELD_PHONE_CELL, NULL, NULL, MAPS},
    {"T42", "", "\"phone_cell\": { \"from\": \"X\", \"if_empty\": \"send empty\" }", "ID|X", "1|",
     FIELD_PHONE_CELL, "", NULL, MAPS},
    {"T44", "", "\"street2\": { \"from\": \"street_1#2\" }", "ID|Street_1|City|Street_1",
     "1|one|town|two", FIELD_STREET2, "two", NULL, MAPS},
    {"T44", "", "\"street2\": { \"from\": \"col(4)\" }", "ID|Street_1|City|Street_1",
     "1|one|town|two", FIELD_STREET2, "two", NULL, MAPS},
    {"T45", "", "\"student_no\": { \"from\": \"SPBPERS_SSN\" }", "ID|SPBPERS_SSN", "1|x",
     FIELD_STUDENT_NO, NULL, "never sent", REFUSED},

    {"F2", LEAVE("\"column\": \"X\", \"empty\": false"), PLAIN("city"), "ID|X", "1|N", FIELD_CITY,
     NULL, "leave_out", LEAVES_OUT},
    {"F3", LEAVE("\"column\": \"X\", \"is\": \"C\""), PLAIN("city"), "ID|X", "1|C", FIELD_CITY,
     NULL, "leave_out", LEAVES_OUT},
    {"F4", LEAVE("\"column\": \"X\", \"is\": \"Y\""), PLAIN("city"), "ID|X", "1| Y ", FIELD_CITY,
     NULL, "leave_out", LEAVES_OUT},
    {"F5", LEAVE("\"column\": \"X\", \"is\": \"Y\""), PLAIN("city"), "ID|X", "1|N", FIELD_CITY, "N",
     NULL, MAPS},
    {"F6", LEAVE("\"column\": \"X\", \"matches\": \"^MULTIPLE ID|DUPLICATE DO NOT USE\""),
     PLAIN("city"), "ID|X", "1|MULTIPLE ID 48512 Schumann", FIELD_CITY, NULL, "leave_out",
     LEAVES_OUT},
    {"F6", LEAVE("\"column\": \"X\", \"matches\": \"^MULTIPLE ID|DUPLICATE DO NOT USE\""),
     PLAIN("city"), "ID|X", "1|Smith - DUPLICATE DO NOT USE", FIELD_CITY, NULL, "leave_out",
     LEAVES_OUT},
    {"F7", KEEP("\"column\": \"X\", \"in\": [\"AS\"]"), PLAIN("city"), "ID|X", "1|IS", FIELD_CITY,
     NULL, "keep", LEAVES_OUT},
    {"F7", KEEP("\"column\": \"X\", \"matches\": \"^AS( - |$)\""), CITY("\"first of  - \""), "ID|X",
     "1|AS - Active", FIELD_CITY, "AS", NULL, MAPS},
    {"F8", KEEP("\"column\": \"X\", \"in\": [\"202610\", \"202620\"]"), PLAIN("city"), "ID|X",
     "1|202510", FIELD_CITY, NULL, "keep", LEAVES_OUT},
    {"F8",
     "\"file\": { \"must_hold\": [ { \"column\": \"X\", \"in\": [\"202610\"], \"because\": "
     "\"term\" } ] },",
     PLAIN("city"), "ID|X", "1|202510", FIELD_CITY, NULL, "must_hold", STOPS},
    {"F9", LEAVE("\"column\": \"X\", \"before\": \"today\", \"written\": [\"DD-MON-YYYY\"]"),
     PLAIN("city"), "ID|X", "1|30-JUN-2025", FIELD_CITY, NULL, "leave_out", LEAVES_OUT},
    {"F9", LEAVE("\"column\": \"X\", \"before\": \"today\", \"written\": [\"DD-MON-YYYY\"]"),
     "\"city\": { \"value\": \"x\" }", "ID|X", "1|10-JAN-2026", FIELD_CITY, "x", NULL, MAPS},
    {"F9", LEAVE("\"column\": \"X\", \"before\": \"today\", \"written\": [\"DD-MON-YYYY\"]"),
     "\"city\": { \"value\": \"x\" }", "ID|X", "1|", FIELD_CITY, "x", NULL, MAPS},
    {"F9", LEAVE("\"column\": \"X\", \"before\": \"today\", \"written\": [\"DD-MON-YYYY\"]"),
     PLAIN("city"), "ID|X", "1|2025-06-30", FIELD_CITY, NULL, "type", REJECTS},
    {"F10", KEEP("\"column\": \"X\", \"in\": [\"A\", \"L\"]"), PLAIN("city"), "ID|X", "1|T",
     FIELD_CITY, NULL, "keep", LEAVES_OUT},
    {"F13", "\"people\": { \"merge\": true },", PLAIN("city"), "ID|X", "1|x", FIELD_CITY, NULL,
     "no key called", REFUSED},
    {"F14", "", "\"email\": { \"from\": \"X\", \"required\": true }", "ID|X", "1| ", FIELD_EMAIL,
     NULL, "required", REJECTS},
};

static void check_refused(const struct transform *transform)
{
    char *errors = errors_around(transform->more, transform->fields);
    ck_assert_msg(strstr(errors, transform->code) != NULL, "%s: %s", transform->number, errors);
    free(errors);
}

static void check_mapped(const struct transform *transform)
{
    static const enum row_verdict verdicts[] = {[MAPS] = ROW_VALID,
                                                [REJECTS] = ROW_REJECTED,
                                                [LEAVES_OUT] = ROW_LEFT_OUT,
                                                [STOPS] = ROW_STOP};
    struct mapping *mapping = load_around(transform->more, transform->fields);
    bind_to(mapping, transform->heading);
    struct mapper *mapper = mapper_new(mapping, test_day);
    const struct mapped_row *row = apply_to(mapper, transform->row);
    ck_assert_msg(row->verdict == verdicts[transform->result], "%s %s: verdict %d: %s",
                  transform->number, transform->row, (int)row->verdict,
                  row->finding_count ? row->findings[0].message : "");
    if (transform->result == MAPS)
        assert_value(row, transform->field, transform->value);
    else
        ck_assert_str_eq(row->findings[0].code, transform->code);
    mapper_free(mapper);
    mapping_free(mapping);
}

START_TEST(every_transform_and_filter_of_the_page_gives_what_it_says)
{
    for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++) {
        if (transforms[i].result == REFUSED)
            check_refused(&transforms[i]);
        else
            check_mapped(&transforms[i]);
    }
}
END_TEST

START_TEST(T43_new_only_fields_are_marked_in_the_profile)
{
    struct mapping *mapping =
        load_around("", "\"user_type_id\": { \"from\": \"X\", \"send\": \"new people only\" }");
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    const struct mapped_row *row = apply_to(mapper, "1|6");
    assert_value(row, FIELD_USER_TYPE_ID, "6");
    ck_assert_uint_eq(row->profile.new_only, FIELD_BIT(FIELD_USER_TYPE_ID));
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

/* Which of two rows of one person wins by 'prefer'. */
static int rank_order(struct mapper *mapper, const char *one, const char *other)
{
    const struct mapped_row *row = apply_to(mapper, one);
    struct text first = {0};
    text_add_bytes(&first, text_string(&row->rank), row->rank.length);
    row = apply_to(mapper, other);
    size_t least = first.length < row->rank.length ? first.length : row->rank.length;
    int order = memcmp(text_string(&first), text_string(&row->rank), least);
    if (order == 0)
        order = (first.length > row->rank.length) - (first.length < row->rank.length);
    text_clear(&first);
    return order;
}

START_TEST(F12_prefer_picks_among_the_rows_of_one_person)
{
    static const struct {
        const char *better, *worse;
    } pairs[] = {
        {"1|MA|2", "1|MA|1"},      {"1|MA|1", "1|PR|3"},   {"1|PR|3", "1|XX|9"},
        {"1|MA|10", "1|MA|9"},     {"1|MA|0", "1|MA|"},    {"1|PR|1", "1||9"},
        {"1|MA|2.5", "1|MA|2.25"}, {"1|MA|1", "1|MA|-1"},  {"1|MA|-1", "1|MA|-2"},
        {"1|MA|x", "1|MA|99"},     {"1|MA|b", "1|MA|aaa"}, {"1|MA|ab", "1|MA|a"},
    };
    struct mapping *mapping = load_around(
        "\"people\": { \"prefer\": [ { \"column\": \"T\", \"order\": [\"MA\", \"PR\"] }, { "
        "\"column\": \"N\", \"take\": \"highest\" } ] },",
        "\"city\": { \"value\": \"x\" }");
    ck_assert(mapping_has_prefer(mapping));
    bind_to(mapping, "ID|T|N");
    struct mapper *mapper = mapper_new(mapping, test_day);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ck_assert_msg(rank_order(mapper, pairs[i].better, pairs[i].worse) > 0, "%s against %s",
                      pairs[i].better, pairs[i].worse);
        ck_assert_int_lt(rank_order(mapper, pairs[i].worse, pairs[i].better), 0);
    }
    ck_assert_int_eq(rank_order(mapper, "1|MA|007", "1|MA|7.0"), 0);
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

START_TEST(F12_prefer_lowest_takes_the_lowest_but_never_an_empty_one)
{
    struct mapping *mapping =
        load_around("\"people\": { \"prefer\": [ { \"column\": \"N\", \"take\": \"lowest\" } ] },",
                    "\"city\": { \"value\": \"x\" }");
    bind_to(mapping, "ID|N");
    struct mapper *mapper = mapper_new(mapping, test_day);
    ck_assert_int_gt(rank_order(mapper, "1|2", "1|10"), 0);
    ck_assert_int_gt(rank_order(mapper, "1|-3", "1|2"), 0);
    ck_assert_int_gt(rank_order(mapper, "1|2.25", "1|2.5"), 0);
    ck_assert_int_gt(rank_order(mapper, "1|a", "1|ab"), 0);
    ck_assert_int_gt(rank_order(mapper, "1|5", "1|a"), 0);
    ck_assert_int_gt(rank_order(mapper, "1|a", "1|"), 0);
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, every_transform_and_filter_of_the_page_gives_what_it_says);
    tcase_add_test(tests, T43_new_only_fields_are_marked_in_the_profile);
    tcase_add_test(tests, F12_prefer_picks_among_the_rows_of_one_person);
    tcase_add_test(tests, F12_prefer_lowest_takes_the_lowest_but_never_an_empty_one);
}

int main(void)
{
    return unit_run("mapping/transforms", all);
}
