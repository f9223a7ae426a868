/*
 * Tokens and their families as they are stored (sql/0003_token.sql).
 */
#ifndef BZCTRL_STORE_TOKEN_H
#define BZCTRL_STORE_TOKEN_H

#include "db/db.h"
#include "model/token.h"

enum err store_token_family_add(struct db *db, struct op *op,
                                const struct token_family *family) MUST_CHECK;

/* Ends a family, and with it all its tokens. Ending one twice changes nothing. */
enum err store_token_family_end(struct db *db, struct op *op, int64_t family_id) MUST_CHECK;

/* Stores a new token of a family that is stored. */
enum err store_token_add(struct db *db, struct op *op, const struct token *token) MUST_CHECK;

/* Reads a token with its family, whatever its state; texts are in op->arena. ERR_NOT_FOUND. */
enum err store_token_get(struct db *db, struct op *op, const struct sha256 *hash,
                         struct token *ret_token) MUST_CHECK;
enum err store_token_get_by_id(struct db *db, struct op *op, int64_t id,
                               struct token *ret_token) MUST_CHECK;

/* Records that a refresh token was exchanged at `used_at` for `successor_id`, if its successor
 * is still `before` (0: none). ERR_RETRY when another node was faster: run the transaction
 * again. */
enum err store_token_exchange(struct db *db, struct op *op, int64_t id, int64_t before,
                              int64_t used_at, int64_t successor_id) MUST_CHECK;

enum err store_token_revoke(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* Extends a session, which is used now. */
enum err store_token_extend(struct db *db, struct op *op, int64_t id,
                            int64_t expires_at) MUST_CHECK;

/* Deletes expired tokens, and expired empty families, at most 256 of each; reports whether there
 * may be more. */
enum err store_tokens_drop(struct db *db, struct op *op, int64_t now, bool *ret_more) MUST_CHECK;

#endif
