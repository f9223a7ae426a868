/*
 * References of customs procedures in the Union, as Annex B of Delegated Regulation (EU) 2015/2446
 * writes them. Only their form is checked; only customs can tell whether a reference was ever
 * issued.
 */
#ifndef BZCTRL_FORM_CUSTOMS_H
#define BZCTRL_FORM_CUSTOMS_H

#include "base/str.h"

/* Local reference number: 1 to 22 printable ASCII characters without blanks. */
bool lrn_well_formed(struct str text);

/* Movement (master) reference number, 18 characters: two digits of the year, the country, twelve
 * letters or digits, one more that may identify the procedure, and a check digit over all the
 * others. */
bool mrn_well_formed(struct str text);

/* Customs office, 8 characters: the country and six letters or digits. */
bool office_well_formed(struct str text);

#endif
