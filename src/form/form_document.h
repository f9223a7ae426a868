/*
 * The text of a form: how it is stored, and how it is written for people who review it and keep it
 * beside their code. form/form_json.h reads what it means.
 */
#ifndef BZCTRL_FORM_FORM_DOCUMENT_H
#define BZCTRL_FORM_FORM_DOCUMENT_H

#include "base/buf.h"
#include "base/op.h"

/* Prepares a document for storing: removes the blanks between its tokens; the result is in
 * op->arena. *ret_name is the text of its member "name", or absent. ERR_SYNTAX if it is not a JSON
 * object or is too large; op->detail says why. */
enum err form_document_take(struct op *op, struct str text, struct str *ret_document,
                            struct str *ret_name) MUST_CHECK;

/* Appends a document for review: one member or element a line, always in the same order and
 * spelling, so that the same form is the same text. `name` is the form's, in case the document does
 * not have it. ERR_SYNTAX as above, or an error of the buffer. */
enum err form_document_write(struct op *op, struct str document, struct str name,
                             struct buf *buf) MUST_CHECK;

/* The document of a form that is the default no more: without that member, in the arena. */
enum err form_document_drop_default(struct op *op, struct str document,
                                    struct str *ret_document) MUST_CHECK;

#endif
