/*
 * The text of a form: how it is stored, and how it is written for people who review it and keep it
 * beside their code. What it says is model/form_json.h's affair.
 */
#ifndef BZCTRL_MODEL_FORM_DOCUMENT_H
#define BZCTRL_MODEL_FORM_DOCUMENT_H

#include "base/buf.h"
#include "base/op.h"

/* Takes a document as it was sent, for storing: without the blanks between its tokens, in
 * op->arena. *ret_name is the text of its member "name"; absent when it has none. ERR_SYNTAX: it is
 * no JSON object of a size that is taken, op->detail says why. */
enum err form_document_take(struct op *op, struct str text, struct str *ret_document,
                            struct str *ret_name) MUST_CHECK;

/* Appends a document for review: one member or element a line, always in the same order and
 * spelling, so that the same form is the same text. `name` is that of the form, should the document
 * not have it. ERR_SYNTAX as above; what the buffer says. */
enum err form_document_write(struct op *op, struct str document, struct str name,
                             struct buf *buf) MUST_CHECK;

#endif
