/* The follower that does what rules say (core/rule_pass.h). */
#include "core/rule_pass.h"
#include "follow/follower.h"

static enum err rules_open(struct core *core, struct op *op, void **ret_state)
{
    struct rule_pass *pass;
    enum err err = rule_pass_open(core, op, &pass);
    if (err == ERR_OK)
        *ret_state = pass;
    return err;
}

static void rules_close(void *state)
{
    rule_pass_close(state);
}

static enum err rules_step(void *state, struct op *op, enum follow_step *ret_step)
{
    enum rule_pass_end end;
    enum err err = rule_pass_step(state, op, &end);
    if (err == ERR_OK)
        *ret_step = end == RULE_PASS_AWAY   ? FOLLOW_AWAY
                    : end == RULE_PASS_MORE ? FOLLOW_MORE
                                            : FOLLOW_CURRENT;
    return err;
}

const struct follow_kind follow_rules = {
    .name = "rules",
    .metric = FOLLOWER_RULES,
    .open = rules_open,
    .close = rules_close,
    .step = rules_step,
};
