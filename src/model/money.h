/*
 * Amounts of euros, kept as whole cents. contract.md, "Creating", financialImpact.
 */
#ifndef BZCTRL_MODEL_MONEY_H
#define BZCTRL_MODEL_MONEY_H

#include "model/faults.h"

/* 10 000 000 000 000 euros. */
#define CENTS_MAX INT64_C(1000000000000000)

/* Reads "123577", "123577.5" or "123577.50": digits with at most two decimals, without exponent,
 * sign, blank or separator. On false *ret_fault says why: NOT_A_NUMBER, NEGATIVE, TOO_PRECISE or
 * TOO_LARGE. */
bool money_read(struct str text, int64_t *ret_cents, enum fault_code *ret_fault);

/* The same as people type it, with separators of thousands: "10.000", "10.000,50" and "10,000.50". A
 * single '.' or ',' that exactly three digits follow separates thousands; with one or two digits after
 * it, it is the decimal one. What could be either ("0.500") is refused, and so is a group alone ("000"). */
bool money_read_typed(struct str text, int64_t *ret_cents);

/* Takes a JSON number by its double value, which must be a whole number of cents: the double that
 * is nearest to it. That distinguishes every cent up to CENTS_MAX from its neighbours. */
bool money_of_number(double euros, int64_t *ret_cents, enum fault_code *ret_fault);

#endif
