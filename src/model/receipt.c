#include "model/receipt.h"

void buf_receipt(struct buf *buf, struct str domain_key, int64_t seq, const struct sha256 *hash)
{
    buf_add(buf, domain_key);
    buf_char(buf, ':');
    buf_i64(buf, seq);
    buf_char(buf, ':');
    buf_base64(buf, hash->bytes, SHA256_SIZE);
}

bool receipt_read(struct str text, struct receipt *ret_receipt)
{
    struct str rest = str_trim(text);
    struct receipt receipt;
    receipt.domain = str_cut(&rest, ':');
    struct str seq_text = str_cut(&rest, ':');
    uint64_t seq = 0;
    if (receipt.domain.n == 0 || !str_to_u64(seq_text, INT64_MAX, &seq) || seq == 0 ||
        !base64_read(rest, receipt.hash.bytes, SHA256_SIZE))
        return false;
    receipt.seq = (int64_t)seq;
    *ret_receipt = receipt;
    return true;
}
